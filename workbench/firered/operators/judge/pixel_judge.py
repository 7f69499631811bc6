"""Pixel truth, Sec. 2.6: whether a made pair shows what its parameters ask for, without a model."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, PixelScore, Row
from firered.synthesis.making import Making, is_making
from firered.templating.filters import templates

STRATEGIES = ("template", "invert", "expert", "control", "split")


@dataclass(frozen=True, kw_only=True)
class PixelJudge(Operator):
    """Measures the named property of made pairs and their inverses; imported pairs get no row."""

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (PixelScore,)
    version: ClassVar[int] = 2

    def setup(self) -> None:
        """Read the filters and the primitives; raises TemplateError."""
        from firered.synthesis.primitives import primitives

        templates()
        primitives()

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the score of each pair."""
        for row in rows:
            yield [score(row, pictures)] if row.strategy in STRATEGIES else []


def score(row: PairImages, pictures: Pictures) -> PixelScore:
    """Score of a pair from its decoded blobs: by a primitive's measure, or by a filter's."""
    return _of_making(row, pictures) if is_making(row.parameters) else _of_edit(row, pictures)


def _of_making(row: PairImages, pictures: Pictures) -> PixelScore:
    from firered.synthesis.checks import scoring
    from firered.synthesis.primitives import primitive

    making = Making.model_validate_json(row.parameters)
    clean = making.truth.get("clean")
    found = scoring.score(
        pictures.pixels(row.source_sha256),
        pictures.pixels(row.target_sha256),
        making,
        primitive(making.wish.primitive),
        pictures.pixels(clean) if clean else None,
    )
    return PixelScore(row.pair_id, **dataclasses.asdict(found))


def _of_edit(row: PairImages, pictures: Pictures) -> PixelScore:
    """The amounts of an inverse are those of the way there."""
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
