"""Statistics of generated images, Sec. 2.2.5: weak evidence, which only a combination in SQL may use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Photo, Row
from firered.rows import Spectrum as Measured


@dataclass(frozen=True, kw_only=True)
class Spectrum(Operator):
    """Writes noise, traces of upsampling, slope of the spectrum and evenness of light, at full resolution."""

    reads: ClassVar[type[Row]] = Photo
    writes: ClassVar[tuple[type[Row], ...]] = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Measured]]:
        """Yield one row for each photograph."""
        from firered.descriptors import spectrum

        for row in rows:
            found = spectrum.statistics(pictures.pixels(row.sha256))
            yield [Measured(row.image_id, found.residual, found.peaks, found.slope, found.light)]


OPERATOR = Spectrum
