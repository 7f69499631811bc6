"""Synthesis by instruction, Sec. 2.3: editing models that take a picture and a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from firered.operator import Operator
from firered.pictures import Codec, Pictures
from firered.rows import ExpertRequest, Image, Ingredient, Pair, Produced, Row
from firered.synthesis.produce import NotInstalled, Saving, produce, settings_of


@dataclass(frozen=True, kw_only=True)
class Expert(Operator):
    """Makes the pairs that were requested of experts; each expert's card says what it takes and costs."""

    reads: ClassVar[type[Row]] = ExpertRequest
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Pair, Produced, Ingredient)
    batch_size: ClassVar[int] = 8
    postponed: ClassVar[tuple[type[Exception], ...]] = (NotInstalled,)
    expected: ClassVar[tuple[type[Exception], ...]] = (ValueError,)

    max_side: int = 512
    codec: Codec = "jpeg"
    quality: int = 92
    models: dict[str, Any] = field(default_factory=dict)  # device, dtype, offload, batch ... of the experts

    def __call__(self, rows: Sequence[ExpertRequest], pictures: Pictures) -> Iterator[list[Row] | Exception]:
        """Yield the rows of each pair."""
        saving = Saving(self.max_side, self.codec, self.quality)
        return produce(rows, pictures, saving, lambda maker: settings_of(maker, self.models))


OPERATOR = Expert
