"""Manifests: the frozen hand-off to training, Parquet with a sha256 and the recipe that chose it.

A manifest is a folder `<name>-<digest>` with `rows.parquet` (one row a pair, instructions and their
vectors inside) and `manifest.json`. Equal choices give equal digests, so freezing again is free.
"""

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from firered.errors import ManifestError

GROUP = 4096  # rows of a Parquet row group
Vectors = Mapping[int, Sequence[float]]  # by phrase id


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says."""

    name: str
    digest: str  # sha256 of rows.parquet
    rows: int
    blobs: str  # folder of the blobs, relative to the manifest
    recipe: str  # text of the recipe that chose the rows
    splits: dict[str, int]


def freeze(
    chosen: pa.Table, vectors: Vectors, *, name: str, folder: Path, blobs: str, recipe: str
) -> tuple[Manifest, Path]:
    """Write chosen pairs as a manifest below `folder`; `vectors` are those of their phrases.

    Raises ManifestError where nothing was chosen or a text has no vector.
    """
    if chosen.num_rows == 0:
        raise ManifestError(
            f"manifest {name!r}: no pair was chosen (look at: firered catalog query coverage)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        _write_rows(temporary / "rows.parquet", chosen, vectors)
        with (temporary / "rows.parquet").open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        splits = dict(sorted(Counter(chosen.column("split").to_pylist()).items()))
        manifest = Manifest(name, digest, chosen.num_rows, blobs, recipe, splits)
        (temporary / "manifest.json").write_text(
            json.dumps(asdict(manifest), ensure_ascii=False, indent=2), encoding="utf-8"
        )
        return manifest, _put(temporary, folder / f"{name}-{digest[:12]}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read(folder: Path) -> Manifest:
    """Read a manifest and check its digest; raises ManifestError where it is missing or altered."""
    head = _head(folder / "manifest.json")
    rows = folder / "rows.parquet"
    if not rows.is_file():
        raise ManifestError(f"{rows}: missing (freeze the manifest again)")
    with rows.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    if digest != head.digest:
        raise ManifestError(
            f"{rows}: altered: its sha256 is {digest[:12]}, not {head.digest[:12]} (freeze the manifest again)"
        )
    return head


def _head(path: Path) -> Manifest:
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ManifestError(
            f"{path.parent}: no manifest.json (name a folder that a manifest step froze)"
        ) from None
    except (TypeError, ValueError) as error:
        raise ManifestError(f"{path}: not a manifest: {error} (freeze it again)") from None


def _put(temporary: Path, place: Path) -> Path:
    if not place.exists():
        temporary.rename(place)
    return place


def _write_rows(path: Path, chosen: pa.Table, vectors: Vectors) -> None:
    writer = None
    for batch in chosen.to_batches(GROUP):
        rows = [_with_vectors(row, vectors) for row in batch.to_pylist()]
        table = pa.Table.from_pylist(rows, schema=_schema(chosen.schema))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def _with_vectors(row: dict[str, Any], vectors: Vectors) -> dict[str, Any]:
    for text in row["texts"]:
        if text["phrase_id"] not in vectors:
            raise ManifestError(
                f"pair {row['pair_id']}: {text['text']!r} has no vector (run the operator phrase_vector)"
            )
    texts = [{**text, "vector": vectors[text["phrase_id"]]} for text in row["texts"]]
    return {**row, "texts": texts}


def _schema(chosen: pa.Schema) -> pa.Schema:
    """The chosen columns, with a vector beside each text."""
    text = chosen.field("texts").type.value_type
    fields = [text.field(i) for i in range(text.num_fields)]
    with_vector = pa.list_(pa.struct([*fields, pa.field("vector", pa.list_(pa.float32()))]))
    return pa.schema([pa.field(f.name, with_vector) if f.name == "texts" else f for f in chosen])
