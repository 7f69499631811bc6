"""Persons and their 33 joints: a detector of hips and heights, and a network that looks at each body upright."""

import math
from functools import cache
from typing import TYPE_CHECKING

from firered.models.mediapipe.graphs import Square, graph, odds, revision
from firered.models.regions import Box, Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

JOINTS = 33
DETECTOR_SIDE = 224  # pixels; of the whole picture
BODY_SIDE = 256  # pixels; of a body
# Places of the detector's answers: cells a side, and answers in each cell.
CELLS = ((28, 2), (14, 2), (7, 6))
LEAST = 0.5  # score of a body that is looked at
OVERLAP = 0.3  # of two boxes, above which they are of one body
AROUND = 1.25  # side of the square around a body, over its height


class Bodies:
    """Persons with MediaPipe's 33 joints and a mask of each, about 30 ms of one core a picture and person."""

    name = "mediapipe-pose"

    def __init__(self) -> None:
        self.revision = revision()
        self._detector = graph("pose_detection")
        self._joints = graph("pose_landmark_full")

    def find(self, pixels: "Pixels") -> list[Region]:
        """Persons of (H, W, 3) uint8 RGB pixels, the surest first, with points (33, 3) and a matte."""
        found = [self._looked_at(pixels, square) for square in self._proposed(pixels)]
        return sorted((each for each in found if each.score >= LEAST), key=lambda each: -each.score)

    def _proposed(self, pixels: "Pixels") -> list[Square]:
        """Upright squares around the bodies that the detector finds."""
        height, width = pixels.shape[:2]
        whole = Square(width / 2, height / 2, max(height, width))
        places, logits = self._detector(whole.cut(pixels, DETECTOR_SIDE)[None] * 2 - 1)
        scores = odds(logits[0, :, 0])
        likely = scores >= LEAST
        answers = _decoded(places[0], anchors())[likely]
        kept = _distinct(answers[:, :4], scores[likely])
        squares = [whole.placed(answers[place, 4:].reshape(-1, 2), DETECTOR_SIDE) for place in kept]
        return [around(points[0], points[1]) for points in squares]

    def _looked_at(self, pixels: "Pixels", square: Square) -> Region:
        import numpy as np

        height, width = pixels.shape[:2]
        found = self._joints(square.cut(pixels, BODY_SIDE)[None])
        joints, present, mask = found[0].reshape(-1, 5)[:JOINTS], found[1], found[2]
        placed = square.placed(joints[:, :2], BODY_SIDE) / (width, height)
        points = np.concatenate([placed, odds(joints[:, 3:4])], axis=1).astype(np.float32)
        matte = square.pasted(odds(mask[0, :, :, 0]), height, width)
        return Region(float(present.item()), _box(points), "person", matte=matte, points=points)


@cache
def anchors() -> "Floats":
    """Centres (2254, 2) x, y of the detector's answers, relative to its square."""
    import numpy as np

    grids = []
    for cells, answers in CELLS:
        places = (np.arange(cells) + 0.5) / cells
        down, across = np.meshgrid(places, places, indexing="ij")
        grids.append(np.repeat(np.stack([across, down], axis=-1).reshape(-1, 2), answers, axis=0))
    return np.concatenate(grids).astype(np.float32)


def around(hips: "Floats", end: "Floats") -> Square:
    """Square around a body whose hips are at `hips` and which reaches as far as `end`, head up; pixels."""
    across, down = float(end[0] - hips[0]), float(end[1] - hips[1])
    reach = math.hypot(across, down)
    # The end lies over the hips where the body is upright.
    return Square(float(hips[0]), float(hips[1]), 2 * reach * AROUND, math.atan2(across, -down))


def _decoded(places: "Floats", centres: "Floats") -> "Floats":
    """Boxes as left, top, right, bottom, then four points, (N, 12) in the detector's pixels."""
    import numpy as np

    middle = places[:, :2] + centres * DETECTOR_SIDE
    half = places[:, 2:4] / 2
    points = places[:, 4:].reshape(len(places), -1, 2) + (centres * DETECTOR_SIDE)[:, None]
    return np.concatenate([middle - half, middle + half, points.reshape(len(places), -1)], axis=1)


def _distinct(boxes: "Floats", scores: "Floats") -> list[int]:
    from firered.models.mtcnn import distinct

    return distinct(boxes, scores, overlap=OVERLAP)


def _box(points: "Floats") -> Box:
    import numpy as np

    left, top = np.clip(points[:, :2].min(axis=0), 0, 1)
    right, bottom = np.clip(points[:, :2].max(axis=0), 0, 1)
    return float(left), float(top), float(right), float(bottom)
