"""Pixel truth, Sec. 2.6: whether a template pair shows what its parameters ask for, without a model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, PixelScore, Row
from firered.templating.filters import templates

STRATEGIES = ("template", "invert")


@dataclass(frozen=True, kw_only=True)
class PixelJudge(Operator):
    """Measures the named property of template pairs and their inverses; other pairs get no row."""

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (PixelScore,)

    def setup(self) -> None:
        """Read the filters; raises TemplateError."""
        templates()

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the score of each pair."""
        for row in rows:
            yield [score(row, pictures)] if row.strategy in STRATEGIES else []


def score(row: PairImages, pictures: Pictures) -> PixelScore:
    """Score of a pair from its decoded blobs; the amounts of an inverse are those of the way there."""
    from firered.templating import truth
    from firered.templating.edits import Edit

    edit = Edit.model_validate_json(row.parameters)
    made = templates().filters[edit.filter]
    source, target = pictures.pixels(row.source_sha256), pictures.pixels(row.target_sha256)
    # An inverse leads from the edited to the plain picture: it is measured the other way round.
    start, end = (target, source) if edit.inverse else (source, target)
    found = truth.measure(start, end, edit, made)
    return PixelScore(
        pair_id=row.pair_id,
        property=f"{made.measure.property} undone" if edit.inverse else made.measure.property,
        asked=edit.asked,
        measured=found.measured,
        followed=truth.followed(found, edit.asked, made.measure),
        kept=truth.kept(start, end, edit, made, found),
        changed_area=truth.changed_area(source, target),
        psnr=truth.psnr(source, target),
    )


OPERATOR = PixelJudge
