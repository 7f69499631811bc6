"""Networks of the package `human`: objects of 80 kinds, joints of persons, and the mood and age of faces.

They are graphs of TensorFlow.js, run by torch on one thread; a picture costs 0.1 seconds for its objects,
0.02 for each person's joints and 0.04 for each face.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from firered.models import packaged, registry
from firered.models.regions import Box, Region
from firered.models.tfjs import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

NAME = "human"
COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
    "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase",
    "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
MOODS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
OBJECTS_SIDE = 512  # pixels
JOINTS_SIDE, JOINTS = 192, 17
MOOD_SIDE, AGE_SIDE = 64, 224
LEAST = 0.2  # score below which detections are mostly wrong
OVERLAP = 0.5  # of two boxes of one kind, above which the less sure one is the same object
SAME_PLACE = 0.75  # of two boxes of any kind, above which the less sure one is the same object, misnamed
AROUND = 1.25  # side of the square around a person, over the longer side of the box
REMEMBERED = 32  # pictures: a batch that several operators look at in turn


@cache
def graph(name: str) -> Graph:
    """Open a network by its name; raises ModelError where it is not installed or altered."""
    files = {path.name: path for path in packaged.check(registry.entry(NAME))}
    return Graph(files[f"{name}.json"])


def revision() -> str:
    """Identity of the weights."""
    return packaged.digest(registry.entry(NAME))


class CenterNet:
    """Objects of COCO's 80 kinds."""

    name = "centernet"

    def __init__(self) -> None:
        self.revision = revision()
        self._graph = graph("centernet")
        self._known: OrderedDict[bytes, list[Region]] = OrderedDict()

    def find(self, pixels: "Pixels") -> list[Region]:
        """Objects of (H, W, 3) uint8 RGB pixels with a score of 0.2 or more, the surest first."""
        # Masks, poses and objects are sought in the same picture, one after the other.
        key = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest() + str(pixels.shape).encode()
        if key not in self._known:
            self._known[key] = self._detected(pixels)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]

    def _detected(self, pixels: "Pixels") -> list[Region]:
        import numpy as np

        (found,) = _run(self._graph, _squeezed(pixels, OBJECTS_SIDE), ["tower_0/detections"])
        found = found[0][found[0][:, 4] >= LEAST]
        boxes = np.clip(found[:, :4] / OBJECTS_SIDE, 0, 1)
        regions = [
            Region(float(row[4]), (float(a), float(b), float(c), float(d)), COCO[int(row[5])])
            for row, (a, b, c, d) in zip(found, boxes, strict=True)
            if c > a and d > b
        ]
        return distinct(regions)


class MoveNet:
    """Persons and COCO's 17 joints of each."""

    name = "movenet"

    def __init__(self) -> None:
        self._objects = shared_objects()
        self.revision = self._objects.revision
        self._graph = graph("movenet-lightning")

    def find(self, pixels: "Pixels") -> list[Region]:
        """Persons of (H, W, 3) uint8 RGB pixels, the surest first, with points (17, 3)."""
        persons = [each for each in self._objects.find(pixels) if each.label == "person"]
        return [self._jointed(pixels, each) for each in persons]

    def _jointed(self, pixels: "Pixels", person: Region) -> Region:
        import numpy as np

        from firered.models.mediapipe.graphs import Square

        height, width = pixels.shape[:2]
        left, top, right, bottom = np.array(person.box) * (width, height, width, height)
        side = max(right - left, bottom - top) * AROUND
        square = Square((left + right) / 2, (top + bottom) / 2, side)
        (found,) = _run(self._graph, np.round(square.cut(pixels, JOINTS_SIDE) * 255))
        joints = found.reshape(JOINTS, 3)
        placed = square.placed(joints[:, 1::-1] * JOINTS_SIDE, JOINTS_SIDE) / (width, height)
        points = np.concatenate([placed, joints[:, 2:]], axis=1).astype(np.float32)
        return Region(person.score * float(joints[:, 2].mean()), person.box, "person", points=points)


class FaceReader:
    """What a face tells: its mood and about how old it looks."""

    def __init__(self) -> None:
        self.revision = revision()
        self._mood, self._age = graph("emotion"), graph("faceres")

    def mood(self, face: "Floats") -> tuple[str, float]:
        """Mood and its share 0..1, of an upright face (S, S, 3) float32 RGB in 0..1."""
        grey = _resized(face, MOOD_SIDE) @ _luma()
        (shares,) = _run(self._mood, (grey[:, :, None] - 0.5) * 2)
        best = int(shares[0].argmax())
        return MOODS[best], float(shares[0][best])

    def age(self, face: "Floats") -> float:
        """Age in years that an upright face (S, S, 3) float32 RGB in 0..1 looks like; off by ten years or so."""
        import numpy as np

        (shares,) = _run(self._age, _resized(face, AGE_SIDE) * 255, ["age_pred/Softmax"])
        return float((shares[0] * np.arange(shares.shape[1])).sum() / shares[0].sum())


@cache
def shared_objects() -> CenterNet:
    """The detector of this process."""
    return CenterNet()


def distinct(regions: Sequence[Region]) -> list[Region]:
    """Regions, the surest first, of which none overlaps a surer one too much."""
    kept: list[Region] = []
    for each in sorted(regions, key=lambda region: -region.score):
        limits = [(OVERLAP if each.label == other.label else SAME_PLACE, other) for other in kept]
        if all(iou(each.box, other.box) <= limit for limit, other in limits):
            kept.append(each)
    return kept


def iou(box: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    across = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    down = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (box, other)]
    both = sum(areas) - across * down
    return across * down / both if both > 0 else 0.0


def inside(box: Box, other: Box) -> float:
    """Share of a box that lies within another one, 0..1."""
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(across, 0.0) * max(down, 0.0) / area if area > 0 else 0.0


def _run(graph: Graph, picture: "Floats", outputs: list[str] | None = None) -> "list[Floats]":
    import numpy as np
    import torch

    given = torch.from_numpy(np.ascontiguousarray(picture, np.float32)[None])
    return [found.numpy() for found in graph(given, outputs)]


def _squeezed(pixels: "Pixels", side: int) -> Any:
    import cv2
    import numpy as np

    return cv2.resize(pixels, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _resized(face: "Floats", side: int) -> Any:
    import cv2

    return cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)


def _luma() -> "Floats":
    import numpy as np

    return np.array([0.2989, 0.5870, 0.1140], np.float32)
