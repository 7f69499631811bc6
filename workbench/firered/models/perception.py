"""Readers: what is written in a picture. One protocol, one backend that runs on any machine."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from firered.errors import ModelError
from firered.models import packaged, registry, specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class TextLine:
    """A line of text and where it stands; left, top, right, bottom relative to the picture, 0..1."""

    text: str
    score: float  # 0..1
    box: tuple[float, float, float, float]


class Reader(Protocol):
    """Reads lines of text."""

    name: str
    revision: str

    def read(self, pixels: "Pixels") -> list[TextLine]:
        """Lines in (H, W, 3) uint8 RGB pixels, from the top down, whatever their score."""


def load_reader(spec: str) -> Reader:
    """Load a reader; raises ModelError for a spec that names none."""
    parsed = specs.parse(spec)
    if (parsed.kind, parsed.name) != ("embedded", "rapidocr"):
        raise ModelError(f"reader {spec!r}: unknown (one of: embedded:rapidocr)")
    return RapidReader()


class RapidReader:
    """PP-OCRv6 small, English and Chinese, on the CPU."""

    name = "rapidocr"

    def __init__(self) -> None:
        entry = registry.entry(self.name)
        self.revision = entry.revision
        self._engine = _engine(packaged.check(entry))

    def read(self, pixels: "Pixels") -> list[TextLine]:
        """Lines in (H, W, 3) uint8 RGB pixels, from the top down, whatever their score."""
        import numpy as np

        # The engine was trained on OpenCV's order of channels.
        found = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]))
        if found.txts is None:
            return []
        height, width = pixels.shape[:2]
        lines = zip(found.txts, found.scores, found.boxes, strict=True)
        return [
            TextLine(str(text), float(score), _box(corners, width, height)) for text, score, corners in lines
        ]


def _engine(weights: list[Path]) -> Any:
    """Build the engine on the weights of detection, recognition and classification, in this order."""
    entry = registry.entry("rapidocr")
    chosen = zip(("Det", "Rec", "Cls"), weights, strict=True)
    # Named one by one, so that the files opened are those that were checked, and none is downloaded.
    params: dict[str, Any] = {f"{part}.model_path": str(path) for part, path in chosen}
    # By default small pictures are enlarged to 736 pixels, which costs ten times as much and reads no more.
    params |= {"Det.limit_type": "max", "Det.limit_side_len": 960}
    # Its own logger tells on every picture which files it opened and what it did not find.
    engine = packaged.module(entry, "rapidocr").RapidOCR(params={**params, "Global.log_level": "critical"})
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return engine


def _box(corners: Any, width: int, height: int) -> tuple[float, float, float, float]:
    """Upright box around four corners (4, 2) in pixels, relative and cut to the picture."""
    across = [min(max(float(x) / width, 0.0), 1.0) for x, _ in corners]
    down = [min(max(float(y) / height, 0.0), 1.0) for _, y in corners]
    return min(across), min(down), max(across), max(down)
