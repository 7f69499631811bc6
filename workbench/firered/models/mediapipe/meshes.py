"""Face meshes: 468 points of a face whose box is known."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firered.models.mediapipe.graphs import Square, graph, odds, revision
from firered.models.regions import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

POINTS = 468
SIDE = 192  # pixels
AROUND = 1.5  # side of the square that the network sees, over the face's
TIGHT = 0.7  # of that square, as networks of moods and ages were trained on faces
# Points of the mesh: outer and inner corners of the eyes on the left and right of the picture, tip of the nose,
# corners of the mouth on the left and right
LEFT_EYE, RIGHT_EYE, NOSE, LEFT_MOUTH, RIGHT_MOUTH = (33, 133), (362, 263), 4, 61, 291


@dataclass(frozen=True)
class Mesh:
    """A face's points (468, 2) in pixels of the picture, and how surely there is a face, 0..1."""

    score: float
    points: "Floats"


class Meshes:
    """MediaPipe's face mesh, about 5 ms of one core a face."""

    def __init__(self) -> None:
        self.revision = revision()
        self._graph = graph("face_landmark")

    def fit(self, pixels: "Pixels", box: Box) -> Mesh:
        """Mesh of the face in a box of (H, W, 3) uint8 RGB pixels."""
        height, width = pixels.shape[:2]
        left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        side = max(right - left, bottom - top)
        first = Square((left + right) / 2, (top + bottom) / 2, side * AROUND)
        # The second look is at the face turned upright, as the network was trained.
        return self._look(pixels, upright(self._look(pixels, first).points))

    def _look(self, pixels: "Pixels", square: Square) -> Mesh:
        points, score = self._graph(square.cut(pixels, SIDE)[None])
        placed = square.placed(points.reshape(POINTS, 3)[:, :2], SIDE)
        return Mesh(float(odds(score).item()), placed)


def upright(points: "Floats") -> Square:
    """Square around a face's points (468, 2) in which its eyes are level."""
    import numpy as np

    left, right = points[list(LEFT_EYE)].mean(axis=0), points[list(RIGHT_EYE)].mean(axis=0)
    angle = math.atan2(float(right[1] - left[1]), float(right[0] - left[0]))
    cos, sin = math.cos(angle), math.sin(angle)
    turned = points @ np.array([[cos, -sin], [sin, cos]], np.float32)
    low, high = turned.min(axis=0), turned.max(axis=0)
    x, y = (low + high) / 2
    return Square(x * cos - y * sin, x * sin + y * cos, float(max(high - low)) * AROUND, angle)


def five_points(points: "Floats") -> "Floats":
    """Eyes, tip of the nose and corners of the mouth (5, 2) of a mesh (468, 2), those on the picture's left first."""
    import numpy as np

    eyes = [points[list(corners)].mean(axis=0) for corners in (LEFT_EYE, RIGHT_EYE)]
    return np.stack([*eyes, points[NOSE], points[LEFT_MOUTH], points[RIGHT_MOUTH]])


def tight(points: "Floats") -> Square:
    """Upright square that a face's points (468, 2) just fill."""
    square = upright(points)
    return Square(square.x, square.y, square.side * TIGHT, square.angle)
