"""A transparent proxy of a photograph's appeal: three parts, each the mean of stated measures in 0..1.

None is learned from ratings. Damaged copies nearly always score below their original; between photographs the score likes
postcards (one subject, lively colours, a middle light) and dislikes pictures without colour and things on pure white.

composition   simplicity   how few places hold the saliency (spectral residual, Hou and Zhang 2007)
              placement    how near the most salient tenth is to a crossing of thirds, or to the middle
              balance      how near the centre of the saliency is to the vertical axis
harmony       accord       how near the hues are to the best, and narrow, harmonic template (Cohen-Or et al. 2006)
              liveliness   colourfulness (Hasler and Suesstrunk 2003), full at a lively photograph's
light         range        luma's span from the 2nd to the 98th percentile
              exposure     how near the mean of luma is to the middle
              unclipped    share of pixels that are neither black nor white, four times as strict
              clarity      strength of fine detail against coarser one: blur lowers it, noise raises it too far

The parts weigh the same in the score, the measures the same in their part.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float64]

SALIENCY_SIDE = 64
COARSE_SIDE = 128
HUES = 72  # bins of 5 degrees
# Arcs of the harmonic templates i V L I Y X: width and place of the middle, degrees.
TEMPLATES = (
    ((18, 0),),
    ((94, 0),),
    ((94, 0), (18, 90)),
    ((18, 0), (18, 180)),
    ((94, 0), (18, 180)),
    ((94, 0), (94, 180)),
)
STRONG = (*product((1 / 3, 2 / 3), repeat=2), (0.5, 0.5))
DISCORD = 30  # degrees
BLACK, WHITE = 3, 252
LIVELY = 60.0  # colourfulness, in grey levels
# Log ratio of fine to coarser detail in photographs: middle, and the distance at which clarity has gone to a third.
CLEAR, UNCLEAR = 0.2, 0.5


@dataclass(frozen=True)
class Appeal:
    """The three parts, 0..1."""

    composition: float
    harmony: float
    light: float

    @property
    def score(self) -> float:
        """Mean of the parts, 0..1."""
        return (self.composition + self.harmony + self.light) / 3


def appeal(pixels: "Pixels") -> Appeal:
    """Measure (H, W, 3) uint8 RGB pixels, best of about 512 pixels a side."""
    salient = saliency(pixels)
    # Colours of places, not of grains: noise would pass for liveliness.
    coarse = cv2.resize(pixels, (COARSE_SIDE, COARSE_SIDE), interpolation=cv2.INTER_AREA)
    return Appeal(
        composition=_mean(simplicity(salient), placement(salient), balance(salient)),
        harmony=_mean(accord(coarse), liveliness(coarse)),
        light=_mean(*light(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))),
    )


def saliency(pixels: "Pixels") -> "Floats":
    """Where a picture differs from what its spectrum leads to expect: (64, 64), sums to 1."""
    small = cv2.resize(pixels, (SALIENCY_SIDE, SALIENCY_SIDE), interpolation=cv2.INTER_AREA)
    total = np.zeros((SALIENCY_SIDE, SALIENCY_SIDE))
    for channel in cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2LAB)):
        spectrum = np.fft.fft2(channel.astype(np.float64))
        spectrum[0, 0] = 0
        # Far above rounding errors, the only thing in the spectrum of a channel that is flat.
        size = np.abs(spectrum) + 20
        # The residual is that of the logarithm; a factor on the amplitude, once it is taken back.
        factor = 1 / np.exp(cv2.blur(np.log(size), (3, 3)))
        total += np.abs(np.fft.ifft2(spectrum * factor)) ** 2
    # A flat picture is as salient everywhere.
    smooth = cv2.GaussianBlur(total, (0, 0), 2.5) + 1e-12
    return np.asarray(smooth / smooth.sum(), dtype=np.float64)


def simplicity(salient: "Floats") -> float:
    """1 where one place holds all the saliency, 0 where it is spread evenly; 0..1."""
    held = np.sort(salient.ravel())[::-1].cumsum()
    # Share of the area that holds half of the saliency, at most a half.
    return 1 - 2 * float((held < 0.5 * held[-1]).mean())


def placement(salient: "Floats") -> float:
    """Nearness of the most salient tenth to a crossing of thirds or to the middle, 0..1."""
    top = np.where(salient >= np.quantile(salient, 0.9), salient, 0)
    x, y = _centre(top)
    distance = min(float(np.hypot(x - across, y - down)) for across, down in STRONG)
    return max(0.0, 1 - distance / 0.25)


def balance(salient: "Floats") -> float:
    """1 where the saliency left and right weigh the same, 0 where its centre is a quarter off; 0..1."""
    return max(0.0, 1 - abs(_centre(salient)[0] - 0.5) / 0.25)


def accord(pixels: "Pixels") -> float:
    """Nearness of the hues, by saturation, to the best template at its best turn; 1 for a single hue; 0..1."""
    hue, saturation, value = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV))
    strength = saturation.astype(np.float32) * value
    counts = np.bincount((hue // 2 * 4 // 5).ravel(), weights=strength.ravel(), minlength=HUES)[:HUES]
    if counts.sum() <= 0:
        return 1.0
    distances, widths = _templates()
    # A wider template fits more easily and says less.
    cost = distances @ (counts / counts.sum()) + widths / 20
    return max(0.0, 1 - float(cost.min()) / DISCORD)


def liveliness(pixels: "Pixels") -> float:
    """Colourfulness over that of a lively photograph, 0..1."""
    red, green, blue = cv2.split(pixels.astype(np.float32))
    means, deviations = cv2.meanStdDev(cv2.merge([red - green, (red + green) / 2 - blue]))
    colourful = float(np.hypot(*deviations.ravel()) + 0.3 * np.hypot(*means.ravel()))
    return min(1.0, colourful / LIVELY)


def light(luma: "NDArray[np.uint8]") -> tuple[float, float, float, float]:
    """Range, exposure, unclipped and clarity of (H, W) uint8 luma, each 0..1."""
    counts = np.bincount(luma.ravel(), minlength=256) / luma.size
    low, high = np.searchsorted(counts.cumsum(), (0.02, 0.98))
    exposure = 1 - abs(float(counts @ np.arange(256)) / 255 - 0.5) / 0.5
    clipped = float(counts[: BLACK + 1].sum() + counts[WHITE:].sum())
    return (high - low) / 255, exposure, max(0.0, 1 - 4 * clipped), clarity(luma)


def clarity(luma: "NDArray[np.uint8]") -> float:
    """1 where fine detail is as strong, against detail twice as coarse, as in clear photographs; 0..1."""
    exact = luma.astype(np.float32)
    fine, coarse = cv2.GaussianBlur(exact, (0, 0), 0.8), cv2.GaussianBlur(exact, (0, 0), 1.6)
    strengths = [float(np.abs(a - b).mean()) + 0.05 for a, b in ((exact, fine), (fine, coarse))]
    distance = (np.log(strengths[0] / strengths[1]) - CLEAR) / UNCLEAR
    return float(np.exp(-(distance**2)))


@cache
def _templates() -> tuple["Floats", "Floats"]:
    """Each template at each turn (rows): degrees from each hue to its nearest arc, and the sum of its widths."""
    hues = np.arange(HUES) * 360 / HUES
    rows = [_to_arcs(hues - turn, arcs) for arcs in TEMPLATES for turn in hues]
    widths = [float(sum(width for width, _ in arcs)) for arcs in TEMPLATES for _ in hues]
    return np.array(rows), np.array(widths)


def _to_arcs(hues: "Floats", arcs: tuple[tuple[int, int], ...]) -> "Floats":
    middles = [np.abs((hues - place + 180) % 360 - 180) - width / 2 for width, place in arcs]
    return np.asarray(np.maximum(np.min(middles, axis=0), 0), dtype=np.float64)


def _centre(weights: "Floats") -> tuple[float, float]:
    """Centre of mass (x, y), 0..1 each."""
    total = weights.sum()
    places = (np.arange(SALIENCY_SIDE) + 0.5) / SALIENCY_SIDE
    return float(weights.sum(axis=0) @ places / total), float(weights.sum(axis=1) @ places / total)


def _mean(*values: Any) -> float:
    return float(sum(values)) / len(values)
