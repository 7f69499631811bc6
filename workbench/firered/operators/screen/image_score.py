"""Scores of photographs by a model of the user's choice: safe or not, generated or not, appeal, quality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from firered.errors import ModelError
from firered.models import judgement
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import ImageScore as Scored
from firered.rows import KeptPhoto, Row, id_of


@dataclass(frozen=True, kw_only=True)
class ImageScore(Operator):
    """Writes one row for each label, or for the `top` best ones; which scores are too high is decided in SQL."""

    model: str = (
        ""  # hf:ID@COMMIT, path:FOLDER, embedded:nudenet, pyiqa:METRIC; of the encoder where a head is given
    )
    head: str = ""  # file of an aesthetic head on an encoder
    revision: str = ""  # may be left out where the spec pins a commit
    top: int = 0  # labels, the best ones; 0 is all of them
    max_side: int = 1024  # pixels; most models shrink further
    batch: int = 16  # pictures that the model sees at a time
    device: str = ""  # cuda mps cpu; the GPU where there is one
    dtype: str = "float32"  # float32 float16 bfloat16

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Scored,)

    def setup(self) -> None:
        """Load the model; raises ModelError where it is not the revision that the settings name."""
        if not self.model:
            raise ModelError(f"operator 'image_score': no model is set (set model to {judgement.FORMS})")
        found = self._judgement.revision
        pinned = not self.revision and self.model.endswith(f"@{found}")
        if found != self.revision and not pinned:
            raise ModelError(
                f"operator 'image_score': {self.model} is {found}, not {self.revision or 'pinned'} (set revision)"
            )

    def fingerprint(self) -> int:
        """63-bit identity: without where and in what portions the model computes, which changes no score."""
        kept = {name: value for name, value in self.settings().items() if name not in ("batch", "device")}
        return id_of("operator", self.name(), self.version, kept)

    @cached_property
    def _judgement(self) -> judgement.Judgement:
        placement = judgement.Placement(self.device, self.dtype)
        return judgement.load(self.model, head=self.head, placement=placement)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Scored]]:
        """Yield the scores of each photograph, the highest first."""
        for start in range(0, len(rows), self.batch):
            part = rows[start : start + self.batch]
            scored = self._judgement.score([pictures.scaled(row.sha256, self.max_side) for row in part])
            for row, scores in zip(part, scored, strict=True):
                yield [self._row(row, label, value) for label, value in self._best(scores)]

    def _best(self, scores: dict[str, float]) -> list[tuple[str, float]]:
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return list(islice(ranked, self.top or None))

    def _row(self, row: KeptPhoto, label: str, value: Any) -> Scored:
        named = f"{self._judgement.name}@{self._judgement.revision}"
        return Scored(row.image_id, named, label, float(value))


OPERATOR = ImageScore
