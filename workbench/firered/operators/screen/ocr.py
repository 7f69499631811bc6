"""Lines of text read in a picture and the look of their strokes, Sec. 2.2.3: what an overlay is, SQL decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from firered.descriptors.letters import strokes
from firered.errors import ModelError
from firered.models import perception
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row, TextBox

if TYPE_CHECKING:
    from firered.pictures import Pixels


@dataclass(frozen=True, kw_only=True)
class Ocr(Operator):
    """Writes a row for each line of text that is read with enough certainty."""

    model: str = "embedded:rapidocr"
    revision: str = "090f04abcd9d+6f327246b503+e47acedf6632"
    # Below this, pictures without any text have lines, too: 'EX' on a rocket at 0.81.
    min_score: float = 0.85
    max_side: int = 960  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (TextBox,)
    version: ClassVar[int] = 2

    def setup(self) -> None:
        """Load the reader; raises ModelError where it is not the revision that the settings name."""
        if self._reader.revision != self.revision:
            found = f"{self.model} is {self._reader.revision}, not {self.revision}"
            raise ModelError(f"operator 'ocr': {found} (set revision)")

    @cached_property
    def _reader(self) -> perception.Reader:
        return perception.load_reader(self.model)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[TextBox]]:
        """Yield the lines of each picture, in reading order."""
        for row in rows:
            pixels = pictures.scaled(row.sha256, self.max_side)
            lines = self._reader.read(pixels)
            yield [_box(row.image_id, line, pixels) for line in lines if line.score >= self.min_score]


def _box(image_id: int, line: perception.TextLine, pixels: "Pixels") -> TextBox:
    seen = strokes(pixels, line.box)
    return TextBox(image_id, line.text, line.score, *line.box, seen.contrast, seen.opacity)


OPERATOR = Ocr
