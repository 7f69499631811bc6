"""Instructions of pairs from their stored parameters, Sec. 2.5.2: three tiers in two languages, exact by construction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, Row, Text, id_of
from firered.synthesis import words
from firered.synthesis.making import Making, is_making
from firered.synthesis.primitives import primitives
from firered.templating.edits import Edit
from firered.templating.filters import Language, templates
from firered.templating.words import TIERS, Tier, grammar, instruction

# Other pairs came with their own words.
OTHERS = ("import",)


@dataclass(frozen=True, kw_only=True)
class Instruct(Operator):
    """Writes instructions from the stored parameters of pairs that were made here; others get no row."""

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
        primitives()

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the texts of each pair."""
        for row in rows:
            yield self._texts(row) if row.strategy not in OTHERS else []

    def _texts(self, row: PairImages) -> list[Text]:
        texts = []
        say = _sayer(row.parameters)
        for tier in self.tiers:
            for language in self.languages:
                random = Random(id_of("instruct", self.seed, row.pair_id, tier, language))
                texts.append(Text.of(row.pair_id, tier, language, say(tier, language, random)))
        return texts


def _sayer(parameters: str) -> Callable[[Tier, Language, Random], str]:
    """How a pair is put into words, by what its parameters are."""
    if is_making(parameters):
        wish = Making.model_validate_json(parameters).told
        return lambda tier, language, random: words.instruction(
            wish, tier=tier, language=language, random=random
        )
    edit, read, forms = Edit.model_validate_json(parameters), templates(), grammar()
    return lambda tier, language, random: instruction(
        edit, read, forms, tier=tier, language=language, random=random
    )


OPERATOR = Instruct
