"""Manifests: equal choices give equal digests, and nothing incomplete is frozen."""

from pathlib import Path

import pyarrow as pa
import pytest

from firered import manifest
from firered.errors import ManifestError

VECTORS = {7: [1.0, 0.0], 8: [0.0, 1.0]}


def chosen(*phrases: int) -> pa.Table:
    """Pairs with one text each."""
    rows = [
        {
            "pair_id": number,
            "split": "train",
            "texts": [{"tier": "concise", "language": "en", "text": "x", "phrase_id": phrase}],
        }
        for number, phrase in enumerate(phrases)
    ]
    return pa.Table.from_pylist(rows)


def freeze(folder: Path, *phrases: int) -> tuple[manifest.Manifest, Path]:
    return manifest.freeze(
        chosen(*phrases), VECTORS, name="m", folder=folder, blobs="../blobs", recipe="name: r\n"
    )


def test_freezing_again_gives_the_same_manifest_and_nothing_else(tmp_path: Path) -> None:
    first, place = freeze(tmp_path, 7, 8, 7)
    assert freeze(tmp_path, 7, 8, 7) == (first, place)
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    assert manifest.read(place) == first
    assert (first.rows, first.splits) == (3, {"train": 3})
    assert freeze(tmp_path, 7, 8, 8)[0].digest != first.digest


def test_vectors_stand_beside_their_texts(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    _, place = freeze(tmp_path, 7, 8)
    rows = pq.read_table(place / "rows.parquet").to_pylist()
    assert [row["texts"][0]["vector"] for row in rows] == [VECTORS[7], VECTORS[8]]


def test_nothing_chosen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest 'm': no pair was chosen"):
        freeze(tmp_path)


def test_a_text_without_a_vector_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"pair 1: 'x' has no vector \(run the operator phrase_vector\)"):
        freeze(tmp_path, 7, 9)
    assert list(tmp_path.iterdir()) == []


def test_an_altered_manifest_is_refused(tmp_path: Path) -> None:
    _, place = freeze(tmp_path, 7)
    (place / "rows.parquet").write_bytes(b"other")
    with pytest.raises(ManifestError, match="altered"):
        manifest.read(place)
