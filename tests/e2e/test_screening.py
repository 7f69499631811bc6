"""Screening as a user runs it: bad files, the balance, kill -9, and the same command again."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from conftest import scene
from firered.catalog import Catalog
from firered.cli import group
from firered.pictures import encode_jpeg

RECIPE = str(Path(__file__).parent / "screen.yaml")


def library(folder: Path, count: int, side: int) -> Path:
    """A folder of so many small pictures, no two alike."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.jpg").write_bytes(encode_jpeg(scene(number, side, side)))
    return folder


def screen(catalog: Path, *arguments: str) -> "tuple[int, str]":
    result = CliRunner().invoke(
        group, ["--catalog", str(catalog), "screen", *arguments], catch_exceptions=True
    )
    return (1 if result.exception and result.exit_code == 1 else result.exit_code), result.output


@pytest.mark.slow
def test_one_file_that_is_no_picture_among_three_thousand_costs_one_row(tmp_path: Path) -> None:
    folder = library(tmp_path / "photographs", 3000, 64)
    (folder / "01500x.jpg").write_text("no picture")
    code, output = screen(tmp_path / "catalog", RECIPE, str(folder))
    assert code == 0
    assert "3001 files" in output.splitlines()[-1]
    assert "1 failed" in output.splitlines()[-1]
    catalog = Catalog(tmp_path / "catalog")
    assert catalog.status()["photometry"] == 3000
    assert [row["error"] for row in catalog.query("failed_files").to_pylist()] == [
        "ValueError: not a picture: it begins like text"
    ]
    assert not [name for name, rows in catalog.audit().items() if rows.num_rows]
    strict, _ = screen(tmp_path / "catalog", RECIPE, str(folder), "--strict")
    assert strict == 1


def test_every_bad_file_is_one_row_that_says_which_it_is(tmp_path: Path) -> None:
    folder = library(tmp_path / "photographs", 3, 96)
    whole = (folder / "00000.jpg").read_bytes()
    (folder / "zero.jpg").write_bytes(b"")
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "page.jpg").write_text("<!DOCTYPE html><html></html>")
    (folder / "circle.jpg").symlink_to(folder / "circle.jpg")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.jpg")).write_bytes(whole)
    code, output = screen(tmp_path / "catalog", RECIPE, str(folder))
    assert code == 0, output
    errors = {
        Path(row["path"]).name: row["error"]
        for row in Catalog(tmp_path / "catalog").query("failed_files").to_pylist()
    }
    assert set(errors) == {"zero.jpg", "cut.jpg", "page.jpg", "circle.jpg", "\\xff.jpg"}
    assert "empty" in errors["zero.jpg"]
    assert "truncated" in errors["cut.jpg"]
    assert "HTML" in errors["page.jpg"]
    assert "symbolic links" in errors["circle.jpg"]
    assert "UTF-8" in errors["\\xff.jpg"]


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_nothing_is_twice_and_nothing_missing(tmp_path: Path) -> None:
    folder = library(tmp_path / "photographs", 400, 160)
    shifted = np.clip(scene(7, 160, 160).astype(int) + 12, 0, 255).astype(np.uint8)
    (folder / "twin.jpg").write_bytes(
        encode_jpeg(cv2.resize(shifted, (120, 120), interpolation=cv2.INTER_AREA))
    )
    command = [
        sys.executable,
        "-c",
        "from firered.cli import main; main()",
        "--catalog",
        str(tmp_path / "catalog"),
        "screen",
        RECIPE,
        str(folder),
    ]
    draw = random.Random(1)
    for _ in range(3):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(draw.uniform(1.0, 3.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    code, output = screen(tmp_path / "catalog", RECIPE, str(folder))
    assert code == 0, output
    assert output.splitlines()[-1].startswith("balance of the catalog: 401 files =")
    catalog = Catalog(tmp_path / "catalog")
    counts = catalog.status()
    assert {name: counts[name] for name in ("image", "photometry", "image_hash", "border")} == dict.fromkeys(
        ("image", "photometry", "image_hash", "border"), 401
    )
    assert catalog.sql("select count(*) as n from rejected where filter = 'near_duplicate'").to_pylist() == [
        {"n": 1}
    ]
    assert not [name for name, rows in catalog.audit().items() if rows.num_rows]


def test_screen_report_counts_and_draws(tmp_path: Path) -> None:
    folder = library(tmp_path / "photographs", 4, 96)
    assert screen(tmp_path / "catalog", RECIPE, str(folder))[0] == 0
    code, output = screen(tmp_path / "catalog", "report", "--out", str(tmp_path / "report.html"))
    assert code == 0
    assert "kept" in output
    assert "What became of 4 files" in (tmp_path / "report.html").read_text()
