"""Screening operators on small pictures whose measurements are known."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import scene
from firered.descriptors.hashes import hashes_of
from firered.operators.screen.ingest import ingest
from firered.descriptors.photometry import Values, photometry_of
from firered.pictures import Pictures, decode


def flat(value: int) -> np.ndarray:
    return np.full((64, 64, 3), value, np.uint8)


def luma_of(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def measure(pixels: np.ndarray) -> Values:
    return photometry_of(pixels, luma_of(pixels))


def hashes(pixels: np.ndarray) -> tuple[int, ...]:
    return hashes_of(luma_of(pixels))


def distance(one: int, other: int) -> int:
    return ((one ^ other) & (2**64 - 1)).bit_count()


@given(st.integers(0, 255))
def test_a_flat_picture_has_its_value_as_brightness_and_nothing_else(value: int) -> None:
    row = measure(flat(value))
    assert row.brightness == pytest.approx(value / 255)
    assert (row.saturation, row.rgb_entropy, row.texture, row.sharpness) == pytest.approx((0, 0, 0, 0))


def test_entropy_of_two_equal_halves_is_one_bit() -> None:
    pixels = flat(0)
    pixels[:32] = 255
    assert measure(pixels).rgb_entropy == pytest.approx(1)


def test_entropy_of_all_values_is_eight_bits() -> None:
    pixels = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2).repeat(4, 0).repeat(4, 1)
    assert measure(pixels).rgb_entropy == pytest.approx(8)


def test_texture_of_a_checkerboard_is_half() -> None:
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert measure(np.repeat(board[..., None], 3, axis=2)).texture == pytest.approx(0.5, abs=1e-3)


def test_pure_red_is_fully_saturated() -> None:
    pixels = flat(0)
    pixels[..., 0] = 255
    assert measure(pixels).saturation == pytest.approx(1)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0, 4.0])
def test_blur_lowers_sharpness(sigma: float) -> None:
    picture = scene(3)
    assert measure(cv2.GaussianBlur(picture, (0, 0), sigma)).sharpness < measure(picture).sharpness


@pytest.mark.parametrize("seed", range(4))
def test_hashes_survive_resizing_and_compression_and_know_the_mirror_image(seed: int) -> None:
    picture = scene(seed)
    phash, mirrored, *_ = hashes(picture)
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert distance(hashes(small)[0], phash) <= 4
    assert distance(hashes(cv2.imdecode(coded, cv2.IMREAD_COLOR))[0], phash) <= 6
    assert distance(hashes(picture[:, ::-1])[0], mirrored) <= 4
    assert distance(hashes(scene(seed + 100))[0], phash) > 10
    assert -(2**63) <= phash < 2**63


def jpeg(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif, quality=95)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(pictures: Pictures, orientation: int) -> None:
    from PIL import ImageOps

    data = jpeg(Image.fromarray(scene(1, 60, 90)), orientation)
    image = ingest(data, "CC0-1.0", pictures)
    upright = np.array(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    stored = pictures.pixels(image.sha256)
    assert (image.height, image.width) == stored.shape[:2] == upright.shape[:2]
    assert np.abs(stored.astype(int) - upright).mean() < 4
    assert image.orientation == orientation
    assert (pictures.store.get(image.sha256) == data) == (orientation == 1)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGB"), ("GIF", "P"), ("TIFF", "CMYK"), ("BMP", "RGB")]
)
def test_other_formats_come_in_as_they_are(pictures: Pictures, kind: str, mode: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene(2, 40, 50)).convert(mode).save(buffer, kind)
    image = ingest(buffer.getvalue(), "CC0-1.0", pictures)
    assert (image.format, image.mode, image.width, image.height) == (kind, mode, 50, 40)
    assert decode(pictures.store.get(image.sha256)).shape == (40, 50, 3)


def test_a_text_file_called_jpg_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a readable image"):
        ingest(b"I am no picture", "none", pictures)
