"""How far a picture leans, by its straight lines, and the same picture levelled, Sec. 2.2.3.

Walls stand upright and horizons lie level, so most lines of a levelled picture are near 0 or 90
degrees. Upright lines that lean outwards (the camera looked down or up) are level where their mean
is; level lines that converge say nothing, so only those that agree are counted.
"""

import math
from dataclasses import dataclass
from typing import Any

SHORTEST = 0.03  # length of a line that counts, over the picture's diagonal
WIDEST = 16.0  # degrees from level or upright; lines farther off are roofs, stairs and branches
STEEPEST = 15.0  # degrees of tilt that is looked for
STEP = 0.25  # degrees between tilts that are tried
SPREAD = 0.6  # degrees by which lines of one direction differ
CONVERGENCE = (-16, -12, -8, -4, 0, 4, 8, 12, 16)  # degrees between upright lines at the left and right edge
SAME = 2.0  # degrees within which two tilts are the same answer
FLOOR = 0.02  # length of lines, over the diagonal, that is next to nothing
WEIGHTS = (0.92, 1.31, 0.64, 0.65, 0.63, -1.48)  # of `confidence`, in its order


@dataclass(frozen=True)
class Lines:
    """Straight lines near level or near upright; three arrays (N,)."""

    lean: Any  # degrees clockwise from level or upright, -WIDEST..WIDEST
    length: Any  # over the picture's diagonal
    across: Any  # where it stands, -0.5 left edge .. 0.5 right edge

    def __len__(self) -> int:
        return len(self.lean)


@dataclass(frozen=True)
class Tilt:
    """Answer of the lines."""

    degrees: float  # clockwise, that level the picture
    confidence: float  # 0..1


def measure(pixels: Any) -> Tilt:
    """Tilt of (H, W, 3) uint8 RGB pixels that stand upright but for it; a longer side of about 640 is best."""
    return by_lines(*lines(pixels))


def lines(pixels: Any) -> tuple[Lines, Lines]:
    """Lines near level, and lines near upright."""
    import cv2
    import numpy as np

    luma = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(luma)[0]
    ends = np.zeros((0, 4)) if found is None else found.reshape(-1, 4).astype(float)
    steps = ends[:, 2:] - ends[:, :2]
    length = np.hypot(steps[:, 0], steps[:, 1]) / np.hypot(*luma.shape)
    angle = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    across = (ends[:, 0] + ends[:, 2]) / 2 / luma.shape[1] - 0.5
    return _near(0, angle, length, across), _near(90, angle, length, across)


def _near(axis: float, angle: Any, length: Any, across: Any) -> Lines:
    lean = (angle - axis + 90) % 180 - 90
    counted = (abs(lean) <= WIDEST) & (length >= SHORTEST)
    return Lines(lean[counted], length[counted], across[counted])


def by_lines(level: Lines, upright: Lines) -> Tilt:
    """Tilt on which most length of lines agrees, and how sure that is."""
    import numpy as np

    leans = np.arange(-STEEPEST, STEEPEST + STEP / 2, STEP)
    across = agreeing(level, leans, 0)
    up = np.max([_converging(upright, leans, degrees) for degrees in CONVERGENCE], axis=0)
    votes = across + up
    best = int(votes.argmax())
    if votes[best] == 0:
        return Tilt(0.0, 0.0)
    near = abs(leans - leans[best]) <= SPREAD
    rival = float(votes[abs(leans - leans[best]) > SAME].max())
    both = float(min(across[near].max(), up[near].max()))
    total = float(level.length.sum() + upright.length.sum())
    return Tilt(-float(leans[best]), confidence(float(votes[best]), rival, both, total, abs(leans[best])))


def agreeing(lines: Lines, leans: Any, convergence: float) -> Any:
    """Length of lines (K,) that agree with each of K leans, where the picture's edges differ by `convergence`."""
    import numpy as np

    apart = lines.lean - leans[:, None] - convergence * lines.across
    return (lines.length * np.exp(-((apart / SPREAD) ** 2) / 2)).sum(axis=1)


def _converging(upright: Lines, leans: Any, degrees: float) -> Any:
    # A camera held level is the rule, so convergence must be worth its while.
    return agreeing(upright, leans, degrees) * (1 - abs(degrees) / 64)


def confidence(votes: float, rival: float, both: float, total: float, lean: float) -> float:
    """Chance that a tilt is right to 1.25 degrees, 0..1, from lengths of lines over the diagonal.

    `votes` agree with it, `rival` with the best other tilt, `both` is the lesser of level and upright
    lines that agree, `total` is all. The weights are a logistic fit to photographs that were tilted.
    """
    facts = (
        1.0,
        math.log((votes + FLOOR) / (rival + FLOOR)),
        math.log(votes + FLOOR),
        math.log((votes + FLOOR) / (total + FLOOR)),
        both / (votes + FLOOR),
        abs(lean) / 10,
    )
    odds = sum(weight * fact for weight, fact in zip(WEIGHTS, facts, strict=True))
    return 1 / (1 + math.exp(-odds))


# --- the levelled picture -----------------------------------------------------------------------------


def leveled(pixels: Any, degrees: float) -> Any:
    """Pixels turned clockwise by less than 45 degrees, cut to the largest inner part of the same aspect."""
    import cv2

    if degrees == 0:
        return pixels
    height, width = pixels.shape[:2]
    inner_width, inner_height = inner(width, height, degrees)
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    matrix[:, 2] += ((inner_width - width) / 2, (inner_height - height) / 2)
    # Pixels half outside at the very corners take their neighbours' colour, not black.
    return cv2.warpAffine(
        pixels, matrix, (inner_width, inner_height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def inner(width: int, height: int, degrees: float) -> tuple[int, int]:
    """Width and height of the largest part, of the same aspect, inside a picture turned by `degrees`."""
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    scale = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    return max(1, int(width * scale)), max(1, int(height * scale))
