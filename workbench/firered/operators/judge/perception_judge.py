"""What perception models see, Sec. 2.6: whether words are read, things found and persons the same as promised."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, PerceptionScore, Row
from firered.synthesis.making import Making, is_making

if TYPE_CHECKING:
    from firered.models.regions import Region
    from firered.pictures import Pixels
    from firered.synthesis.checks.seen import Asked, Eyes, SeenFace

# Points of the mesh: upper lids, corners of the mouth, inner middles of the lips
EYES, MOUTH, LIPS = (159, 386), (61, 291), (13, 14)
STRATEGIES = ("template", "invert", "expert", "control", "split")


@dataclass(frozen=True, kw_only=True)
class PerceptionJudge(Operator):
    """Writes a row for each check that applies to a made pair; where none does, the pair gets no row."""

    reader: str = "embedded:rapidocr"
    objects: str = "embedded:centernet"
    joints: str = "embedded:movenet"
    faces: str = "embedded:mtcnn"
    least_read: float = 0.5  # score of a line that counts
    least_face: float = 0.12  # side of a face that counts, in longer sides of the picture

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (PerceptionScore,)

    @cached_property
    def eyes(self) -> "Eyes":
        """Models, each loaded when it is first needed."""
        return EmbeddedEyes(self)

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the checks of each pair."""
        for row in rows:
            yield checks(row, pictures, self.eyes) if row.strategy in STRATEGIES else []


def checks(row: PairImages, pictures: Pictures, eyes: "Eyes") -> list[PerceptionScore]:
    """Rows of the checks that apply to a pair."""
    from firered.synthesis.checks import seen

    source, target = pictures.pixels(row.source_sha256), pictures.pixels(row.target_sha256)
    found = seen.look(asked(row), source, target, eyes)
    return [PerceptionScore(row.pair_id, each.check, each.asked, each.found, each.score) for each in found]


def asked(row: PairImages) -> "Asked":
    """What a pair promises."""
    from firered.models.human import COCO
    from firered.synthesis.checks import promises
    from firered.synthesis.primitives import primitive
    from firered.templating.edits import Edit

    if not is_making(row.parameters):
        return promises.of_edit(Edit.model_validate_json(row.parameters), row.task)
    making = Making.model_validate_json(row.parameters)
    return promises.of_making(making, primitive(making.wish.primitive), COCO)


class EmbeddedEyes:
    """The models that the operator names."""

    def __init__(self, settings: PerceptionJudge) -> None:
        self._settings = settings

    def read(self, pixels: "Pixels") -> list[str]:
        """Lines of text."""
        lines = self._reader.read(pixels)
        return [line.text for line in lines if line.score >= self._settings.least_read]

    def things(self, pixels: "Pixels") -> "list[Region]":
        """Objects with their labels."""
        found: list[Region] = self._objects.find(pixels)
        return found

    def joints(self, pixels: "Pixels") -> "list[Region]":
        """Persons with their joints."""
        found: list[Region] = self._joints.find(pixels)
        return found

    def faces(self, pixels: "Pixels") -> "list[SeenFace]":
        """Faces, the largest first."""
        found = [self._face(pixels, face.box) for face in self._faces.find(pixels)]
        return sorted(found, key=lambda face: face.box[0] - face.box[2])

    def _face(self, pixels: "Pixels", box: tuple[float, float, float, float]) -> "SeenFace":
        from firered.models.mediapipe import meshes
        from firered.models.mediapipe.graphs import Square
        from firered.synthesis.checks.seen import SeenFace

        mesh = self._meshes.fit(pixels, box).points
        upright: Square = meshes.upright(mesh)
        mood, share = self._mood.mood(upright.cut(pixels, 96))
        return SeenFace(box, self._identity.embed(pixels, mesh), mood, share, mouth_of(mesh))

    @cached_property
    def _reader(self) -> Any:
        from firered.models import perception

        return perception.load_reader(self._settings.reader)

    @cached_property
    def _objects(self) -> Any:
        from firered.models import regions

        return regions.load(self._settings.objects)

    @cached_property
    def _joints(self) -> Any:
        from firered.models import regions

        return regions.load(self._settings.joints)

    @cached_property
    def _faces(self) -> Any:
        from firered.models import faces

        return faces.load(self._settings.faces, least=self._settings.least_face)

    @cached_property
    def _meshes(self) -> Any:
        from firered.models.mediapipe.meshes import Meshes

        return Meshes()

    @cached_property
    def _mood(self) -> Any:
        from firered.models.human import FaceReader

        return FaceReader()

    @cached_property
    def _identity(self) -> Any:
        from firered.models.face_identity import FaceIdentity

        return FaceIdentity()


def mouth_of(mesh: Any) -> tuple[float, float]:
    """Width and opening of the mouth of a mesh (468, 2), over the distance of the eyes."""
    from math import dist

    apart = dist(mesh[EYES[0]], mesh[EYES[1]]) or 1.0
    return dist(mesh[MOUTH[0]], mesh[MOUTH[1]]) / apart, dist(mesh[LIPS[0]], mesh[LIPS[1]]) / apart


OPERATOR = PerceptionJudge
