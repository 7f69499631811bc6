"""QR codes and barcodes, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.descriptors import codes
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Code, Photo, Row


@dataclass(frozen=True, kw_only=True)
class Codes(Operator):
    """Writes a row for each code that is seen, read or not."""

    # Mean step between neighbouring pixels at half size, 0..255, from which a place is worth a look.
    gate: float = 31.0

    reads: ClassVar[type[Row]] = Photo
    writes: ClassVar[tuple[type[Row], ...]] = (Code,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Code]]:
        """Yield the codes of each image."""
        for row in rows:
            found = codes.find(pictures.pixels(row.sha256), gate=self.gate)
            yield [Code(row.image_id, code.kind, code.symbology, code.text, *code.box) for code in found]


OPERATOR = Codes
