"""What is known of one photograph, parsed from the view `scene`; lists are empty where an operator did not run."""

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from firered.rows import NextScene
from firered.rows import Scene as SceneRow
from firered.synthesis.making import Region
from firered.templating.filters import Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Binary = NDArray[np.bool_]


class Box(Strict):
    """A box relative to the picture, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the picture."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    @property
    def centre(self) -> tuple[float, float]:
        """Middle, x and y."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class SceneMask(Strict):
    """A region that perception found."""

    kind: str  # salient person object ...
    label: str
    score: float
    area: float
    box: Box
    height: int
    width: int
    counts: str
    matte: str  # sha256 of the soft mask, '' where there is none

    @property
    def region(self) -> Region:
        """Its run lengths."""
        return Region(height=self.height, width=self.width, counts=self.counts)


class SceneObject(Strict):
    """An object of a known class."""

    label: str
    score: float
    box: Box


class SceneText(Strict):
    """A line of text."""

    text: str
    score: float
    box: Box


class SceneFace(Strict):
    """A face and its mesh (x, y of each point, 0..1)."""

    face: int
    score: float
    points: list[float]
    emotion: str
    emotion_score: float
    age: float
    box: Box


class ScenePose(Strict):
    """A person's joints: x, y, score of each, 0..1."""

    person: int
    scheme: str
    score: float
    points: list[float]


class SceneTarget(Strict):
    """Something that may be edited, as a model proposed it."""

    origin: str
    kind: str
    en: str
    zh: str
    box: Box | None


class SceneOther(Strict):
    """Another photograph, for use as a background, a cut-out or a reference."""

    image_id: int
    sha256: str
    width: int
    height: int
    masks: list[SceneMask] = []
    objects: list[SceneObject] = []


class Scene(Strict):
    """A photograph and what was found in it."""

    image_id: int
    sha256: str
    width: int
    height: int
    licence: str = ""
    masks: list[SceneMask] = []
    objects: list[SceneObject] = []
    texts: list[SceneText] = []
    faces: list[SceneFace] = []
    poses: list[ScenePose] = []
    targets: list[SceneTarget] = []
    others: list[SceneOther] = []

    @classmethod
    def of(cls, row: SceneRow | NextScene) -> "Scene":
        """Parse a row."""
        return cls(
            image_id=row.image_id,
            sha256=row.sha256,
            width=row.width,
            height=row.height,
            licence=row.licence,
            masks=_MASKS.validate_json(row.masks),
            objects=_OBJECTS.validate_json(row.objects),
            texts=_TEXTS.validate_json(row.texts),
            faces=_FACES.validate_json(row.faces),
            poses=_POSES.validate_json(row.poses),
            targets=_TARGETS.validate_json(row.targets),
            others=_OTHERS.validate_json(row.others),
        )

    def best(self, kind: str) -> SceneMask | None:
        """The most certain mask of a kind."""
        return next((mask for mask in self.masks if mask.kind == kind), None)


_MASKS = TypeAdapter(list[SceneMask])
_OBJECTS = TypeAdapter(list[SceneObject])
_TEXTS = TypeAdapter(list[SceneText])
_FACES = TypeAdapter(list[SceneFace])
_POSES = TypeAdapter(list[ScenePose])
_TARGETS = TypeAdapter(list[SceneTarget])
_OTHERS = TypeAdapter(list[SceneOther])


def mask_of(region: Region, height: int, width: int) -> "Binary":
    """A region's mask at the size (height, width)."""
    import cv2
    import numpy as np

    mask = region.decoded()
    if mask.shape == (height, width):
        return mask
    soft = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft >= 0.5)
