"""Candidates by image embedding: exact products in blocks, or a vector index where there would be too many."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firered import vectors
from firered.catalog import Catalog
from firered.neighbours.ledger import Identity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.neighbours.candidates import Candidates

METHODS = ["vector"]
# Vectors in memory at a time, on either side of a product: tens of megabytes.
BLOCK = 8192
QUERIES = 256  # searched through the index at a time


@dataclass(frozen=True)
class VectorSearch:
    """Settings of the search by embedding."""

    space: str = "image/efficientnet-lite0"
    cosine: float = 0.9  # of two neighbours, at least, 0..1
    most: int = 32  # neighbours that are kept of an image, the nearest
    exact: float = 4e9  # products of two vectors, beyond which the index is used
    probes: float = 0.1  # share of the index's partitions that a query looks into, 0..1
    refine: int = 4  # how many times `most` of the index's answers are compared exactly


def search(catalog: Catalog, settings: VectorSearch) -> tuple[int, bool]:
    """Search photographs embedded since the last call; returns rows written and whether any were."""
    import numpy as np

    from firered.neighbours import candidates

    identity = Identity("neighbour_vectors", 1, dataclasses.asdict(settings))
    subjects = vectors.subjects(catalog.vectors, settings.space)
    new = np.flatnonzero(np.isin(subjects, _unsearched(catalog, identity)))
    if not len(new):
        return 0, False
    by_index = len(new) * len(subjects) / 2 > settings.exact
    parts = (_indexed if by_index else _exact)(catalog, settings, subjects, new)
    found = candidates.gathered([_none(), *parts], settings.most)
    found = _photographs_only(catalog, found)
    written = candidates.write(catalog, identity, METHODS, found, np.sort(subjects[new]))
    return written, written > 0


def _unsearched(catalog: Catalog, identity: Identity) -> "NDArray[np.int64]":
    """Photographs (N,) that this search has not looked at."""
    text = (
        "select image_id from photo where not exists"
        " (select 1 from ledger where operator_id = $operator_id and key = image_id)"
    )
    found: NDArray[np.int64] = catalog.sql(text, {"operator_id": identity.operator_id})["image_id"].to_numpy()
    return found


def _photographs_only(catalog: Catalog, found: "Candidates") -> "Candidates":
    """Leave out products of edits, which share the space."""
    import numpy as np

    from firered.neighbours.candidates import where

    photographs = catalog.sql("select image_id from photo")["image_id"].to_numpy()
    return where(found, np.isin(found.left, photographs) & np.isin(found.right, photographs))


def _exact(
    catalog: Catalog, settings: VectorSearch, subjects: "NDArray[np.int64]", new: "NDArray[np.int64]"
) -> "Iterator[Candidates]":
    """Multiply blocks of new vectors with all that no earlier block of them was multiplied with."""
    import numpy as np

    open_ = np.ones(len(subjects), bool)
    for start in range(0, len(new), BLOCK):
        chunk = new[start : start + BLOCK]
        queries = vectors.at(catalog.vectors, settings.space, chunk)
        offset = 0
        for block in vectors.blocks(catalog.vectors, settings.space, BLOCK):
            positions = offset + np.flatnonzero(open_[offset : offset + len(block)])
            cosines = queries @ block[positions - offset].T
            near, there = np.nonzero(cosines >= settings.cosine)
            yield _candidates(
                subjects[chunk[near]], subjects[positions[there]], cosines[near, there], settings.most
            )
            offset += len(block)
        open_[chunk] = False


def _indexed(
    catalog: Catalog, settings: VectorSearch, subjects: "NDArray[np.int64]", new: "NDArray[np.int64]"
) -> "Iterator[Candidates]":
    """Search new vectors through the index of the space."""
    partitions = vectors.refresh_index(catalog.vectors, settings.space)
    probes = max(1, round(settings.probes * partitions))
    for start in range(0, len(new), QUERIES):
        chunk = new[start : start + QUERIES]
        queries = vectors.at(catalog.vectors, settings.space, chunk)
        query, found, cosine = vectors.nearest(
            catalog.vectors,
            settings.space,
            queries,
            count=settings.most + 1,  # the nearest is the picture itself
            probes=probes,
            refine=settings.refine,
        )
        near = cosine >= settings.cosine
        yield _candidates(subjects[chunk[query[near]]], found[near], cosine[near], settings.most)


def _candidates(
    left: "NDArray[np.int64]", right: "NDArray[np.int64]", cosine: "NDArray[np.float32]", most: int
) -> "Candidates":
    """Candidates of a block; what cannot be among the nearest is left out at once, to bound the memory."""
    import numpy as np

    from firered.neighbours.candidates import Candidates, nearest

    other = left != right
    distance = 1 - np.round(cosine[other].astype(np.float64), 6)
    return nearest(Candidates(left[other], right[other], np.zeros(other.sum(), np.int8), distance), most)


def _none() -> "Candidates":
    """No candidates."""
    import numpy as np

    from firered.neighbours.candidates import Candidates

    ids = np.empty(0, np.int64)
    return Candidates(ids, ids, np.empty(0, np.int8), np.empty(0))
