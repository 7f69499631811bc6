"""Task inversion, Sec. 2.3: exchange source and target where the rule of a filter or primitive allows it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Pair, PairImages, Row, id_of
from firered.synthesis.making import Making, is_making
from firered.synthesis.primitives import InverseOf, inverted_wish, primitive, primitives
from firered.templating.filters import Inverse, templates

if TYPE_CHECKING:
    from firered.templating.edits import Edit

STRATEGIES = ("template", "expert", "control")
# Share of a picture from which on a colour, however pale, is there.
PRESENT = 0.02


@dataclass(frozen=True, kw_only=True)
class Invert(Operator):
    """Swaps source and target of pairs that were made here; a pair whose rule says no gives no row."""

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (Pair,)

    def setup(self) -> None:
        """Read the rules; raises TemplateError."""
        templates()
        primitives()

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield the inverse of each pair, or nothing."""
        for row in rows:
            yield _inverse(row, pictures)


def _inverse(row: PairImages, pictures: Pictures) -> list[Pair]:
    # An inverse is never inverted: that would be the first pair again.
    if row.strategy not in STRATEGIES:
        return []
    if is_making(row.parameters):
        return _inverse_of_making(row, Making.model_validate_json(row.parameters))
    from firered.templating.edits import Edit, inverted

    made = templates().filters[row.maker]
    edit = Edit.model_validate_json(row.parameters)
    if made.inverse is None or not _allowed(row, edit, made.inverse, pictures):
        return []
    edit = inverted(edit, made.inverse)
    return [_pair_row(row, row.task, made.inverse.subtask or row.subtask, edit.model_dump_json())]


def _inverse_of_making(row: PairImages, making: Making) -> list[Pair]:
    rule = primitive(making.wish.primitive).inverse
    if rule is None or not _real(row, making, rule):
        return []
    back = primitive(rule.primitive)
    told = making.model_copy(update={"asks": inverted_wish(making.wish, rule), "inverse": True})
    return [_pair_row(row, back.task, back.subtask, told.model_dump_json())]


def _real(row: PairImages, making: Making, rule: InverseOf) -> bool:
    """Whether the side that must be a plain photograph is the picture that the maker was given."""
    sides = {"source": row.source_sha256, "target": row.target_sha256, "none": making.start}
    return sides[rule.real] == making.start


def _allowed(row: PairImages, edit: "Edit", rule: Inverse, pictures: Pictures) -> bool:
    """Whether the amounts and the pixels of a pair meet the rule."""
    within = all(edit.arguments[name] <= most for name, most in rule.most.items())
    return within and _unclipped(row, rule, pictures) and _absent(row, edit, rule, pictures)


def _unclipped(row: PairImages, rule: Inverse, pictures: Pictures) -> bool:
    """Whether few enough values were lost at the ends of the range."""
    if rule.clipped is None:
        return True
    from firered.templating.planes import clipped_share

    source, target = pictures.pixels(row.source_sha256), pictures.pixels(row.target_sha256)
    return clipped_share(target) - clipped_share(source) <= rule.clipped


def _absent(row: PairImages, edit: "Edit", rule: Inverse, pictures: Pictures) -> bool:
    """Whether the source lacks the colour that the inverse will change."""
    if rule.absent is None:
        return True
    from firered.templating.planes import hue_share

    return hue_share(pictures.pixels(row.source_sha256), edit.values[rule.absent]) <= PRESENT


def _pair_row(row: PairImages, task: str, subtask: str, parameters: str) -> Pair:
    return Pair(
        pair_id=id_of("pair", "invert", row.pair_id),
        source_id=row.target_id,
        target_id=row.source_id,
        reference_ids=[],
        task=task,
        subtask=subtask,
        strategy="invert",
        maker=row.maker,
        parameters=parameters,
        seed=row.seed,
        parent_id=row.pair_id,
        photo_id=row.photo_id,
        step=0,
    )


OPERATOR = Invert
