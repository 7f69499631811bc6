"""Candidates by perceptual hash: exact within so many bits, also mirrored and cropped, only for new images."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firered.catalog import Catalog
from firered.neighbours.ledger import Identity

if TYPE_CHECKING:
    import numpy as np

    from firered.neighbours.candidates import Candidates
    from firered.neighbours.groups import Groups

METHODS = ["phash", "mirrored", "cropped", "cropped_more"]
# About half of a hash's bits are set; a flat picture's has next to none, or nearly all, and says nothing.
FEWEST_SET, MOST_SET = 16, 48


@dataclass(frozen=True)
class HashSearch:
    """Settings of the search by hash."""

    bits: int = 8  # between two pictures as they are, 0..16
    view_bits: int = 6  # between a mirrored or cropped view of one and the other as it is, 0..16
    most: int = 32  # neighbours that are kept of an image, the nearest


def search(catalog: Catalog, settings: HashSearch) -> tuple[int, bool]:
    """Search photographs that were hashed since the last call; returns rows written and whether any were."""
    import numpy as np

    from firered.neighbours import candidates

    identity = Identity(
        "neighbour_hashes", 1, {**dataclasses.asdict(settings), "hashes_by": _hashed_by(catalog)}
    )
    hashed = _hashed(catalog, identity)
    new = hashed["new"]
    if not new.any():
        return 0, False
    parts = list(_found(hashed, settings))
    found = candidates.gathered(parts, settings.most)
    written = candidates.write(catalog, identity, METHODS, found, np.sort(hashed["image_id"][new]))
    return written, written > 0


def _hashed_by(catalog: Catalog) -> int | None:
    """Operator whose hashes count: the one that was used last."""
    text = "select operator_id from last_use semi join image_hash using (operator_id) order by used_at desc limit 1"
    found = catalog.sql(text).to_pylist()
    return found[0]["operator_id"] if found else None


def _hashed(catalog: Catalog, identity: Identity) -> "dict[str, np.ndarray[Any, Any]]":
    """Columns of the hashes of all photographs, and which are new to this search."""
    columns = ", ".join(METHODS)
    found = catalog.sql(
        f"select image_id, {columns}, settled.key is null as new from image_hash semi join photo using (image_id)"
        " left join (select distinct key from ledger where operator_id = $operator_id) as settled"
        " on settled.key = image_id where operator_id = $hashed_by order by image_id",
        {"operator_id": identity.operator_id, "hashed_by": identity.settings["hashes_by"]},
    )
    return {name: found.column(name).to_numpy() for name in found.column_names}


def _found(hashed: "dict[str, np.ndarray[Any, Any]]", settings: HashSearch) -> "Iterator[Candidates]":
    """Pairs that include a new image, method by method."""
    from firered.neighbours import groups

    plain = _grouped(hashed, "phash")
    yield groups.equal(plain, method=0)
    yield groups.close(plain, settings.bits, method=0)
    for method, name in enumerate(METHODS[1:], 1):
        yield groups.close_views(_grouped(hashed, name), plain, settings.view_bits, method=method)


def _grouped(hashed: "dict[str, np.ndarray[Any, Any]]", name: str) -> "Groups":
    """Images by their hash, those with a hash that says something."""
    import numpy as np

    from firered.neighbours.groups import grouped

    if hashed[name].dtype != np.int64:  # a column of nulls: an older operator has not made this view
        return grouped(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, bool))
    values = hashed[name].view(np.uint64)
    ones = np.bitwise_count(values)
    telling = (ones >= FEWEST_SET) & (ones <= MOST_SET)
    return grouped(values[telling], hashed["image_id"][telling], hashed["new"][telling])
