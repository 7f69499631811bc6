"""Structured captions, Sec. 2.5.1, without a model: they state only what was measured in the pixels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row, Text
from firered.templating.filters import Language

# Tone needs no detail: a small copy gives the same words.
SIDE = 128


@dataclass(frozen=True, kw_only=True)
class Structured(Operator):
    """Writes shape, size, light, contrast and colours of a photograph; not what it shows."""

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Text,)

    languages: list[Language] = field(default_factory=lambda: ["en", "zh"])

    def setup(self) -> None:
        """Read the forms; raises TemplateError."""
        from firered.templating.looks import forms

        forms()

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the captions of each photograph."""
        from firered.templating.looks import caption, forms, look

        for photo in rows:
            seen = look(pictures.scaled(photo.sha256, SIDE), photo.width, photo.height)
            yield [
                Text.of(photo.image_id, "structured", language, caption(seen, forms(), language))
                for language in self.languages
            ]


OPERATOR = Structured
