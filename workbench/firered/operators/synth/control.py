"""Synthesis by structured control, Sec. 2.3: masks, boxes and points steer the editing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from firered.operator import Operator
from firered.pictures import Codec, Pictures
from firered.rows import ControlRequest, Image, Ingredient, Pair, Produced, Row
from firered.synthesis.produce import NotInstalled, Saving, produce, settings_of


@dataclass(frozen=True, kw_only=True)
class Control(Operator):
    """Makes the pairs that were requested of makers by structure."""

    reads: ClassVar[type[Row]] = ControlRequest
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Pair, Produced, Ingredient)
    postponed: ClassVar[tuple[type[Exception], ...]] = (NotInstalled,)
    expected: ClassVar[tuple[type[Exception], ...]] = (ValueError,)

    max_side: int = 512
    codec: Codec = "jpeg"
    quality: int = 92
    models: dict[str, Any] = field(default_factory=dict)  # device, dtype, ... of the models that makers load

    def __call__(self, rows: Sequence[ControlRequest], pictures: Pictures) -> Iterator[list[Row] | Exception]:
        """Yield the rows of each pair."""
        saving = Saving(self.max_side, self.codec, self.quality)
        return produce(rows, pictures, saving, lambda maker: settings_of(maker, self.models))


OPERATOR = Control
