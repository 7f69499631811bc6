"""Reading text that was drawn, in both languages."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

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


def test_uncertain_lines_are_left_out(reader, kept):
    rows, pictures = kept
    operator = load("ocr", {"min_score": 1.0})
    operator.setup()
    assert all(box.score == 1 for found in operator(rows, pictures) for box in found)


def test_another_revision_than_the_setting_says_stops_the_run(reader):
    with pytest.raises(ModelError, match=r"not another \(set revision\)"):
        load("ocr", {"revision": "another"}).setup()
