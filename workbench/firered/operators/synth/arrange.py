"""Model-free template synthesis, Sec. 2.3: layouts, 3D figures, pasted objects; whatever is not a filter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Codec, Pictures
from firered.rows import Image, Ingredient, Pair, Produced, Row, TemplateRequest
from firered.synthesis.produce import NotInstalled, Saving, produce, settings_of


@dataclass(frozen=True, kw_only=True)
class Arrange(Operator):
    """Makes the pairs that were requested of template makers; what they lack waits for a later run."""

    reads: ClassVar[type[Row]] = TemplateRequest
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Pair, Produced, Ingredient)
    postponed: ClassVar[tuple[type[Exception], ...]] = (NotInstalled,)
    expected: ClassVar[tuple[type[Exception], ...]] = (ValueError,)

    max_side: int = 512
    codec: Codec = "jpeg"
    quality: int = 92

    def __call__(
        self, rows: Sequence[TemplateRequest], pictures: Pictures
    ) -> Iterator[list[Row] | Exception]:
        """Yield the rows of each pair."""
        saving = Saving(self.max_side, self.codec, self.quality)
        return produce(rows, pictures, saving, lambda maker: settings_of(maker, {}))


OPERATOR = Arrange
