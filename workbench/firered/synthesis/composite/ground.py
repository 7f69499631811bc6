"""Where a thing may stand: sky, grass, bare ground and plain surfaces of a photograph, found by colour and texture."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite import light

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Binary = NDArray[np.bool_]

Box = tuple[float, float, float, float]  # left, top, right, bottom, 0..1

SMALLEST_SIDE = 96  # pixels of a photograph
EYE_METRES = 1.6  # height of the camera above the ground
SKY_SHARE, GRASS_SHARE, SURFACE_SHARE = 0.12, 0.10, 0.35
# L*, b*, a* of CIELAB, and deviation of luma in levels
SKY_BRIGHT, SKY_BLUE, SKY_SMOOTH = 35.0, -4.0, 7.0
SKY_GREEN = -14.0  # water is greener
OVERCAST_BRIGHT, OVERCAST_PALE = 72.0, 7.0
GRASS_GREEN, GRASS_YELLOW = -4.0, 8.0
GRASS_ROUGH = (2.0, 36.0)  # leaves out of focus are calmer, trees are rougher
GRASS_BRIGHT, GRASS_CALM = 36.0, 19.0  # trees are darker, bushes are rougher
GRASS_FRONT = 0.45  # share of the lower edge
BARE_WARM, BARE_GREEN, BARE_BRIGHT, BARE_ALIKE, BARE_ROUGH = 3.0, -3.0, 40.0, 17.0, 12.0
BARE_SHARE, BARE_FRONT = 0.1, 0.6
SURFACE_SMOOTH, SURFACE_BRIGHT = 5.0, 52.0
SURFACE_GREEN = -6.0  # greener is water, or leaves out of focus
REST = 0.1  # share of the height
FOOTING = 0.92  # share of the ground below a thing's feet that must be of the kind
TRIES = 200


@dataclass(frozen=True)
class Spot:
    """Where a thing stands: the middle of its feet and its height, 0..1 of the picture's width and height."""

    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Ground:
    """A photograph seen as sky, grass, bare ground and surface (H, W)."""

    pixels: "Pixels"

    @cached_property
    def planes(self) -> "Floats":
        """CIELAB of the slightly smoothed picture."""
        return light.lab(cv2.GaussianBlur(self.pixels, (0, 0), 1.5))

    @cached_property
    def rough(self) -> "Floats":
        """Deviation of luma in 9 pixels' neighbourhood, levels."""
        luma = cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        mean = cv2.blur(luma, (9, 9))
        return np.asarray(np.sqrt(np.maximum(cv2.blur(luma * luma, (9, 9)) - mean * mean, 0)), np.float32)

    @cached_property
    def sky(self) -> "Binary":
        """Blue, smooth, and touching the top but not the bottom."""
        bright, green, yellow = cv2.split(self.planes)
        blue = (yellow < SKY_BLUE) & (green > SKY_GREEN)
        found = ((bright > SKY_BRIGHT) & blue | self._overcast) & (self.rough < SKY_SMOOTH)
        sky = _touching(found, "top")
        if sky.mean() < SKY_SHARE or sky[-1].mean() > 0.05 or self._blue_below(sky):
            return np.zeros_like(sky)
        return sky

    @cached_property
    def _overcast(self) -> "Binary":
        """Pale and bright, above something green: over anything else it may be a wall."""
        bright, green, yellow = cv2.split(self.planes)
        pale = (bright > OVERCAST_BRIGHT) & (np.maximum(np.abs(green), np.abs(yellow)) < OVERCAST_PALE)
        below = self._green[3 * len(pale) // 4 :].mean()
        return pale if below > GRASS_FRONT else np.zeros_like(pale)

    @cached_property
    def _green(self) -> "Binary":
        _, green, yellow = cv2.split(self.planes)
        textured = (self.rough > GRASS_ROUGH[0]) & (self.rough < GRASS_ROUGH[1])
        return np.asarray((green < GRASS_GREEN) & (yellow > GRASS_YELLOW) & textured)

    def _blue_below(self, sky: "Binary") -> bool:
        """Whether the lower third is as blue as the sky: then it is water, seen from within, or a studio."""
        yellow = self.planes[..., 2]
        lower = yellow[2 * len(yellow) // 3 :]
        return bool(lower.mean() < yellow[sky].mean() / 2) if sky.any() else True

    @cached_property
    def grass(self) -> "Binary":
        """Green, textured, along the bottom, and under a sky."""
        closed = (
            cv2.morphologyEx(self._green.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)) > 0
        )
        grass = _touching(closed, "bottom")
        meadow = grass.mean() >= GRASS_SHARE and grass[-1].mean() >= GRASS_FRONT
        meadow = meadow and self._lawn(grass)
        # Without a sky there is no horizon, so a leaf cannot be told from a meadow, nor how large things are.
        return grass if meadow and self.sky.any() else np.zeros_like(grass)

    def _lawn(self, grass: "Binary") -> bool:
        bright, rough = self.planes[..., 0][grass], self.rough[grass]
        return bool(bright.mean() > GRASS_BRIGHT and np.median(rough) < GRASS_CALM)

    @cached_property
    def bare(self) -> "Binary":
        """Sand, stone or street: smooth, no bluer than water, along the bottom, and under a sky."""
        bottom = self.planes[-max(4, len(self.planes) // 12) :].reshape(-1, 3)
        usual = np.median(bottom, axis=0)
        if not self.sky.any() or usual[2] < BARE_WARM or usual[1] < BARE_GREEN or usual[0] < BARE_BRIGHT:
            return np.zeros_like(self.sky)
        near = np.abs(self.planes - usual).max(axis=2) < BARE_ALIKE
        bare = _touching(near & (self.rough < BARE_ROUGH), "bottom")
        enough = bare.mean() >= BARE_SHARE and bare[-1].mean() >= BARE_FRONT
        return bare if enough else np.zeros_like(bare)

    @cached_property
    def surface(self) -> "Binary":
        """Plain ground around something: smooth, one colour, and touching three sides, the bottom among them."""
        luma_smooth = self.rough < SURFACE_SMOOTH
        border = np.concatenate([self.planes[-6:].reshape(-1, 3), self.planes[:, :6].reshape(-1, 3)])
        usual = np.median(border, axis=0)
        near = np.abs(self.planes - usual).max(axis=2) < 16
        plain = _touching(luma_smooth & near, "bottom")
        sides = (plain[-1].mean(), plain[:, 0].mean(), plain[:, -1].mean(), plain[0].mean())
        enough = plain.mean() >= SURFACE_SHARE and sum(side > 0.5 for side in sides) >= 3 and sides[0] > 0.5
        indoors = usual[0] > SURFACE_BRIGHT and usual[1] > SURFACE_GREEN
        return plain if enough and indoors else np.zeros_like(plain)

    @cached_property
    def horizon(self) -> float:
        """Height of the horizon, 0 the top: the lower end of the sky, within what is usual."""
        if not self.sky.any():
            return 0.4
        ends = [np.nonzero(column)[0][-1] for column in self.sky.T if column.any()]
        return float(np.clip(np.percentile(ends, 95) / len(self.sky), 0.3, 0.75))

    @cached_property
    def rest(self) -> float:
        """Height at which things lie on a surface, 0 the top: not far above the lowest thing that is there."""
        filled = np.nonzero((~self.surface).mean(axis=1) > 0.04)[0]
        lowest = filled[-1] / len(self.surface) if len(filled) else 0.7
        return float(np.clip(lowest - REST, 0.55, 0.88))

    def habitats(self) -> list[str]:
        """Kinds of place that it has."""
        kinds = ("sky", "grass", "bare", "surface")
        return [kind for kind in kinds if getattr(self, kind).any()]


def spots(
    ground: Ground, where: str, metres: float, aspect: float, avoid: Iterable[Box], random: Random
) -> list[Spot]:
    """Up to a few places for a thing `metres` high and `aspect` wide for its height, the best first; [] for none."""
    height, width = ground.pixels.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(f"the picture is {width}x{height}, too small for a place (at least {SMALLEST_SIDE})")
    region = getattr(ground, where)
    if not region.any():
        return []
    # The share of ground below any rectangle, in four look-ups.
    sums = cv2.integral(region.astype(np.uint8))
    taken = list(avoid)
    found = []
    for _ in range(TRIES):
        spot = _drawn(ground, where, metres, random)
        wide = spot.height * aspect * height / width
        if _fits(spot, wide, where, sums) and not _covers(box_of(spot, wide), taken):
            found.append(spot)
        if len(found) >= 8:
            break
    return found


def box_of(spot: Spot, wide: float) -> Box:
    """Box of a thing of a width (share of the picture's) at a spot."""
    return (spot.x - wide / 2, spot.y - spot.height, spot.x + wide / 2, spot.y)


def _drawn(ground: Ground, where: str, metres: float, random: Random) -> Spot:
    x = random.uniform(0.1, 0.9)
    if where == "sky":
        high = random.uniform(0.10, 0.2)
        return Spot(x, random.uniform(0.08, 0.5) + high, high)
    if where == "surface":
        return Spot(
            x, random.uniform(0.55, 0.93), random.uniform(0.18, 0.26) * min(1.4, (metres / 0.08) ** 0.3)
        )
    y = random.uniform(ground.horizon + 0.1, 0.97)
    # A thing of the camera's height ends at the horizon, wherever it stands.
    return Spot(x, y, (y - ground.horizon) * metres / EYE_METRES)


def _fits(spot: Spot, wide: float, where: str, sums: "NDArray[np.int32]") -> bool:
    left, top, right, bottom = box_of(spot, wide)
    sizes = {"sky": (0.05, 0.3), "grass": (0.08, 0.4), "bare": (0.08, 0.4), "surface": (0.1, 0.45)}[where]
    if left < 0.01 or right > 0.99 or top < 0.01 or bottom > 0.99 or not sizes[0] <= spot.height <= sizes[1]:
        return False
    if where in ("grass", "bare"):
        # Its feet stand on the ground; what is behind it may be anything.
        top = bottom - max(0.05, 0.2 * spot.height)
        bottom = min(0.995, bottom + 0.02)
    return _share(sums, (left, top, right, bottom)) >= FOOTING


def _share(sums: "NDArray[np.int32]", box: Box) -> float:
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    left, right = round(box[0] * width), max(round(box[0] * width) + 1, round(box[2] * width))
    top, bottom = round(box[1] * height), max(round(box[1] * height) + 1, round(box[3] * height))
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return float(inside / ((right - left) * (bottom - top)))


def _covers(box: Box, taken: Iterable[Box]) -> bool:
    """Whether a box lies over more than a tenth of itself or of one of the others."""
    return any(_shared(box, other) > 0.1 * min(_area(box), max(_area(other), 1e-6)) for other in taken)


def _shared(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _touching(region: "Binary", side: str) -> "Binary":
    """Parts of a region that reach a side of the picture."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    line = labels[0] if side == "top" else labels[-1]
    return np.isin(labels, np.unique(line[line > 0]))
