"""What is seen where: regions of a picture. One narrow protocol for all that finds them, loaded by a spec string."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firered.errors import ModelError
from firered.models import registry, specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Matte = NDArray[np.float32]
    Points = NDArray[np.float32]

Box = tuple[float, float, float, float]  # left, top, right, bottom, relative to the picture, 0..1
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
EMBEDDED = ("isnet", "selfie", "centernet", "movenet", "mediapipe-pose", "canny")


@dataclass(frozen=True)
class Region:
    """A part of a picture: how sure, where, and what of it the model tells."""

    score: float  # 0..1
    box: Box
    label: str = ""
    matte: "Matte | None" = None  # (H, W) of the picture, 0..1: how much of a pixel belongs to it, or a map
    points: "Points | None" = None  # (N, 3): x, y relative to the picture, and a score 0..1


class Perception(Protocol):
    """Finds regions of one kind."""

    name: str
    revision: str  # identity of the weights, and of all else that changes what is found

    def find(self, pixels: "Pixels") -> list[Region]:
        """Regions of (H, W, 3) uint8 RGB pixels, the surest first."""


class Cutter(Protocol):
    """Cuts out what is in given boxes."""

    name: str
    revision: str

    def cut(self, pixels: "Pixels", boxes: Sequence[Box]) -> list[Region]:
        """One region with a matte for each box of (H, W, 3) uint8 RGB pixels, in their order."""


def load(spec: str, *, labels: Sequence[str] = (), detector: str = "", device: str = "cpu") -> Perception:
    """Load what finds regions; raises ModelError for an unknown or missing one, MissingExtra for its package.

    `labels` are what a model that takes words looks for; `detector` names a class of controlnet-aux.
    """
    parsed = specs.parse(spec)
    if parsed.kind == "embedded":
        return _embedded(parsed.name)
    folder = located(spec)
    if detector:
        from firered.models.annotators import Annotator

        return Annotator(folder, detector, device=device)
    from firered.models import regions_checkpoint

    return regions_checkpoint.load(folder, spec=parsed, labels=tuple(labels), device=device)


def load_cutter(spec: str, *, device: str = "cpu") -> Cutter:
    """Load what cuts out the contents of boxes; raises ModelError, MissingExtra."""
    parsed = specs.parse(spec)
    if (parsed.kind, parsed.name) == ("embedded", "grabcut"):
        from firered.models.grabcut import GrabCut

        return GrabCut()
    if parsed.kind == "embedded":
        raise ModelError(f"cutter {spec!r}: unknown (one of: embedded:grabcut, or a SAM checkpoint by path:)")
    from firered.models import sam

    return sam.load_cutter(located(spec), spec=parsed, device=device)


def check_revision(found: str, wanted: str, *, spec: str, operator: str) -> None:
    """Raise ModelError where what an operator loaded is not the revision that its settings name, if they do."""
    if wanted and not found.startswith(wanted):
        raise ModelError(f"operator {operator!r}: {spec} is {found}, not {wanted} (set revision)")


def located(spec: str) -> Path:
    """Folder or file of a `path:` or an installed `hf:` model; raises ModelError where there is none."""
    parsed = specs.parse(spec)
    if parsed.kind == "hf":
        entry = registry.entry(spec)
        if registry.state(entry) != "installed":
            raise ModelError(f"model {spec!r}: {registry.state(entry)} (firered models install {spec})")
        return registry.where(entry)
    path = Path(parsed.name)
    if parsed.kind != "path" or not path.exists():
        raise ModelError(f"model {spec!r}: nothing there (embedded:NAME, hf:ID@COMMIT or path:FOLDER)")
    return path


def _embedded(name: str) -> Perception:
    from firered.models import annotators, human, isnet
    from firered.models.mediapipe import bodies, persons

    makers: dict[str, Callable[[], Perception]] = {
        "isnet": isnet.shared,
        "selfie": persons.Persons,
        "centernet": human.shared_objects,
        "movenet": human.MoveNet,
        "mediapipe-pose": bodies.Bodies,
        "canny": annotators.Canny,
    }
    if name not in makers:
        raise ModelError(f"perception 'embedded:{name}': unknown (one of: {', '.join(EMBEDDED)})")
    return makers[name]()
