"""Faces in a photograph, Sec. 2.3: their mesh, mood and age, and the numbers that tell whose face it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from firered.models import face_identity, faces, regions
from firered.models.faces import FaceBox
from firered.models.human import FaceReader
from firered.models.mediapipe.meshes import Mesh, Meshes, tight
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import FaceShape, KeptPhoto, Row

if TYPE_CHECKING:
    from firered.models.faces import Pixels


@dataclass(frozen=True, kw_only=True)
class FaceShapes(Operator):
    """Writes a row for each face that both a detector and the mesh are sure of, the largest first."""

    detector: str = "embedded:mtcnn"
    revision: str = ""  # of detector, mesh, moods and identity, joined by '+'; empty: whichever are there
    min_score: float = 0.995  # of the detector: a blot on paper has 0.990; the mesh is asked, too
    min_mesh: float = 0.9
    min_side: float = 0.06  # side of the smallest face, over the picture's longer side
    identity: bool = True  # whether to tell whose face it is
    max_side: int = 768  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    needs: ClassVar[tuple[str, ...]] = ("human", "face-api", "mtcnn")
    writes: ClassVar[tuple[type[Row], ...]] = (FaceShape,)

    def setup(self) -> None:
        """Load the networks; raises ModelError where they are not the revision that the settings name."""
        loaded = [self._detector.revision, self._meshes.revision, self._reader.revision]
        loaded += [face_identity.shared().revision] if self.identity else []
        regions.check_revision("+".join(loaded), self.revision, spec="the models", operator=self.name())

    @cached_property
    def _detector(self) -> faces.Detector:
        return faces.load(self.detector, least=self.min_side)

    @cached_property
    def _meshes(self) -> Meshes:
        return Meshes()

    @cached_property
    def _reader(self) -> FaceReader:
        return FaceReader()

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[FaceShape]]:
        """Yield the faces of each picture, the largest first."""
        for row in rows:
            pixels = pictures.scaled(row.sha256, self.max_side)
            found = [each for each in self._detector.find(pixels) if each.score >= self.min_score]
            found.sort(key=lambda each: -_area(each))
            meshes = [(each, self._meshes.fit(pixels, each.box)) for each in found]
            sure = [(each, mesh) for each, mesh in meshes if mesh.score >= self.min_mesh]
            yield [self._shape(row.image_id, number, pixels, *each) for number, each in enumerate(sure)]

    def _shape(self, image_id: int, number: int, pixels: "Pixels", face: FaceBox, mesh: Mesh) -> FaceShape:
        height, width = pixels.shape[:2]
        picture = tight(mesh.points).cut(pixels, 224)
        mood, certainty = self._reader.mood(picture)
        identity = face_identity.shared().embed(pixels, mesh.points).tolist() if self.identity else []
        points = [round(float(value), 5) for value in (mesh.points / (width, height)).ravel()]
        age = self._reader.age(picture)
        return FaceShape(image_id, number, *face.box, face.score, points, mood, certainty, age, identity)


def _area(face: FaceBox) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)


OPERATOR = FaceShapes
