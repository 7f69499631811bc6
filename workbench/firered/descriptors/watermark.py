"""A mark repeated over all of a picture, found where its faint residual agrees with itself.

The picture is flattened (what is smooth is taken away, what is strong is cut), so that a faint mark counts as much
as the picture. Its autocorrelation has a peak at each step from one mark to another: two steps, their sum and
their difference, and so on. Textures of a scene have peaks, too, but seldom a whole grid of them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Plane = NDArray[np.float32]

Step = tuple[int, int]  # down, across, in pixels

SIDE = 640  # pixels; marks a tenth as wide as the picture still have strokes
SMOOTH = 3.0  # pixels; deviation of the Gaussian that is taken away
AROUND = 25  # pixels; side of the window over which the residual is levelled
FLOOR = 1.5  # grey levels; what is weaker than this is noise and not raised
PLAIN = 0.02  # deviation of the levelled residual below which there is nothing to see
CUT = 2.0  # deviations; edges of the picture are no stronger than this
WHITEN = 0.5  # power of the power spectrum; below 1 no single frequency of the scene rules
FURTHEST = 0.5  # of the picture's sides; longest step
NEAREST = 0.06  # of the longer side; marks that are closer are the grain of a texture
PEAKS = 12  # steps that are tried with each other
APART = 4  # pixels; two peaks that are closer are one
DEVIATION = 1.2533  # standard deviation over mean absolute deviation, of a Gaussian
CERTAIN = 15.0  # deviations at which a peak is beyond doubt
CELL = 0.07  # of the longer side, squared: least area of a grid's cell
GRID = ((1, 0), (0, 1), (1, 1), (1, -1), (2, 0), (0, 2), (2, 1), (1, 2), (2, -1), (1, -2))


@dataclass(frozen=True)
class Repetition:
    """How strongly a pattern repeats, 0..1, and the shorter step of its grid in longer sides of the picture."""

    strength: float
    period: float


@dataclass(frozen=True)
class Agreement:
    """How a picture agrees with itself, in deviations of the noise, by step; negative steps across are to the left."""

    height: "Plane"  # (rows, 2 * reach + 1)
    reach: int

    def at(self, step: Step) -> float | None:
        """Highest agreement within a pixel of a step, None where it is too long to tell."""
        down, across = step if step[0] >= 0 else (-step[0], -step[1])
        if down >= self.height.shape[0] or abs(across) > self.reach:
            return None
        column = across + self.reach
        near = self.height[max(0, down - 1) : down + 2, max(0, column - 1) : column + 2]
        return min(float(near.max()), CERTAIN)


def repetition(pixels: "Pixels") -> Repetition:
    """How clearly a faint pattern repeats on a grid in (H, W, 3) uint8 RGB."""
    luma = small_luma(pixels)
    if min(luma.shape) < AROUND:
        return Repetition(0.0, 0.0)
    residual, longer = flattened(luma), max(luma.shape)
    if float(residual.std()) < PLAIN:
        return Repetition(0.0, 0.0)
    agreement = agree(residual)
    steps = peaks(agreement, nearest=NEAREST * longer)
    height = max(grid(agreement, one, other, longer) for one, other in combinations(steps, 2))
    # Some steps lead past a mark, to the next but one.
    as_high = [math.hypot(*step) for step in steps if (agreement.at(step) or 0.0) >= height]
    return Repetition(height / CERTAIN, min(as_high, default=0.0) / longer if height > 0 else 0.0)


def small_luma(pixels: "Pixels") -> "Plane":
    """Luma (h, w) float32 with the longer side at most SIDE."""
    import cv2
    import numpy as np

    scale = SIDE / max(pixels.shape[:2])
    if scale < 1:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)  # type: ignore[no-any-return]


def flattened(luma: "Plane") -> "Plane":
    """Residual of (h, w) luma, levelled to a deviation of about 1 everywhere and cut at CUT."""
    import cv2
    import numpy as np

    residual = luma - cv2.GaussianBlur(luma, (0, 0), SMOOTH)
    power = np.maximum(cv2.boxFilter(residual * residual, -1, (AROUND, AROUND)), 0)
    return np.clip(residual / (np.sqrt(power) + FLOOR), -CUT, CUT)  # type: ignore[no-any-return]


def agree(residual: "Plane") -> Agreement:
    """Whitened autocorrelation of a residual (h, w) for steps up to FURTHEST, in deviations of its noise."""
    import cv2
    import numpy as np

    height, width = residual.shape
    rows, reach = int(height * FURTHEST), int(width * FURTHEST)
    found = _autocorrelation(residual)
    found = np.hstack([found[: rows + 1, -reach:], found[: rows + 1, : reach + 1]])
    # The longer the step, the fewer pixels agree by more than chance.
    overlap = (1 - np.arange(rows + 1) / height)[:, None] * (1 - np.abs(np.arange(-reach, reach + 1)) / width)
    found = found / np.sqrt(overlap).astype(np.float32)
    found = found - cv2.blur(found, (AROUND, AROUND))
    # The mean, not the median: where most of a picture is plain, the median is next to nothing.
    noise = DEVIATION * float(np.abs(found).mean()) + 1e-12
    return Agreement(found / noise, reach)


def _autocorrelation(residual: "Plane") -> Any:
    import cv2
    import numpy as np

    height, width = residual.shape
    # Half as much again of nothing keeps steps from leading around the edge.
    size = [cv2.getOptimalDFTSize(int(side * (1 + FURTHEST)) + 1) for side in (height, width)]
    padded = np.zeros(size, np.float32)
    padded[:height, :width] = residual
    spectrum = cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT)
    power = (spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2) ** WHITEN
    whole = np.dstack([power, np.zeros_like(power)])
    return cv2.idft(whole, flags=cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE)


def peaks(agreement: Agreement, *, nearest: float) -> list[Step]:
    """The PEAKS highest steps that are longer than `nearest` pixels."""
    return list(_peaks(agreement, nearest))


def _peaks(agreement: Agreement, nearest: float) -> Iterator[Step]:
    import numpy as np

    left = agreement.height.copy()
    down, across = np.ogrid[: left.shape[0], -agreement.reach : agreement.reach + 1]
    left[down**2 + across**2 < nearest**2] = 0
    for _ in range(PEAKS):
        row, column = divmod(int(left.argmax()), left.shape[1])
        yield row, column - agreement.reach
        left[max(0, row - APART) : row + APART + 1, max(0, column - APART) : column + APART + 1] = 0


def grid(agreement: Agreement, one: Step, other: Step, longer: int) -> float:
    """Mean agreement on the grid that two steps span, at most that of its third best point."""
    if abs(one[0] * other[1] - one[1] * other[0]) < (CELL * longer) ** 2:
        return 0.0
    steps = [(a * one[0] + b * other[0], a * one[1] + b * other[1]) for a, b in GRID]
    known = sorted(height for step in steps if (height := agreement.at(step)) is not None)
    return min(sum(known) / len(known), known[-3]) if len(known) >= 3 else 0.0
