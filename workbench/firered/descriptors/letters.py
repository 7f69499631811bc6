"""What the strokes of a line of text look like: their step to the ground, and whether the ground shows through.

Letters drawn over a picture have one colour, whatever lies under them. The strokes of a sign in the scene follow
its light and its grain, and the strokes of a watermark follow the picture that shows through.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

Box = tuple[float, float, float, float]  # left, top, right, bottom, relative to the picture

COLORS = 4  # strokes, their outline or shadow, and two for the ground
MOST = 160  # pixels; height to which a line is shrunk before it is measured
RING = 0.2  # of the height of the line; what is around the box by this much is ground
NOISE = 3.0  # grey levels; JPEG spreads the even colour of drawn strokes by about this much
UNEVEN = 25.0  # grey levels beyond NOISE at which strokes are as uneven as can be
GROUND = 0.5  # of the share that a colour has in the box; what is as common around it is ground


@dataclass(frozen=True)
class Strokes:
    """How strokes stand out: luma step to their ground, 0..1, and evenness of their colour, 0..1."""

    contrast: float
    opacity: float


def strokes(pixels: "Pixels", box: Box) -> Strokes:
    """Measure the strokes of the line of text in `box` of (H, W, 3) uint8 RGB."""
    import cv2
    import numpy as np

    part, inside = cut(pixels, box)
    labels = colors(part)
    drawn, ground = split(labels, inside)
    if not drawn.any() or not ground.any():
        return Strokes(0.0, 0.0)
    luma = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    step = float(np.median(luma[drawn])) - float(np.median(luma[ground]))
    return Strokes(abs(step) / 255, evenness(luma[core(drawn)], lighter=step > 0))


def cut(pixels: "Pixels", box: Box) -> "tuple[Pixels, Mask]":
    """The part of (H, W, 3) pixels in a relative box and a ring around it, and which of its pixels are in the box."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    ring = max(2.0, RING * min(right - left, bottom - top))
    across = _span(left - ring, right + ring, width)
    down = _span(top - ring, bottom + ring, height)
    part = np.ascontiguousarray(pixels[down[0] : down[1], across[0] : across[1]])
    inside = np.zeros(part.shape[:2], np.uint8)
    inside[_within(top, bottom, down), _within(left, right, across)] = 1
    scale = MOST / min(part.shape[:2])
    if scale < 1:
        size = (max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale)))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        inside = cv2.resize(inside, size, interpolation=cv2.INTER_NEAREST)
    return part, inside.astype(bool)


def _span(start: float, stop: float, length: int) -> tuple[int, int]:
    first = min(max(0, round(start)), max(0, length - 2))
    return first, min(length, max(first + 2, round(stop)))


def _within(start: float, stop: float, span: tuple[int, int]) -> slice:
    first = max(0, round(start) - span[0])
    return slice(first, max(first + 1, round(stop) - span[0]))


def colors(part: "Pixels") -> "NDArray[np.int32]":
    """Which of the COLORS colours of a part (h, w, 3) each pixel has, (h, w); the same on every run."""
    import cv2
    import numpy as np

    values = part.reshape(-1, 3).astype(np.float32)
    luma = values @ np.array([0.299, 0.587, 0.114], np.float32)
    bounds = np.linspace(float(luma.min()), float(luma.max()), COLORS + 1)[1:-1]
    first = np.digitize(luma, bounds).astype(np.int32).reshape(-1, 1)
    stop = (cv2.TERM_CRITERIA_MAX_ITER + cv2.TERM_CRITERIA_EPS, 8, 1.0)
    _, labels, _ = cv2.kmeans(values, COLORS, first, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return labels.reshape(part.shape[:2])  # type: ignore[no-any-return]


def split(labels: "NDArray[np.int32]", inside: "Mask") -> "tuple[Mask, Mask]":
    """Strokes and ground, (h, w) each: the colour that is most at home in the box, and those common around it."""
    import numpy as np

    ring = ~inside if not inside.all() else _frame(inside.shape)
    within, around = _shares(labels[inside]), _shares(labels[ring])
    cores = np.array([int(core((labels == color) & inside).sum()) for color in range(COLORS)])
    drawn = int(np.argmax((within - around) * cores))
    ground = [color for color in range(COLORS) if color != drawn and around[color] >= GROUND * within[color]]
    return (labels == drawn) & inside, np.isin(labels, ground)


def _shares(labels: "NDArray[np.int32]") -> "NDArray[np.float64]":
    import numpy as np

    counts: NDArray[np.float64] = np.bincount(labels, minlength=COLORS).astype(np.float64)
    return counts / max(1, len(labels))


def _frame(shape: tuple[int, ...]) -> "Mask":
    import numpy as np

    frame = np.ones(shape, bool)
    frame[1:-1, 1:-1] = False
    return frame


def core(drawn: "Mask") -> "Mask":
    """Inside of strokes without their blurred edges; all of them where they are too thin for that."""
    import cv2
    import numpy as np

    whole = drawn.astype(np.uint8)
    inside = cv2.erode(whole, np.ones((3, 3), np.uint8), borderValue=0).astype(bool)
    return inside if np.count_nonzero(inside) >= 0.1 * np.count_nonzero(drawn) else drawn


def evenness(values: "Pixels", *, lighter: bool) -> float:
    """1 where stroke luma (n,) is even but for the noise of a JPEG, 0 where it varies much, 0..1."""
    import numpy as np

    # The half that is nearest the ground has the blur of the edges in it.
    near, far = np.percentile(values, (50, 90) if lighter else (50, 10))
    return float(np.clip(1 - (abs(float(far - near)) - NOISE) / UNEVEN, 0, 1))
