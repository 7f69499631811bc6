"""Paint: other colours for a thing, its shading and texture kept, in CIELAB."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.composite import light
from firered.synthesis.making import Said
from firered.templating.filters import templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Binary = NDArray[np.bool_]

TOWARDS = 0.7  # share of the difference in L* between the thing and the colour that is taken over
SHINE = 88.0  # L* from which on a spot is a reflection, which has the light's colour


def painted(
    colour: "Pixels", region: "Binary", wanted: "Sequence[float]", *, towards: float = TOWARDS
) -> "Pixels":
    """Colours (H, W, 3) uint8 of a thing whose pixels are `region` (H, W), in a wanted colour (r, g, b 0..255)."""
    planes = light.lab(colour)
    ink = light.lab(np.array([[wanted]], np.uint8))[0, 0]
    usual = float(np.median(planes[..., 0][region])) if region.any() else 50.0
    bright = np.clip(planes[..., 0] + towards * (float(ink[0]) - usual), 0, 100)
    # Chroma falls off in the shade as brightness does, and in a reflection.
    share = np.clip(bright / max(float(ink[0]), 20.0), 0.35, 1.15)
    share *= 1 - np.clip((planes[..., 0] - SHINE) / (100 - SHINE), 0, 1) * float(usual < SHINE - 10)
    made = np.stack([bright, share * ink[1], share * ink[2]], axis=-1).astype(np.float32)
    return light.rgb(made)


def differs(colour: "Pixels", region: "Binary", wanted: "Sequence[float]") -> float:
    """Distance in CIELAB between the mean colour of a region (H, W) and a colour (r, g, b 0..255)."""
    mean = light.lab(colour)[region].mean(axis=0)
    ink = light.lab(np.array([[wanted]], np.uint8))[0, 0]
    return float(np.linalg.norm(mean - ink))


@cache
def colors() -> dict[str, Said]:
    """Named colours, each with its [r, g, b] as the value."""
    known = templates().colors
    return {name: Said(en=color.en, zh=color.zh, value=list(color.rgb)) for name, color in known.items()}
