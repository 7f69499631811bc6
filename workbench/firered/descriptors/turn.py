"""Which quarter turn makes a picture upright: turning, cues from pixels alone, and many cues as one answer, Sec. 2.2.3.

A cue gives four scores, log odds that the picture is upright when turned clockwise by 0, 90, 180 and
270 degrees. Each is the same function of the turned picture, so turning the picture turns the answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TURNS = (0, 90, 180, 270)  # degrees clockwise
SIDE = 96  # pixels, longer side at which light and colour of top and bottom are compared
# Log odds by unit of each difference between top and bottom, in the order of `ground_facts`; fitted to
# photographs, beside the head, which sees much of the same.
GROUND = (1.9, 3.8, -4.3, 2.3)
# Log odds of a turn at which a face is found: fifteen times as often right as wrong in photographs.
FACE = 2.7
MOST_FACES = 3  # more add nothing: what fools the detector once fools it again


@dataclass(frozen=True)
class Turn:
    """Answer of all cues."""

    degrees: int  # clockwise, that make the picture upright: 0 90 180 270
    confidence: float  # 0..1
    evidence: str  # what each cue that says anything says for it, against the best other turn, in log odds


def turned(pixels: Any, turn: int) -> Any:
    """Pixels turned clockwise by 0, 90, 180 or 270 degrees."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(pixels, -(turn // 90)))


def turned_back(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """Box (left, top, right, bottom; 0..1) found in a picture turned clockwise, as it lies in the picture before."""
    left, top, right, bottom = box
    for _ in range(turn // 90 % 4):
        left, top, right, bottom = top, 1 - right, bottom, 1 - left
    return left, top, right, bottom


def combined(cues: Mapping[str, Sequence[float]]) -> Turn:
    """Add up what the cues say; without any, upright with the confidence of a guess."""
    total = [sum(scores[number] for scores in cues.values()) for number in range(4)]
    best = max(range(4), key=lambda number: total[number])
    confidence = 1 / sum(math.exp(each - total[best]) for each in total)
    said = {name: _lead(scores, best) for name, scores in cues.items() if max(scores) > min(scores)}
    return Turn(TURNS[best], confidence, ", ".join(f"{name} {lead:+.1f}" for name, lead in said.items()))


def _lead(scores: Sequence[float], best: int) -> float:
    return scores[best] - max(score for number, score in enumerate(scores) if number != best)


def by_faces(counts: Sequence[int]) -> list[float]:
    """Scores (4,) from the number of faces found at each turn."""
    return [FACE * min(count, MOST_FACES) for count in counts]


# --- sky above, ground below --------------------------------------------------------------------------


def by_ground(pixels: Any) -> list[float]:
    """Scores (4,) from light, blue and texture above and below in (H, W, 3) uint8 RGB pixels."""
    small = _shrunk(pixels)
    facts = [ground_facts(turned(small, turn)) for turn in TURNS]
    return [sum(weight * fact for weight, fact in zip(GROUND, each, strict=True)) for each in facts]


def ground_facts(small: Any) -> tuple[float, float, float, float]:
    """How the upper third differs from the lower: luma, blueness, fine texture; and how much steeper luma is downwards.

    Each is about -1..1, of (h, w, 3) pixels of about 96.
    """
    import cv2
    import numpy as np

    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    colors = small.astype(np.float32) / 255
    blue = colors[..., 2] - colors[..., :2].mean(axis=2)
    across, down = abs(np.diff(luma, axis=1)), abs(np.diff(luma, axis=0))
    texture = across[:-1] + down[:, :-1]
    steeper = (down.mean() - across.mean()) / (down.mean() + across.mean() + 0.01)
    return _above(luma), _above(blue), _above(texture), float(steeper)


def _above(plane: Any) -> float:
    third = max(1, plane.shape[0] // 3)
    return float(plane[:third].mean() - plane[-third:].mean())


def _shrunk(pixels: Any) -> Any:
    import cv2

    scale = min(1.0, SIDE / max(pixels.shape[:2]))
    size = [max(3, round(side * scale)) for side in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
