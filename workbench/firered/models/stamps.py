"""Stamps: cut-outs with alpha and captions, of the set `stamps` that the user installs."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from firered.errors import ModelError
from firered.models import registry
from firered.models.photographs import FOLDER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[np.uint8]

ENTRY = "stamps"
# What a photograph has and a drawing lacks, measured on the 549 stamps that are no symbols: kinds of colour in bits,
# and how few of its pixels are exactly as bright as their neighbours.
LEAST_ENTROPY = 5.0  # bits, of colours at 5 bits a channel
MOST_FLAT = 0.16  # share
LEAST_PIXELS = 4000  # opaque ones
_ARTICLE = re.compile(r"^(an?|the|some)\s+", re.IGNORECASE)
LONGEST = 5  # words; more is a lesson, not a name


@dataclass(frozen=True)
class Stamp:
    """A cut-out: its path without suffix, its category, the package's captions ('' where none), its size in pixels."""

    path: str
    category: str
    en: str
    zh: str
    width: int
    height: int


@cache
def list_stamps() -> tuple[Stamp, ...]:
    """All installed stamps with alpha, by path; raises ModelError where the set is not installed."""
    folder = _folder()
    found = (_stamp(folder, path) for path in sorted(folder.rglob("*.png")))
    return tuple(stamp for stamp in found if stamp is not None)


@cache
def revision() -> str:
    """Digest of the set: that of its package."""
    return registry.entry(ENTRY).archive[:12]


@cache
def read(path: str) -> "Pixels":
    """Pixels (H, W, 4) uint8 RGBA of a stamp, read-only; raises ModelError for an unknown path."""
    import numpy as np
    from PIL import Image

    file = _folder() / f"{path}.png"
    if not file.is_file():
        raise ModelError(f"stamp {path!r}: not in the set (firered models install {ENTRY})")
    with Image.open(file) as opened:
        if not _has_alpha(opened):
            raise ModelError(f"stamp {path!r}: has no alpha (choose another)")
        pixels = np.array(opened.convert("RGBA"))
    pixels.setflags(write=False)
    return pixels


def photographic(pixels: "Pixels") -> bool:
    """Whether RGBA pixels look like a photograph: many kinds of colour, and hardly a flat spot."""
    opaque = pixels[..., 3] > 200
    if int(opaque.sum()) < LEAST_PIXELS:
        return False
    return entropy(pixels, opaque) >= LEAST_ENTROPY and flatness(pixels, opaque) <= MOST_FLAT


def entropy(pixels: "Pixels", opaque: "NDArray[np.bool_]") -> float:
    """Entropy in bits of the opaque pixels' colours, 32 steps a channel."""
    import numpy as np

    steps = pixels[..., :3][opaque].astype(np.int64) >> 3
    _, counts = np.unique(steps @ np.array([1024, 32, 1]), return_counts=True)
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def flatness(pixels: "Pixels", opaque: "NDArray[np.bool_]") -> float:
    """Share of the pixels well inside that are as bright as their neighbours, 0..1."""
    import cv2
    import numpy as np

    inside = cv2.erode(opaque.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not inside.any():
        return 1.0
    luma = cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float((np.abs(cv2.Laplacian(luma, cv2.CV_32F))[inside] < 0.5).mean())


def clean(caption: str) -> str:
    """A caption as a noun without article and stop: 'A fox.' is 'fox'; '' where it says more than a name."""
    bare = _ARTICLE.sub("", caption.strip().rstrip("。.!！ "))
    return "" if len(bare.split()) > LONGEST else bare


def _folder() -> Path:
    entry = registry.entry(ENTRY)
    folder = registry.where(entry) / FOLDER
    if not folder.is_dir():
        raise ModelError(f"stamps: not installed ({entry.command})")
    return folder


def _stamp(folder: Path, path: Path) -> Stamp | None:
    from PIL import Image

    with Image.open(path) as opened:
        if not _has_alpha(opened):
            return None
        width, height = opened.size
    name = path.relative_to(folder).with_suffix("").as_posix()
    said = _captions(path.with_suffix(".txt"))
    return Stamp(name, name.partition("/")[0], said.get("en", ""), said.get("zh", ""), width, height)


def _has_alpha(opened: "Image.Image") -> bool:
    return opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info


def _captions(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    chinese = (line.partition("=")[2] for line in lines if line.startswith("zh_CN.utf8="))
    return {"en": clean(lines[0]) if lines else "", "zh": clean(next(chinese, ""))}
