"""Finding a faint mark that was laid over all of a picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from firered.descriptors.watermark import agree, flattened, repetition, small_luma
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, id_of_sha256
from firered.store import BlobStore


def hills(height=320, width=480, seed=0):
    """Pixels (height, width, 3) of smooth random hills with a little grain."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(40, 215, (height // 40, width // 40, 3), np.uint8))
    smooth = np.array(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    return np.clip(smooth + rng.normal(0, 2, smooth.shape), 0, 255).astype(np.uint8)


def marked(pixels, *, across=120, down=70, strength=0.3):
    """Pixels with the word SAMPLE laid over them on a grid, every other row set off by half a step."""
    height, width = pixels.shape[:2]
    mask = Image.new("L", (width, height))
    pen, face = ImageDraw.Draw(mask), ImageFont.load_default(20)
    for row, top in enumerate(range(-down // 2, height, down)):
        for left in range(-across + (row % 2) * across // 2, width, across):
            pen.text((left, top), "SAMPLE", fill=255, font=face)
    share = np.array(mask, np.float64)[..., None] / 255 * strength
    return np.rint(pixels * (1 - share) + 255 * share).astype(np.uint8)


@settings(max_examples=8, deadline=None)
@given(across=st.integers(100, 150), down=st.integers(50, 100), seed=st.integers(0, 100))
def test_a_mark_on_a_grid_stands_out_whatever_the_grid(across, down, seed):
    picture = hills(seed=seed)
    assert repetition(marked(picture, across=across, down=down)).strength > 0.6


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_without_a_mark_does_not_repeat(seed):
    assert repetition(hills(seed=seed)).strength < 0.3


def test_one_mark_does_not_repeat():
    assert repetition(marked(hills(), across=1000, down=1000)).strength < 0.3


def test_the_period_is_the_way_from_one_mark_to_the_next():
    found = repetition(marked(hills(), across=120, down=60))
    assert found.period == pytest.approx(np.hypot(60, 60) / 480, abs=0.01)


def test_stripes_are_no_grid():
    stripes = np.broadcast_to((127 + 60 * np.sin(np.arange(480) / 7))[None, :, None], (320, 480, 3))
    assert repetition(stripes.astype(np.uint8)).strength < 0.33


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 400, 3), (200, 200, 3)])
def test_a_plain_or_tiny_picture_does_not_repeat(shape):
    found = repetition(np.full(shape, 120, np.uint8))
    assert (found.strength, found.period) == (0, 0)


def test_what_is_faint_counts_as_much_as_what_is_strong():
    residual = flattened(small_luma(marked(hills(), strength=0.2)))
    assert np.abs(residual).max() <= 2


def test_agreement_is_the_same_for_a_step_and_its_opposite():
    agreement = agree(flattened(small_luma(marked(hills()))))
    assert agreement.at((30, 40)) == agreement.at((-30, -40))
    assert agreement.at((400, 0)) is None


def test_each_photograph_gets_one_row(tmp_path):
    pictures = Pictures(BlobStore(tmp_path))
    rows = []
    for pixels in (marked(hills()), hills()):
        sha256, size = pictures.save(pixels)
        rows.append(
            KeptPhoto(id_of_sha256(sha256), sha256, 480, 320, size, "JPEG", "RGB", 1, "photo", "CC0-1.0")
        )
    (first,), (second,) = load("watermark")(rows, pictures)
    assert [first.image_id, second.image_id] == [row.image_id for row in rows]
    assert second.repetition < 0.33 < first.repetition
