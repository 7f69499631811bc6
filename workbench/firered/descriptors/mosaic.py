"""Pixelated regions: blocks of one value on a regular grid, Sec. 2.2.3.

In a mosaic every edge is a step that stands alone, the steps lie on a grid of squares, and nothing happens
inside a square. Bricks, windows and fences have the grid but not the plain squares; JPEG's own blocks of
eight pixels have both, but steps of a few grey levels at most.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numba import njit

from firered.descriptors.steps import STRIP, lone_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# Side of the windows, smallest and largest block that is looked for in them
WINDOWS = ((64, 4.0, 21.0), (112, 9.0, 36.0), (176, 14.0, 58.0))
SMALLEST = 24  # pixels of a picture's shorter side, below which there is no room for a grid
STEP = 2.0  # grey levels that a strip's step must stand out by
LINES = 3  # grid lines that a window must show in both directions
HELD = 0.3  # share of a window's length along which a line must stand
ORDER = 0.8  # how well the lines must lie on the grid, 0..1
FOUND = 0.4  # share of the grid's lines that must be there
BETWEEN = 4.0  # grey levels by which neighbouring blocks differ, root mean square
INSIDE = 0.2  # deviation inside a block over that difference; 0.29 or more for a slope
NOISE = 2.0  # grey levels of deviation that JPEG leaves in any block
FILLED = 0.5  # share of a window's squares that must be plain
PALETTE = 0.12  # distance of blocks from the darkest or lightest, relative to their range; a QR code has less


@dataclass(frozen=True)
class Blocks:
    """What was found of mosaics."""

    share: float  # of the area, 0..1
    side: float  # pixels
    strength: float  # 0..1


def blocks(luma: "Pixels") -> Blocks:
    """Pixelated part of (H, W) luma."""
    if min(luma.shape) < SMALLEST:
        return Blocks(0.0, 0.0, 0.0)
    upright, lying = lone_steps(luma, STEP), lone_steps(cv2.transpose(luma), STEP)
    covered = np.zeros(luma.shape, np.uint8)
    sides, strengths = [], []
    for window, smallest, largest in WINDOWS:
        for top, left in _candidates(upright, lying, window):
            # Every second line of a grid too wide for the window would pass for all of one half as wide
            grid = _grid(upright, lying, (top, left, window), np.arange(smallest, 2 * largest, 0.25))
            strength = _paint(luma, covered, (top, left, window), grid) if grid and grid[0] < largest else 0.0
            if grid and strength > 0:
                sides.append(grid[0])
                strengths.append(strength)
    if not sides:
        return Blocks(0.0, 0.0, 0.0)
    return Blocks(float(covered.mean()), float(np.median(sides)), float(np.median(strengths)))


def _candidates(upright: Any, lying: Any, window: int) -> list[tuple[int, int]]:
    """Corners (top, left) of windows that show LINES lines in both directions."""
    vertical = _counts(upright, window)
    horizontal = _counts(lying, window).T
    rows = min(vertical.shape[0], horizontal.shape[0])
    columns = min(vertical.shape[1], horizontal.shape[1])
    both = np.minimum(vertical[:rows, :columns], horizontal[:rows, :columns])
    return [(int(row) * window // 2, int(column) * window // 2) for row, column in np.argwhere(both >= LINES)]


def _counts(alone: Any, window: int) -> Any:
    """Number of lines in each window of `window` pixels, stepped by half, (rows, columns)."""
    strips, half = window // STRIP, window // 2
    sums = cv2.boxFilter(
        alone, cv2.CV_16U, (1, strips), anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    lines = (sums[:: strips // 2] >= HELD * strips).astype(np.uint8)
    # A line that was resized is marked in two columns
    lines[:, 1:] &= 1 - lines[:, :-1]
    halves = np.add.reduceat(lines, np.arange(0, lines.shape[1], half), axis=1, dtype=np.int32)
    return halves[:, :-1] + halves[:, 1:] if halves.shape[1] > 1 else halves


def _grid(
    upright: Any, lying: Any, window: tuple[int, int, int], sides: Any
) -> tuple[float, float, float] | None:
    """Side of the squares and phases (x, y) of the grid that the lines in a window lie on, if they lie on one."""
    top, left, length = window
    columns = _lines(upright[top // STRIP : (top + length) // STRIP, left : left + length])
    rows = _lines(lying[left // STRIP : (left + length) // STRIP, top : top + length])
    if min(len(columns), len(rows)) < LINES:
        return None
    across, down = (np.exp(2j * np.pi * lines / sides[:, None]).mean(axis=1) for lines in (columns, rows))
    fitting = (np.minimum(abs(across), abs(down)) >= ORDER) & (
        min(len(columns), len(rows)) >= FOUND * length / sides
    )
    if not fitting.any():
        return None
    best = int(np.argmax(np.where(fitting, abs(across) + abs(down) + sides / 100, 0)))
    phases = [float(np.angle(each[best]) / (2 * np.pi) * sides[best]) for each in (across, down)]
    return float(sides[best]), phases[0] % sides[best], phases[1] % sides[best]


def _lines(alone: Any) -> Any:
    """Places (n,) of the lines along which most of a window's strips step; the middle where two columns do."""
    held = alone.mean(axis=0, dtype=np.float32)
    starts = np.flatnonzero((held >= HELD) & (np.roll(held, 1) < HELD))
    wide = np.roll(held, -1)[starts] >= HELD
    return starts + np.where(wide, 2.0, 1.5)


def _paint(luma: Any, covered: Any, window: tuple[int, int, int], grid: tuple[float, float, float]) -> float:
    """Mark the blocks of a window in `covered`; returns how clearly they stand out, 0 where they do not."""
    top, left, length = window
    part = luma[top : top + length, left : left + length]
    means, deviations = cells(part, *grid)
    if min(means.shape) < LINES - 1:
        return 0.0
    between = _between(means, deviations)
    plain = deviations <= max(NOISE, INSIDE * between)
    if between < BETWEEN or plain.mean() < FILLED or _two_tone(means[plain]):
        return 0.0
    fill(covered[top : top + length, left : left + length], plain, *grid)
    return 1 - float(np.sqrt((deviations[plain] ** 2).mean())) / max(NOISE, INSIDE * between)


def _between(means: Any, deviations: Any) -> float:
    """Root mean square difference between neighbouring blocks, those that vary less counting for more."""
    weights = 1 / (NOISE + deviations) ** 2
    across, down = np.diff(means, axis=1), np.diff(means, axis=0)
    beside, below = weights[:, 1:] * weights[:, :-1], weights[1:] * weights[:-1]
    total = float((across**2 * beside).sum() + (down**2 * below).sum())
    return float(np.sqrt(total / (beside.sum() + below.sum())))


def _two_tone(means: Any) -> bool:
    low, high = means.min(), means.max()
    return float(np.minimum(means - low, high - means).mean()) < PALETTE * float(high - low)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def cells(luma: Any, side: float, across: float, down: float) -> Any:
    """Mean and deviation inside each whole square of a grid, without its outermost pixels, two (rows, columns)."""
    rows, columns = int((luma.shape[0] - down) / side), int((luma.shape[1] - across) / side)
    means, deviations = np.zeros((rows, columns), np.float32), np.zeros((rows, columns), np.float32)
    for row in range(rows):
        for column in range(columns):
            top, bottom = int(down + row * side + 1.5), int(down + (row + 1) * side - 1)
            left, right = int(across + column * side + 1.5), int(across + (column + 1) * side - 1)
            part = luma[top:bottom, left:right]
            means[row, column], deviations[row, column] = part.mean(), part.std()
    return means, deviations


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fill(covered: Any, plain: Any, side: float, across: float, down: float) -> None:
    """Set the pixels of the squares of a grid that are plain, (rows, columns)."""
    for row in range(plain.shape[0]):
        for column in range(plain.shape[1]):
            if plain[row, column]:
                top, bottom = int(down + row * side + 0.5), int(down + (row + 1) * side + 0.5)
                left, right = int(across + column * side + 0.5), int(across + (column + 1) * side + 0.5)
                covered[top:bottom, left:right] = 1
