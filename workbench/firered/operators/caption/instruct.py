"""Instructions of template pairs, Sec. 2.5.2: three tiers in two languages, exact by construction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, Row, Text, id_of
from firered.templating.edits import Edit
from firered.templating.filters import Language, templates
from firered.templating.words import TIERS, Tier, grammar, instruction

STRATEGIES = ("template", "invert")


@dataclass(frozen=True, kw_only=True)
class Instruct(Operator):
    """Writes instructions from the stored parameters of template pairs; other pairs get no row."""

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (Text,)
    batch_size: ClassVar[int] = 256

    tiers: list[Tier] = field(default_factory=lambda: list(TIERS))
    languages: list[Language] = field(default_factory=lambda: ["en", "zh"])
    seed: int = 0

    def setup(self) -> None:
        """Read the templates and the grammar; raises TemplateError."""
        templates()
        grammar()

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the texts of each pair."""
        for row in rows:
            yield self._texts(row) if row.strategy in STRATEGIES else []

    def _texts(self, row: PairImages) -> list[Text]:
        edit = Edit.model_validate_json(row.parameters)
        read, forms = templates(), grammar()
        texts = []
        for tier in self.tiers:
            for language in self.languages:
                random = Random(id_of("instruct", self.seed, row.pair_id, tier, language))
                said = instruction(edit, read, forms, tier=tier, language=language, random=random)
                texts.append(Text.of(row.pair_id, tier, language, said))
        return texts


OPERATOR = Instruct
