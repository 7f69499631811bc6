"""Detectors of faces: where they are in a picture. One protocol, loaded by a spec string."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from firered.errors import ModelError
from firered.models import specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

EMBEDDED = ("mtcnn",)


@dataclass(frozen=True)
class FaceBox:
    """A face and where it is; left, top, right, bottom relative to the picture, 0..1."""

    score: float  # 0..1
    box: tuple[float, float, float, float]


class Detector(Protocol):
    """Finds upright faces."""

    name: str
    revision: str

    def find(self, pixels: "Pixels") -> list[FaceBox]:
        """Faces in (H, W, 3) uint8 RGB pixels, the surest first."""


def load(spec: str, *, least: float) -> Detector:
    """Load a detector of faces whose side is `least` of the longer side or more; raises ModelError."""
    parsed = specs.parse(spec)
    if (parsed.kind, parsed.name) != ("embedded", "mtcnn"):
        known = ", ".join(f"embedded:{name}" for name in EMBEDDED)
        raise ModelError(f"detector {spec!r}: unknown (one of: {known})")
    from firered.models.mtcnn import Mtcnn

    return Mtcnn(least=least)
