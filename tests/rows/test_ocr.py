"""Reading text that was drawn, in both languages."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from firered.descriptors.letters import strokes
from firered.errors import ModelError
from firered.models.perception import load_reader
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, id_of_sha256
from firered.store import BlobStore


def chinese_font():
    """Path of a font with Chinese characters, by fontconfig; None where there is none."""
    if shutil.which("fc-match") is None:
        return None
    found = subprocess.run(
        ["fc-match", "-f", "%{file}|%{lang}", ":lang=zh-cn"], capture_output=True, text=True, check=False
    )
    path, _, languages = found.stdout.partition("|")
    return path if "zh-cn" in languages.split("|") and Path(path).is_file() else None


def drawn(*lines, size=28, font=None):
    """Pixels (240, 480, 3): black on light grey, one line under the other, from (40, 30) on."""
    canvas = Image.new("RGB", (480, 240), (235, 235, 230))
    pen = ImageDraw.Draw(canvas)
    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    for number, line in enumerate(lines):
        pen.text((40, 30 + 60 * number), line, fill="black", font=face)
    return np.array(canvas)


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("rapidocr")
    return load_reader("embedded:rapidocr")


def test_english_lines_are_read_from_the_top_down(reader):
    lines = reader.read(drawn("Fresh Coffee", "OPEN 24 HOURS", "25% OFF"))
    assert [line.text.replace(" ", "") for line in lines] == ["FreshCoffee", "OPEN24HOURS", "25%OFF"]
    assert all(line.score > 0.85 for line in lines)


def test_chinese_lines_are_read(reader):
    font = chinese_font()
    if font is None:
        pytest.skip("no font with Chinese characters on this machine")
    lines = reader.read(drawn("新鲜咖啡", "每日现磨", font=font))
    assert [line.text for line in lines] == ["新鲜咖啡", "每日现磨"]


def test_a_box_is_where_the_line_was_drawn(reader):
    (line,) = reader.read(drawn("HOTEL", size=40))
    left, top, right, bottom = line.box
    assert 0 <= left < 60 / 480 < right <= 1
    assert 0 <= top < 50 / 240 < bottom < 100 / 240


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_picture_has_no_lines(reader, value):
    assert reader.read(np.full((64, 96, 3), value, np.uint8)) == []


def test_reading_says_nothing(reader, capfd):
    reader.read(drawn("HOTEL"))
    reader.read(np.zeros((64, 96, 3), np.uint8))
    assert capfd.readouterr() == ("", "")


def test_an_unknown_reader_lists_the_known_ones():
    with pytest.raises(ModelError, match="one of: embedded:rapidocr"):
        load_reader("embedded:tesseract")


def over(ground, *, ink=(255, 255, 255), strength=1.0):
    """Pixels (240, 480, 3) with a line in `ink` over the ground, and the box of the line, relative."""
    mask = Image.new("L", (480, 240))
    pen, face = ImageDraw.Draw(mask), ImageFont.load_default(60)
    pen.text((40, 80), "Harbour", fill=255, font=face)
    left, top, right, bottom = mask.getbbox()
    share = np.array(mask, np.float64)[..., None] / 255 * strength
    mixed = np.rint(ground * (1 - share) + np.array(ink) * share).astype(np.uint8)
    return mixed, (left / 480, top / 240, right / 480, bottom / 240)


def blotches():
    """Pixels (240, 480, 3) of soft dark blotches."""
    coarse = np.random.default_rng(0).integers(10, 130, (8, 16, 3), np.uint8)
    return np.array(Image.fromarray(coarse).resize((480, 240), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("step", [20, 60, 120, 200])
@pytest.mark.parametrize("lighter", [True, False])
def test_contrast_is_the_step_from_the_strokes_to_their_ground(step, lighter):
    ground, ink = (20, 20 + step) if lighter else (235, 235 - step)
    seen = strokes(*over(np.full((240, 480, 3), ground, np.uint8), ink=(ink,) * 3))
    assert seen.contrast == pytest.approx(step / 255, abs=0.01)
    assert seen.opacity == 1


def test_the_ground_shows_through_translucent_strokes():
    opaque, half = (strokes(*over(blotches(), strength=strength)) for strength in (1.0, 0.4))
    assert opaque.opacity > 0.9
    assert half.opacity < opaque.opacity - 0.2
    assert half.contrast < opaque.contrast / 1.5


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.5, 0.5, 0.5, 0.5), (0.99, 0.99, 1, 1), (0, 0.4, 1, 0.41)])
def test_a_box_without_strokes_has_numbers_in_range(box):
    for pixels in (np.full((90, 120, 3), 77, np.uint8), np.full((2, 2, 3), 77, np.uint8)):
        seen = strokes(pixels, box)
        assert (seen.contrast, 0 <= seen.opacity <= 1) == (0, True)


def test_strokes_are_the_same_on_every_run():
    assert strokes(*over(blotches())) == strokes(*over(blotches()))


@pytest.fixture
def kept(tmp_path):
    pictures = Pictures(BlobStore(tmp_path))
    rows = []
    for pixels in (drawn("Fresh Coffee", "SALE"), np.full((80, 80, 3), 90, np.uint8)):
        sha256, size = pictures.save(pixels)
        rows.append(
            KeptPhoto(
                id_of_sha256(sha256),
                sha256,
                pixels.shape[1],
                pixels.shape[0],
                size,
                "JPEG",
                "RGB",
                1,
                "photo",
                "CC0-1.0",
            )
        )
    return rows, pictures


def test_each_image_gets_the_rows_of_its_lines(reader, kept):
    rows, pictures = kept
    operator = load("ocr")
    operator.setup()
    first, second = operator(rows, pictures)
    assert [(box.image_id, box.text) for box in first] == [
        (rows[0].image_id, "Fresh Coffee"),
        (rows[0].image_id, "SALE"),
    ]
    assert second == []
    assert all(0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1 for box in first)
    assert all(box.contrast > 0.5 and box.opacity > 0.5 for box in first)


def test_uncertain_lines_are_left_out(reader, kept):
    rows, pictures = kept
    operator = load("ocr", {"min_score": 1.0})
    operator.setup()
    assert all(box.score == 1 for found in operator(rows, pictures) for box in found)


def test_another_revision_than_the_setting_says_stops_the_run(reader):
    with pytest.raises(ModelError, match=r"not another \(set revision\)"):
        load("ocr", {"revision": "another"}).setup()
