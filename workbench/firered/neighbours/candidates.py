"""Candidates: pairs of photographs that may be the same picture, as arrays, and as rows once written."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from firered.catalog import Catalog
from firered.neighbours.ledger import Identity, note_use, settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


class Candidates(NamedTuple):
    """Pairs of image ids in any order, which of the methods found each, and how far apart; four arrays (P,)."""

    left: "Ids"
    right: "Ids"
    method: "NDArray[np.int8]"  # position in the methods of the search
    distance: "NDArray[np.float64]"


def gathered(parts: list[Candidates], most: int) -> Candidates:
    """Each pair once, image_id < other_id, by its nearest method; each image keeps its `most` nearest."""
    left, right, method, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
    left, right = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((method, distance, right, left))
    order = order[left[order] != right[order]]
    first = np.ones(len(order), bool)
    first[1:] = (left[order[1:]] != left[order[:-1]]) | (right[order[1:]] != right[order[:-1]])
    order = order[first]
    return nearest(Candidates(left[order], right[order], method[order], distance[order]), most)


def nearest(found: Candidates, most: int) -> Candidates:
    """Leave out pairs that are among the `most` nearest of neither image: a burst would be all with all."""
    ends = np.concatenate([found.left, found.right])
    among = _among(ends, np.concatenate([found.distance, found.distance]), most)
    return where(found, among[: len(found.left)] | among[len(found.left) :])


def where(found: Candidates, kept: "NDArray[np.bool_]") -> Candidates:
    """Those that are kept, (P,)."""
    return Candidates(found.left[kept], found.right[kept], found.method[kept], found.distance[kept])


def _among(ids: "Ids", distance: "NDArray[np.float64]", most: int) -> "NDArray[np.bool_]":
    """Whether each line is among the `most` nearest of its id."""
    order = np.lexsort((distance, ids))
    starts = np.flatnonzero(np.r_[True, np.diff(ids[order]) != 0][: len(ids)])
    place = np.arange(len(ids)) - np.repeat(starts, np.diff(np.r_[starts, len(ids)]))
    among = np.empty(len(ids), bool)
    among[order] = place < most
    return among


def pair_ids(left: "Ids", right: "Ids") -> "Ids":
    """63-bit ids of pairs of 63-bit ids: the same pair has the same id whichever search finds it."""
    mixed = left.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + right.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(1)).astype(np.int64)


def write(
    catalog: Catalog, identity: Identity, methods: list[str], found: Candidates, searched: "Ids"
) -> int:
    """Append candidates that are new, and note what was searched, in one transaction; returns how many."""
    rows = pa.table(
        {
            "neighbour_id": pair_ids(found.left, found.right),
            "image_id": found.left,
            "other_id": found.right,
            "method": pa.DictionaryArray.from_arrays(pa.array(found.method), pa.array(methods)).cast(
                pa.string()
            ),
            "distance": found.distance,
        }
    )
    with catalog.database.transaction() as connection:
        note_use(connection, identity)
        connection.register("found", rows)
        (count,) = connection.execute(
            "insert into neighbour by name select *, ?::bigint as operator_id from found"
            " where not exists (select 1 from neighbour as old where old.neighbour_id = found.neighbour_id)",
            [identity.operator_id],
        ).fetchone() or (0,)
        connection.unregister("found")
        settle(connection, identity, searched)
    return int(count)
