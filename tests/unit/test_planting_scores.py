"""Scores count what was found by what counts for it, and say how sure that is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scene
from firered.errors import FireRedError
from firered.pictures import encode_jpeg
from firered.planting import markdown, truth
from firered.planting.base import Base
from firered.planting.defects import defects
from firered.planting.intervals import wilson
from firered.planting.judge import Judge, Screened, turns
from firered.planting.score import ANY, Scores, Verdict, allowed
from firered.planting.truth import Truth
from firered.store import BlobStore

BEGIN, END = (markdown.MARKER.format("truth", side) for side in ("begin", "end"))


@pytest.fixture(scope="module")
def base() -> Base:
    """A scene of 480 x 360 pixels."""
    return Base(scene(3, 360, 480))


def file_of(defect: str, path: str = "a/x.jpg", **said: object) -> Screened:
    line = Truth(path, defect, "a/base.jpg", "a/base", "00", str(said.pop("planted", "{}")), 0)
    facts = {"error": None, "image_id": 1, "sha256": None, "turn": None, "tilt": None, "reasons": {}} | said
    return Screened(line, **facts)  # type: ignore[arg-type]


def found(file: Screened, *others: Screened) -> bool:
    return Judge([file, *others], Path(), BlobStore(Path()))(file)


def test_a_plant_is_found_by_its_own_filters_only() -> None:
    assert found(file_of("mosaic", reasons={"mosaic": "pixelated 0.12 of the picture"}))
    assert not found(file_of("mosaic", reasons={"border": "0.1 at the left"}))


def test_a_reason_must_name_what_was_planted() -> None:
    assert found(file_of("dark", reasons={"photometric": "brightness 0.03 below 0.1"}))
    assert not found(file_of("dark", reasons={"photometric": "saturation 0.9 above 0.8"}))


def test_of_a_family_one_may_stay() -> None:
    base, twin = file_of(truth.BASE, "a/base.jpg", image_id=2), file_of("resize")
    gone = {"reasons": {"near_duplicate": "0 bits from image 1"}}
    assert found(file_of("resize", **gone), base)
    assert found(twin, file_of(truth.BASE, "a/base.jpg", image_id=2, **gone))
    assert not found(twin, base)


def test_an_exact_copy_shares_the_image_of_its_base() -> None:
    copy = file_of("exact_copy", image_id=7)
    assert found(copy, file_of(truth.BASE, "a/base.jpg", image_id=7))
    assert not found(copy, file_of(truth.BASE, "a/base.jpg", image_id=8))


def test_a_turn_counts_with_the_right_angle_only() -> None:
    gone = {"reasons": {"turned": "by 90"}}
    assert found(file_of("rotate_90", planted='{"turn": 270}', turn=270, **gone))
    assert not found(file_of("rotate_90", planted='{"turn": 270}', turn=90, **gone))
    assert found(file_of("tilt", planted='{"tilt": -3.0}', tilt=-4.0, **gone))
    assert not found(file_of("tilt", planted='{"tilt": -3.0}', tilt=3.0, **gone))


def test_what_cannot_be_opened_fails() -> None:
    assert found(file_of("empty", error="ValueError: not a readable image"))
    assert not found(file_of("empty"))


def test_only_the_upright_picture_is_upright(base: Base, tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/base.jpg").write_bytes(base.data)
    for mirrored in (False, True):
        for quarter in range(4):
            pixels = np.rot90(base.pixels[:, ::-1] if mirrored else base.pixels, quarter)
            file = file_of("exif_rotated", sha256=store.put(encode_jpeg(np.ascontiguousarray(pixels))))
            assert Judge([file], tmp_path, store)(file) == (not mirrored and quarter == 0)


def test_there_are_eight_ways_to_lay_a_picture() -> None:
    square = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert len({way.tobytes() for way in turns(square)}) == 8
    assert np.array_equal(turns(square)[0], square)


def test_false_positives_are_counted_on_controls() -> None:
    files = [
        file_of(truth.CLEAN, reasons={"border": "0.2 at the top"}),
        file_of(truth.CLEAN),
        file_of(truth.BASE, reasons={"border": "0.2 at the top"}),
        file_of("border", reasons={"border": "0.2 at the top"}),
    ]
    scores = Scores(files, [Verdict(files[3], found=True)], ["border"])
    row = scores.wrong("border")
    assert (row["controls"], row["rejected"], row["bases_rejected"], row["aim"]) == (2, 1, 1, 0.05)
    assert scores.recall(defects()["border"])["recall"] == 1
    assert scores.wrong(ANY)["rejected"] == 1
    assert scores.mistakes().num_rows == 2


def test_a_defect_without_a_filter_has_no_recall() -> None:
    file = file_of("border", reasons={})
    assert (
        Scores([file], [Verdict(file, found=False)], ["code"]).recall(defects()["border"])["recall"] is None
    )


def test_a_duplicate_of_a_stranger_is_wrong() -> None:
    base = file_of(truth.BASE, "a/base.jpg", image_id=1)
    other = Screened(
        Truth("b/y.jpg", truth.CLEAN, "b/y.jpg", "b/y", "11", "{}", 0), None, 2, None, None, None
    )
    mine, wrong = ({"near_duplicate": f"2 bits from image {twin} (6 allowed)"} for twin in (1, 2))
    files = [
        base,
        other,
        file_of("crop", image_id=3, reasons=mine),
        file_of("crop", image_id=4, reasons=wrong),
    ]
    assert Scores(files, [], []).strangers()["rejected"] == 1


def test_the_aim_of_a_filter_is_the_strictest_of_its_defects() -> None:
    assert allowed("code") == 0.02
    assert allowed("photometric") is None  # of it, each defect counts its own reasons
    assert allowed("watermark") == 0.05
    assert allowed("screenshot") is None
    assert allowed("ingest") == 0.02


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_share(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    low, high = wilson(count, total)
    assert 0 <= low <= count / total <= high <= 1 or count in (0, total)
    assert wilson(count, 2 * total)[1] <= 1


def test_tables_replace_what_is_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    files = [file_of("qr", reasons={"code": "QRCode"}), file_of(truth.CLEAN)]
    scores = Scores(files, [Verdict(files[0], found=True)], ["code"])
    markdown.write(page, {"tuning": scores, "checking": scores})
    text = page.read_text()
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert "old" not in text
    assert "1.000 (1/1;" in text
    once = text
    markdown.write(page, {"tuning": scores, "checking": scores})
    assert page.read_text() == once


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(FireRedError, match="no markers"):
        markdown.write(page, {})
