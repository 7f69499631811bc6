"""Composition, Sec. 2.3: A to B and A to C give B to C, where the primitive's rule allows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Pair, Row, Sibling, id_of
from firered.synthesis.making import Making, Region
from firered.synthesis.primitives import ComposeOf, bridged_wish, primitive, primitives
from firered.synthesis.scene import mask_of

# Side of the grid on which regions are compared.
GRID = 128


@dataclass(frozen=True, kw_only=True)
class Bridge(Operator):
    """Joins the targets of two pairs of one source that changed the same thing; stores no picture."""

    reads: ClassVar[type[Row]] = Sibling
    writes: ClassVar[tuple[type[Row], ...]] = (Pair,)
    batch_size: ClassVar[int] = 64

    def setup(self) -> None:
        """Read the rules; raises TemplateError."""
        primitives()

    def __call__(self, rows: Sequence[Sibling], pictures: Pictures) -> Iterator[list[Pair]]:
        """Yield the pair from the first target to the second, or nothing."""
        for row in rows:
            yield _bridge(row)


def _bridge(row: Sibling) -> list[Pair]:
    first, second = (Making.model_validate_json(text) for text in (row.parameters, row.other_parameters))
    rule = primitive(first.wish.primitive).compose
    if rule is None or first.wish == second.wish or not _same_region(first, second, rule):
        return []
    asks = bridged_wish(first.wish, second.wish, rule)
    asked = primitive(asks.primitive)
    told = second.model_copy(update={"asks": asks, "mask": _both(first, second)})
    return [
        Pair(
            pair_id=id_of("pair", "bridge", row.pair_id, row.other_id),
            source_id=row.source_id,
            target_id=row.target_id,
            reference_ids=[],
            task=asked.task,
            subtask=asked.subtask,
            strategy="compose",
            maker=second.maker,
            parameters=told.model_dump_json(),
            seed=second.seed,
            parent_id=row.other_id,
            photo_id=row.photo_id,
            step=0,
        )
    ]


def _same_region(first: Making, second: Making, rule: ComposeOf) -> bool:
    """Whether both changed the same part of the picture, or both all of it."""
    if first.mask is None or second.mask is None:
        return first.mask is second.mask
    one, two = (mask_of(each, GRID, GRID) for each in (first.mask, second.mask))
    return bool((one & two).sum() >= rule.overlap * max(1, (one | two).sum()))


def _both(first: Making, second: Making) -> Region | None:
    """Where either changed the picture."""
    if first.mask is None or second.mask is None:
        return None
    return Region.of(mask_of(first.mask, second.mask.height, second.mask.width) | second.mask.decoded())


OPERATOR = Bridge
