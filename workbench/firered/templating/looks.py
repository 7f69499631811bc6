"""What a picture looks like in measured words: shape, size, light, contrast and colours."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from firered.paths import shipped
from firered.templating.filters import Language, Strict, read_yaml
from firered.templating.planes import Pixels, luma

# Hues as most people name them, in degrees of the HSV circle; red goes round the end.
_HUES = (
    (15, "red"),
    (40, "orange"),
    (68, "yellow"),
    (165, "green"),
    (255, "blue"),
    (290, "purple"),
    (340, "pink"),
    (360, "red"),
)
# A colour is named when this share of the picture has it.
_NAMED = 0.15


class Named(Strict):
    """A word in both languages."""

    en: str
    zh: str


class ColorForm(Strict):
    """How dominant colours are listed."""

    some: str
    none: str
    between: str


class Forms(Strict):
    """Words and sentences of the structured caption."""

    orientation: dict[str, Named]
    size: dict[str, Named]
    brightness: dict[str, Named]
    contrast: dict[str, Named]
    saturation: dict[str, Named]
    sentences: dict[Language, str]
    colors: dict[Language, ColorForm]
    names: dict[str, Named]


@dataclass(frozen=True)
class Look:
    """Classes of what was measured; each is a key of the forms."""

    orientation: str
    size: str
    brightness: str
    contrast: str
    saturation: str
    colors: tuple[str, ...]  # most frequent first


@cache
def forms(folder: Path | None = None) -> Forms:
    """Read the words; raises TemplateError naming file and key."""
    root = folder or shipped("templates")
    read: Forms = read_yaml(root / "instructions" / "structured.yaml", Forms)
    return read


def look(pixels: Pixels, width: int, height: int) -> Look:
    """Measure a picture: pixels (H, W, 3) of a small copy, width and height of the whole one."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    tone = luma(pixels)
    strength = float((hsv[..., 1].astype(np.float32) * hsv[..., 2]).mean()) / 255**2
    return Look(
        orientation=_class(width / height, ((0.95, "portrait"), (1.05, "square")), "landscape"),
        size=_class(width * height / 1e6, ((0.3, "small"), (2.0, "medium")), "large"),
        brightness=_class(float(tone.mean()) / 255, ((0.3, "dark"), (0.62, "balanced")), "bright"),
        contrast=_class(float(tone.std()) / 255, ((0.14, "low"), (0.26, "medium")), "high"),
        saturation=_class(strength, ((0.02, "colourless"), (0.12, "muted"), (0.28, "moderate")), "vivid"),
        colors=_colors(hsv),
    )


def caption(seen: Look, words: Forms, language: Language) -> str:
    """One sentence that says the measured classes and nothing else."""
    form = words.colors[language]
    names = form.between.join(getattr(words.names[color], language) for color in seen.colors)
    said: dict[str, str] = {
        part: getattr(getattr(words, part)[getattr(seen, part)], language)
        for part in ("orientation", "size", "brightness", "contrast", "saturation")
    }
    colors = form.some.format(names=names) if names else form.none
    return words.sentences[language].format(colors=colors, **said)


def _class(value: float, bounds: tuple[tuple[float, str], ...], above: str) -> str:
    return next((name for bound, name in bounds if value < bound), above)


def _colors(hsv: Pixels) -> tuple[str, ...]:
    """Names of at most two hues that a large share of the picture has, the largest first."""
    coloured = (hsv[..., 1] > 60) & (hsv[..., 2] > 50)
    hues = hsv[..., 0][coloured].astype(np.float32) * 2
    places = np.searchsorted([bound for bound, _ in _HUES], hues, side="right")
    shares: dict[str, float] = {}
    for place, (_, name) in enumerate(_HUES):
        shares[name] = shares.get(name, 0.0) + float((places == place).sum()) / coloured.size
    found = sorted(
        (name for name, share in shares.items() if share >= _NAMED), key=lambda name: -shares[name]
    )
    return tuple(found[:2])
