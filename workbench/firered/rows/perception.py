"""Structural priors: masks, boxes, points, faces and maps of photographs, Sec. 2.3 (structured control)."""

from dataclasses import dataclass

from firered.rows.base import Row


@dataclass(frozen=True)
class Mask(Row):
    """A region of a photograph, as COCO run lengths."""

    image_id: int
    kind: str  # salient person object ...
    label: str  # of what it shows, '' where not known
    score: float  # 0..1
    area: float  # share of the picture, 0..1
    left: float  # box, relative to the picture, 0..1
    top: float
    right: float
    bottom: float
    height: int  # of the mask in pixels, at most 512 a side
    width: int
    counts: str  # COCO compressed run lengths
    matte: str  # sha256 of the soft mask as a grey PNG of the same size, '' where there is none


@dataclass(frozen=True)
class Detection(Row):
    """An object of a known class; box relative to the picture, 0..1."""

    image_id: int
    label: str  # COCO-80
    score: float  # 0..1
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Pose(Row):
    """A person's joints."""

    image_id: int
    person: int  # from 0, the most certain first
    scheme: str  # coco17 mediapipe33
    score: float  # 0..1
    points: list[float]  # x, y, score of each joint; 0..1 of the picture


@dataclass(frozen=True)
class FaceShape(Row):
    """A face's mesh, expression, age and identity; box and points relative to the picture, 0..1."""

    image_id: int
    face: int  # from 0, the largest first
    left: float
    top: float
    right: float
    bottom: float
    score: float  # 0..1
    points: list[float]  # x, y of 468 points of the mesh
    emotion: str
    emotion_score: float  # 0..1
    age: float  # years
    identity: list[float]  # 128 numbers, nearer than 0.6 for one person; empty where not computed


@dataclass(frozen=True)
class StructureMap(Row):
    """A picture-sized map: depth, edges, ..."""

    image_id: int
    kind: str  # depth edges lineart normal ...
    model: str
    sha256: str  # of a grey PNG blob, 16 bits for depth


@dataclass(frozen=True)
class EditTarget(Row):
    """Something in a photograph that may be edited, as a model proposed it; the box is None where not known."""

    image_id: int
    origin: str  # vlm ...
    kind: str  # object text face region ...
    en: str
    zh: str
    left: float | None
    top: float | None
    right: float | None
    bottom: float | None
