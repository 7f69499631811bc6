"""The catalog: opening, versions, locks, decisions, snapshots, vectors."""

import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from firered import vectors
from firered.catalog import Catalog, now
from firered.catalog.database import create
from firered.catalog.sql import statement
from firered.errors import CatalogError
from firered.rows import File, Image, Mask, Photometry, Vector

HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(30)"


def images(count: int) -> list[Image]:
    return [
        Image(number, f"{number:064x}", 300, 300, 9, "JPEG", "RGB", 1, "photo", "CC0-1.0")
        for number in range(1, count + 1)
    ]


def start_run(catalog: Catalog, *filters: str, run_id: int = 1) -> None:
    catalog.record(
        "run",
        {"run_id": run_id, "recipe": "r", "recipe_text": "", "filters": list(filters), "started_at": now()},
    )


def test_a_folder_without_a_catalog_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no catalog at .* \(run: firered --catalog"):
        Catalog(tmp_path)


def test_making_a_catalog_again_changes_nothing(catalog: Catalog) -> None:
    catalog.append(images(3))
    assert Catalog.init(catalog.root).status()["image"] == 3


def test_a_catalog_of_a_newer_version_is_refused(catalog: Catalog) -> None:
    with catalog.database.transaction() as connection:
        connection.execute("insert into schema_version values (9999, now()::timestamp)")
    with pytest.raises(CatalogError, match=r"catalog of schema 9999.*upgrade firered-workbench"):
        Catalog(catalog.root)


def test_a_duckdb_file_of_something_else_is_refused(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "catalog.duckdb")).close()
    with pytest.raises(CatalogError, match="not a firered catalog"):
        Catalog(tmp_path)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.duckdb").write_text("hello" * 1000)
    with pytest.raises(CatalogError, match="not a valid DuckDB database file"):
        Catalog(tmp_path)


@pytest.mark.slow
def test_a_locked_catalog_names_who_holds_it_and_waits_its_turn(catalog: Catalog) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(catalog.database.path)], stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        started = time.monotonic()
        with pytest.raises(CatalogError, match=rf"in use by \S+ \(process {holder.pid}\), waited 0.3 s"):
            Catalog(catalog.root, wait=0.3)
        assert time.monotonic() - started < 5
    finally:
        holder.kill()
        holder.wait()
    assert Catalog(catalog.root, wait=5).status()["image"] == 0


def test_a_failed_transaction_leaves_nothing(catalog: Catalog) -> None:
    with pytest.raises(ZeroDivisionError), catalog.database.transaction() as connection:
        connection.execute("insert into schema_version values (7, now()::timestamp)")
        raise ZeroDivisionError
    assert catalog.sql("select count(*) as n from schema_version where version = 7").to_pylist() == [{"n": 0}]


def test_rows_with_their_own_identity_are_stored_once(catalog: Catalog) -> None:
    rows = images(3)
    assert catalog.append([*rows, rows[0]]) == 3
    assert catalog.append(rows) == 0
    assert (
        catalog.append([Photometry(1, 0.5, 0.5, 7, 0.1, 9, 0, 0.1, 0.9, -1)] * 2) == 2
    )  # measurements are the ledger's to watch


def test_sql_cannot_change_a_catalog(catalog: Catalog) -> None:
    with pytest.raises(CatalogError, match="read-only"):
        catalog.sql("delete from image")


def test_an_error_in_sql_is_one_clear_message(catalog: Catalog) -> None:
    with pytest.raises(CatalogError, match="imge"):
        catalog.sql("select * from imge")
    with pytest.raises(CatalogError, match=r"no query 'gap' \(one of: .*gaps"):
        catalog.query("gap")


def test_a_decision_that_did_not_change_is_not_written_again(catalog: Catalog) -> None:
    small = Image(9, "9" * 64, 10, 10, 9, "JPEG", "RGB", 1, "photo", "CC0-1.0")
    catalog.append([*images(2), small])
    start_run(catalog, "small")
    assert catalog.decide("small", {}, 1) == (1, True)
    assert catalog.decide("small", {}, 1) == (1, False)
    assert (catalog.status()["evaluation"], catalog.status()["kept_image"]) == (1, 2)
    assert catalog.decide("small", {"side": 5}, 1) == (0, True)
    assert catalog.status()["kept_image"] == 3


def test_a_filter_that_the_latest_run_does_not_name_no_longer_counts(catalog: Catalog) -> None:
    catalog.append([Image(9, "9" * 64, 10, 10, 9, "JPEG", "RGB", 1, "photo", "CC0-1.0")])
    start_run(catalog, "small")
    catalog.decide("small", {}, 1)
    start_run(catalog, "near_duplicate", run_id=2)
    assert catalog.status()["kept_image"] == 1


def test_a_snapshot_can_be_read_while_the_catalog_is_written(catalog: Catalog, tmp_path: Path) -> None:
    catalog.append(images(2))
    place = tmp_path / "it's a snapshot.duckdb"
    catalog.snapshot(place)
    with duckdb.connect(str(place), read_only=True) as snapshot, catalog.database.transaction():
        assert snapshot.execute("select count(*), count(rejected_because) from image").fetchone() == (2, 0)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_audits_of_a_good_catalog_find_nothing_and_a_missing_blob_is_found(catalog: Catalog) -> None:
    sha256 = catalog.blobs.put(b"abc")
    catalog.append([images(1)[0].with_changes(sha256=sha256, bytes=3)])
    assert not any(found.num_rows for found in catalog.audit().values())
    for damage in (lambda path: path.write_bytes(b"a"), lambda path: path.unlink()):
        damage(catalog.blobs.path(sha256))
        assert [row["key"] for row in catalog.audit()["image_without_blob"].to_pylist()] == [1]


def test_a_file_that_changed_is_another_row() -> None:
    assert File.of("a", "s", "l", 1, 1).file_id != File.of("a", "s", "l", 1, 2).file_id


def test_a_catalog_that_another_process_made_meanwhile_is_kept(catalog: Catalog) -> None:
    catalog.append(images(1))
    create(catalog.database)
    assert Catalog.init(catalog.root).status()["image"] == 1
    assert [path.name for path in catalog.root.iterdir() if path.name.startswith(".")] == []


def test_views_of_another_version_are_made_anew(catalog: Catalog) -> None:
    with catalog.database.transaction() as connection:
        connection.execute("create or replace view photo as select * from image where false")
        connection.execute("create or replace view view_digest as select 'of old' as digest")
    catalog.append(images(1))
    assert Catalog(catalog.root).sql("select count(*) as n from photo").to_pylist() == [{"n": 1}]


def test_vectors_are_added_once_and_found_again(catalog: Catalog) -> None:
    rows = [Vector(number, "text/fake", [float(number), 1.0]) for number in range(3)]
    vectors.add(catalog.vectors, rows[:2])
    vectors.add(catalog.vectors, rows)
    assert vectors.spaces(catalog.vectors) == {"text.fake": 3}
    assert vectors.lookup(catalog.vectors, "text/fake", [2, 7]) == {2: [2.0, 1.0]}
    subjects, values = vectors.matrix(catalog.vectors, "text/fake")
    assert dict(zip(subjects.tolist(), values.tolist(), strict=True)) == {
        0: [0.0, 1.0],
        1: [1.0, 1.0],
        2: [2.0, 1.0],
    }
    vectors.add(catalog.vectors, [Vector(1, "text/fake", [7.0, 7.0])])
    assert vectors.lookup(catalog.vectors, "text/fake", [1]) == {1: [7.0, 7.0]}
    assert vectors.spaces(catalog.vectors) == {"text.fake": 3}
    with pytest.raises(CatalogError, match="no vectors in space 'text/other'"):
        vectors.matrix(catalog.vectors, "text/other")


@pytest.mark.parametrize(
    ("given", "said"), [({"poor": "abc"}, "a number is wanted"), ({"poor": True}, "a number is wanted")]
)
def test_a_parameter_of_another_kind_is_an_error(given: dict[str, object], said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        statement("filters", "quality").parameters(given)
    assert statement("filters", "quality").parameters({"poor": 7})["poor"] == 7


def test_operators_of_other_names_measure_beside_each_other(catalog: Catalog) -> None:
    def used(operator_id: int, name: str, second: int) -> None:
        values = {"operator_id": operator_id, "name": name, "version": 1, "settings": "{}"}
        catalog.record("operator", {**values, "used_at": datetime(2026, 1, 1, 0, 0, second)})

    for operator_id, name, second in ((5, "masks", 1), (6, "masks", 2), (7, "places", 3)):
        used(operator_id, name, second)
        box = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
        kind = f"{name} {operator_id}"
        catalog.append(
            [Mask(1, kind, "", 1.0, 1.0, **box, height=2, width=2, counts="", matte="")], operator_id
        )
    kinds = catalog.sql("select kind from current_mask order by kind").column("kind").to_pylist()
    assert kinds == ["masks 6", "places 7"]
