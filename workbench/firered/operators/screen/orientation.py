"""Which way up a photograph is and how far it leans, by geometric cues, Sec. 2.2.3; EXIF was obeyed before."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from firered.descriptors import tilt, turn
from firered.errors import ModelError
from firered.models import faces, openvino_run
from firered.models.upright import Upright
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row
from firered.rows import Orientation as Measured

Cue = Literal["ground", "faces", "head"]


@dataclass(frozen=True, kw_only=True)
class Orientation(Operator):
    """Adds up what the cues say of the four quarter turns, then looks for a tilt in the picture so turned."""

    cues: tuple[Cue, ...] = (
        "ground",
        "faces",
        "head",
    )  # light and texture, faces, and what a head has learned
    detector: str = "embedded:mtcnn"
    revisions: tuple[str, ...] = (
        "a2a71925e0b9+bbb937de72ef+165bfbe42940",  # of the detector
        "579344248a93+d03b716b7cca",  # of the head
    )
    runtime: str = "auto"  # of the head's network: openvino-bf16, openvino-f32 or torch
    min_score: float = 0.98  # of a face
    min_side: float = 0.06  # of a face, over the picture's longer side
    max_side: int = 640  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Measured,)

    def __post_init__(self) -> None:
        """Name the runtime, so that scores of another precision are another operator's; raises ModelError."""
        object.__setattr__(self, "runtime", openvino_run.resolved(self.runtime))

    def setup(self) -> None:
        """Load what the cues need; raises ModelError where it is not the revisions that the settings name."""
        for cue, known in zip(("faces", "head"), self.revisions, strict=True):
            found = getattr(self, f"_{cue}").revision if cue in self.cues else known
            if found != known:
                raise ModelError(f"operator 'orientation': {cue} are {found}, not {known} (set revisions)")

    @cached_property
    def _faces(self) -> faces.Detector:
        return faces.load(self.detector, least=self.min_side)

    @cached_property
    def _head(self) -> Upright:
        return Upright(self.runtime)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Measured]]:
        """Yield the orientation of each picture."""
        for row in rows:
            pixels = pictures.scaled(row.sha256, self.max_side)
            up = turn.combined({cue: self._said[cue](pixels) for cue in self.cues})
            lean = tilt.measure(turn.turned(pixels, up.degrees))
            yield [
                Measured(row.image_id, up.degrees, up.confidence, lean.degrees, lean.confidence, up.evidence)
            ]

    @property
    def _said(self) -> dict[str, Callable[[Any], list[float]]]:
        return {"ground": turn.by_ground, "faces": self._by_faces, "head": self._by_head}

    def _by_faces(self, pixels: Any) -> list[float]:
        found = [self._faces.find(turn.turned(pixels, each)) for each in turn.TURNS]
        return turn.by_faces([sum(face.score >= self.min_score for face in each) for each in found])

    def _by_head(self, pixels: Any) -> list[float]:
        scores: list[float] = self._head.scores(pixels).tolist()
        return scores


OPERATOR = Orientation
