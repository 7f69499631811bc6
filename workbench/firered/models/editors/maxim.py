"""MAXIM: seven networks that restore photographs, each for one kind of damage, from TensorFlow.js graphs."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from firered.errors import ModelError
from firered.models import packaged, registry
from firered.models.editor import EditError, EditRequest
from firered.models.editors import tiles
from firered.models.editors.batches import as_floats, as_pixels, revision
from firered.models.settings import Settings, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.models.tfjs import Graph

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

TASKS = (
    "enhancement",
    "retouching",
    "deblurring",
    "denoising",
    "deraining",
    "dehazing-indoor",
    "dehazing-outdoor",
)
MULTIPLE = 64  # the networks halve a picture three times and look at it in blocks of 8


class MaximSettings(Settings):
    """How the networks are run."""

    device: str = "cpu"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"  # of products; norms are float32 in each
    tile: int = Field(512, ge=64, multiple_of=MULTIPLE)  # pixels; larger pictures are cut
    overlap: int = Field(64, ge=0, le=512)
    batch: int = Field(1, ge=1)  # tiles at a time; more than one pays on a GPU only


def load(name: str, settings: dict[str, Any]) -> "Maxim":
    """Load `maxim-TASK`; raises ModelError for an unknown task or setting."""
    if name.removeprefix("maxim-") not in TASKS:
        known = ", ".join(f"embedded:maxim-{task}" for task in TASKS)
        raise ModelError(f"editor 'embedded:{name}': unknown (one of: {known})")
    return Maxim(name, checked(MaximSettings, settings, what=f"editor 'embedded:{name}'"))


class Maxim:
    """One of the networks; it follows no instruction, its task is its name."""

    def __init__(self, name: str, settings: MaximSettings) -> None:
        self.name = name
        self.device = settings.device
        self.revision = revision(registry.entry(name))
        self._settings = settings

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Restore the first picture of each request, whatever its size."""
        settings = self._settings
        tiling = tiles.Tiling(settings.tile, settings.overlap, MULTIPLE, batch=settings.batch)
        pictures = [as_floats(request.images[0]) for request in requests]
        return [as_pixels(values) for values in tiles.apply(self._network, pictures, tiling)]

    def _network(self, values: "Floats") -> "Floats":
        import torch

        graph = _graph(self.name, self._settings.device, self._settings.dtype)
        # Of the signature's outputs the last one is the picture at full size.
        found: Floats = graph(torch.from_numpy(values))[-1].float().cpu().numpy()
        return found


@cache
def _graph(name: str, device: str, dtype: str) -> "Graph":
    from firered.models.tfjs import Graph

    return Graph(packaged.check(registry.entry(name))[0], device=device, dtype=dtype)
