"""Fill holes with patches of the rest of a picture: multi-scale PatchMatch with voting.

Each level alternates two steps: find for each patch that touches the hole the most alike one that does not
(propagation and random search), then let all patches over a pixel vote on its colour. Runs are repeatable:
the random numbers are a seeded generator of its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

REACH = 3  # pixels; patches are 7 x 7
SMALLEST = 20  # pixels of the shorter side of the coarsest level
THIN = 1.2  # pixels from the rim to the middle of the hole at the coarsest level
ROUNDS = (20, 12, 6, 4)  # alternations at the coarsest level and the finer ones
FADING = 2.0  # how much less the vote of a patch in the middle of the hole counts, as a logarithm
SHARP = 0.15  # spread of the distances whose votes count, in those of a middling patch: more gives washed-out fills
LEVEL = (
    1000.0  # price of a model from above or below, squared distance a picture's height: scenes lie in layers
)
EVEN = 150.0  # least such spread, squared distance: smooth ground is blended, or its patches show


@dataclass(frozen=True)
class Filled:
    """A picture whose hole was filled, and how far the patches of the fill are from their models."""

    pixels: "Pixels"
    energy: float  # mean distance of a value of CIELAB to its model, in units of L (0..100)


def fill(pixels: "Pixels", hole: "Mask", *, seed: int, shunned: "Mask | None" = None) -> Filled:
    """Fill the hole (H, W) of (H, W, 3) sRGB; nothing is copied from the hole or from what is shunned.

    Raises ValueError where nothing is left to copy from. Outside the hole the pixels stay as they are.
    """
    barred = hole if shunned is None else hole | shunned
    if not hole.any():
        return Filled(pixels.copy(), 0.0)
    levels = _pyramid(pixels, hole, barred)
    if not _sources(levels[-1].barred).any() or not _sources(barred).any():
        raise ValueError("nothing is left to fill the hole from")
    state = np.array([seed % 2147483647 + 1], np.int64)
    current = _smooth_start(levels[-1])
    field: Any = None
    energy = 0.0
    for place, level in enumerate(reversed(levels)):
        if field is not None:
            current = _enlarged(current, level)
        field, current, energy = _settle(level, current, field, state, place)
    return Filled(_merged(pixels, hole, current), energy)


@dataclass(frozen=True)
class _Level:
    lab: Any  # (H, W, 3) float32 CIELAB
    hole: Any  # (H, W) bool
    barred: Any  # (H, W) bool, what must not be copied


def _pyramid(pixels: "Pixels", hole: "Mask", barred: "Mask") -> list[_Level]:
    """Levels from full size down, until the hole is thin."""
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    levels = [_Level(lab, hole, barred)]
    while min(levels[-1].hole.shape) >= 2 * SMALLEST and _thickness(levels[-1].hole) > THIN:
        smaller = _halved(levels[-1])
        if not _sources(smaller.barred).any():
            break
        levels.append(smaller)
    return levels


def _halved(level: _Level) -> _Level:
    """The level at half the size; what was in the hole has no weight in the averages."""
    height, width = (max(1, side // 2) for side in level.hole.shape)
    weight = (~level.hole).astype(np.float32)
    sums = cv2.resize(level.lab * weight[..., None], (width, height), interpolation=cv2.INTER_AREA)
    known = cv2.resize(weight, (width, height), interpolation=cv2.INTER_AREA)
    hole = known < 0.5
    barred = cv2.resize(level.barred.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return _Level(sums / np.maximum(known, 1e-3)[..., None], hole, hole | (barred > 0.25))


def _thickness(hole: Any) -> float:
    inside = cv2.copyMakeBorder(hole.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return float(cv2.distanceTransform(inside, cv2.DIST_L2, 3).max())


def _sources(barred: Any) -> Any:
    """Centres (H, W) of patches that touch nothing barred and lie inside the picture."""
    reached = cv2.dilate(barred.astype(np.uint8), np.ones((2 * REACH + 1,) * 2, np.uint8)) == 0
    inside = np.zeros_like(reached)
    inside[REACH:-REACH, REACH:-REACH] = True
    return reached & inside


def _targets(hole: Any) -> Any:
    """Centres (H, W) of patches that touch the hole and lie inside the picture."""
    reached = cv2.dilate(hole.astype(np.uint8), np.ones((2 * REACH + 1,) * 2, np.uint8)) > 0
    inside = np.zeros_like(reached)
    inside[REACH:-REACH, REACH:-REACH] = True
    return reached & inside


def _smooth_start(level: _Level) -> Any:
    """The coarsest level with its hole filled by the nearest colours, averaged wider and wider."""
    weight = (~level.hole).astype(np.float32)
    current = level.lab * weight[..., None]
    todo = level.hole.copy()
    reach = 1
    while todo.any() and reach < max(todo.shape):
        sums = cv2.blur(level.lab * weight[..., None], (2 * reach + 1,) * 2)
        known = cv2.blur(weight, (2 * reach + 1,) * 2)
        now = todo & (known > 1e-4)
        current[now] = sums[now] / known[now][:, None]
        todo &= ~now
        reach += 1
    return np.ascontiguousarray(current, np.float32)


def _enlarged(current: Any, level: _Level) -> Any:
    height, width = level.hole.shape
    grown = cv2.resize(current, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(np.where(level.hole[..., None], grown, level.lab), np.float32)


def _settle(level: _Level, current: Any, coarse: Any, state: Any, place: int) -> tuple[Any, Any, float]:
    """Alternate search and vote on one level; returns the field of matches, the picture and the energy."""
    sources, targets = _sources(level.barred), _targets(level.hole)
    field = _first_field(sources, targets, coarse, state)
    trust = _trust(level.hole)
    for _ in range(ROUNDS[min(place, len(ROUNDS) - 1)]):
        distances = _search(current, sources, targets, field, state)
        current = _vote(current, level.hole, targets, field, distances, trust)
    return field, current, _energy(distances, field, targets)


def _energy(distances: Any, field: Any, targets: Any) -> float:
    """Mean distance of a value to its model, the price of heights left out."""
    if not targets.any():
        return 0.0
    rows = np.arange(len(targets))[:, None]
    plain = (distances - LEVEL * np.abs(field[..., 0] - rows) / len(targets))[targets]
    return float(np.sqrt(max(float(plain.mean()), 0.0) / (3 * (2 * REACH + 1) ** 2)))


def _trust(hole: Any) -> Any:
    """Weight (H, W) of a patch's vote: the further inside the hole, the less it is known."""
    inside = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
    widest = max(float(inside.max()), 1.0)
    return np.exp(-FADING * inside / widest).astype(np.float32)


def _merged(pixels: "Pixels", hole: "Mask", lab: Any) -> "Pixels":
    """The pixels with those of the hole replaced."""
    values = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    filled = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return np.where(hole[..., None], filled, pixels)


def _first_field(sources: Any, targets: Any, coarse: Any, state: Any) -> Any:
    """Matches (H, W, 2) to start from: those of the coarser level doubled, random where they do not fit."""
    centres = np.argwhere(sources).astype(np.int32)
    field = np.zeros((*targets.shape, 2), np.int32)
    known = coarse if coarse is not None else np.zeros((0, 0, 2), np.int32)
    _start(field, sources, targets, centres, known, state)
    return field


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _next(state: Any) -> Any:
    """Next of a Lehmer generator, 1..2147483646."""
    state[0] = state[0] * 48271 % 2147483647
    return state[0]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _start(field: Any, sources: Any, targets: Any, centres: Any, coarse: Any, state: Any) -> None:
    height, width = targets.shape
    for row in range(height):
        for column in range(width):
            if not targets[row, column]:
                continue
            fits = False
            if coarse.shape[0] > 0:
                above = min(row // 2, coarse.shape[0] - 1)
                beside = min(column // 2, coarse.shape[1] - 1)
                y = 2 * coarse[above, beside, 0] + row % 2
                x = 2 * coarse[above, beside, 1] + column % 2
                fits = 0 <= y < height and 0 <= x < width and sources[y, x]
            if not fits:
                pick = _next(state) % len(centres)
                y, x = centres[pick, 0], centres[pick, 1]
            field[row, column, 0], field[row, column, 1] = y, x


@njit(cache=True, nogil=True, fastmath=False)  # type: ignore[untyped-decorator]
def _distance(lab: Any, row: Any, column: Any, y: Any, x: Any, most: Any) -> Any:
    """Squared distance of two patches and the price of their heights, or what exceeds `most` as soon as it does."""
    total = np.float32(LEVEL) * np.float32(abs(y - row)) / np.float32(lab.shape[0])
    for down in range(-REACH, REACH + 1):
        if total > most:
            return total
        for right in range(-REACH, REACH + 1):
            for channel in range(3):
                apart = lab[row + down, column + right, channel] - lab[y + down, x + right, channel]
                total += apart * apart
    return total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _search(lab: Any, sources: Any, targets: Any, field: Any, state: Any) -> Any:
    """Improve the matches in place, once forward and once backward; returns their distances (H, W)."""
    height, width = targets.shape
    distances = np.zeros((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            if targets[row, column]:
                distances[row, column] = _distance(
                    lab, row, column, field[row, column, 0], field[row, column, 1], np.float32(1e30)
                )
    for way in (1, -1):
        first_row, last_row = (0, height) if way == 1 else (height - 1, -1)
        first_column, last_column = (0, width) if way == 1 else (width - 1, -1)
        for row in range(first_row, last_row, way):
            for column in range(first_column, last_column, way):
                if targets[row, column]:
                    _propagate(lab, sources, targets, field, distances, row, column, way)
                    _wander(lab, sources, field, distances, row, column, state)
    return distances


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _propagate(
    lab: Any, sources: Any, targets: Any, field: Any, distances: Any, row: Any, column: Any, way: Any
) -> None:
    """Try the matches of the neighbours that were visited before, moved by one."""
    height, width = targets.shape
    for down, right in ((way, 0), (0, way)):
        above, beside = row - down, column - right
        if not (0 <= above < height and 0 <= beside < width) or not targets[above, beside]:
            continue
        y, x = field[above, beside, 0] + down, field[above, beside, 1] + right
        if 0 <= y < height and 0 <= x < width and sources[y, x]:
            distance = _distance(lab, row, column, y, x, distances[row, column])
            if distance < distances[row, column]:
                distances[row, column] = distance
                field[row, column, 0], field[row, column, 1] = y, x


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _wander(lab: Any, sources: Any, field: Any, distances: Any, row: Any, column: Any, state: Any) -> None:
    """Try random matches around the best one, nearer and nearer."""
    height, width = sources.shape
    reach = max(height, width)
    while reach >= 1:
        y = field[row, column, 0] + _next(state) % (2 * reach + 1) - reach
        x = field[row, column, 1] + _next(state) % (2 * reach + 1) - reach
        if 0 <= y < height and 0 <= x < width and sources[y, x]:
            distance = _distance(lab, row, column, y, x, distances[row, column])
            if distance < distances[row, column]:
                distances[row, column] = distance
                field[row, column, 0], field[row, column, 1] = y, x
        reach //= 2


def _vote(current: Any, hole: Any, targets: Any, field: Any, distances: Any, trust: Any) -> Any:
    """Colours of the hole by the votes of all patches over it; a patch that fits badly counts less."""
    spread = max(SHARP * float(np.percentile(distances[targets], 75)), EVEN)
    weights = (np.exp(-distances / spread) * trust + 1e-6).astype(np.float32)
    return _voted(current, hole, targets, field, weights)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _voted(current: Any, hole: Any, targets: Any, field: Any, weights: Any) -> Any:
    height, width = hole.shape
    voted = current.copy()
    sums = np.zeros(3, np.float32)
    for row in range(height):
        for column in range(width):
            if hole[row, column]:
                total = _votes(current, targets, field, weights, row, column, sums)
                if total > 0:
                    voted[row, column] = sums / total
    return voted


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _votes(current: Any, targets: Any, field: Any, weights: Any, row: Any, column: Any, sums: Any) -> Any:
    """Add up the colours that the patches over a pixel give it, into `sums`; returns the sum of their weights."""
    height, width = targets.shape
    total = np.float32(0)
    sums[:] = 0
    for y in range(max(0, row - REACH), min(height, row + REACH + 1)):
        for x in range(max(0, column - REACH), min(width, column + REACH + 1)):
            if targets[y, x]:
                total += weights[y, x]
                from_row, from_column = field[y, x, 0] + row - y, field[y, x, 1] + column - x
                for channel in range(3):
                    sums[channel] += weights[y, x] * current[from_row, from_column, channel]
    return total
