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
from firered.descriptors import kernels
from firered.descriptors.focus import ground_of
from firered.descriptors.hashes import bits, hashes_of
from firered.descriptors.photometry import Values, photometry_of
from firered.operators.screen.ingest import ingest
from firered.pictures import Pictures, decode

SIDES = st.integers(1, 70)
PIXELS = st.tuples(SIDES, SIDES, st.integers(0, 2**32 - 1), st.integers(1, 256))


def noise(height: int, width: int, seed: int, levels: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, (height, width, 3), np.uint8)


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


def blocks(array: np.ndarray, side: int) -> np.ndarray:
    """Whole blocks, (rows, columns, side, side, ...), of an array that is enlarged where it has none."""
    if min(array.shape[:2]) < side:
        array = array.repeat(side, 0).repeat(side, 1)
    rows, columns = array.shape[0] // side, array.shape[1] // side
    cut = array[: rows * side, : columns * side]
    return cut.reshape(rows, side, columns, side, -1).swapaxes(1, 2)


def reference(pixels: np.ndarray) -> Values:
    """The same by plain array arithmetic in double precision."""
    luma = luma_of(pixels).astype(float)
    edged = np.pad(luma, 1, mode="reflect") if min(luma.shape) > 1 else np.pad(luma, 1, mode="edge")
    if luma.shape[0] > 1 or luma.shape[1] > 1:
        rows = np.pad(luma, ((1, 1), (0, 0)), mode="reflect" if luma.shape[0] > 1 else "edge")
        edged = np.pad(rows, ((0, 0), (1, 1)), mode="reflect" if luma.shape[1] > 1 else "edge")
    laplacian = edged[:-2, 1:-1] + edged[2:, 1:-1] + edged[1:-1, :-2] + edged[1:-1, 2:] - 4 * luma
    coarse = np.floor(blocks(pixels, 4).astype(float).mean(axis=(2, 3)) + 0.5)
    high, low = coarse.max(axis=2), coarse.min(axis=2)
    counts = [np.bincount(channel.astype(int), minlength=256) for channel in coarse.reshape(-1, 3).T]
    shares = [count[count > 0] / count.sum() for count in counts]
    return Values(
        luma.mean() / 255,
        (np.where(high > 0, (high - low) / np.maximum(high, 1), 0)).mean(),
        np.mean([-(share * np.log2(share)).sum() for share in shares]),
        blocks(luma, 8).std(axis=(2, 3)).mean() / 255,
        laplacian.var(),
    )


@given(PIXELS)
def test_the_measurements_equal_plain_array_arithmetic(given: tuple[int, int, int, int]) -> None:
    pixels = noise(*given)
    assert measure(pixels) == pytest.approx(reference(pixels), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("size", [(480, 640), (401, 603)])
def test_the_measurements_equal_plain_array_arithmetic_on_larger_pictures(size: tuple[int, int]) -> None:
    assert measure(scene(1, *size)) == pytest.approx(reference(scene(1, *size)), rel=1e-6)


def test_a_view_with_gaps_measures_like_its_copy() -> None:
    picture = scene(2)[::2, ::3]
    assert measure(picture) == measure(picture.copy())


@given(PIXELS)
def test_block_sums_keep_the_total_and_every_pixel_counts_once(given: tuple[int, int, int, int]) -> None:
    luma = luma_of(noise(*given))
    sums = kernels.block_sums(luma)
    assert sums.shape == (-(-luma.shape[0] // 8), -(-luma.shape[1] // 8))
    assert sums.sum() == luma.sum()
    assert sums[0, 0] == luma[:8, :8].sum()


def test_a_kernel_is_compiled_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    def refuses(*given: object, cache: bool = False, **options: object) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(numba, "njit", refuses)
    assert kernels.compiled("signature")(abs) is abs


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


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cut", [0.015, 0.03])
def test_a_centred_crop_has_the_hash_that_was_foreseen(seed: int, cut: float) -> None:
    picture = scene(seed, 480, 640)
    top, left = round(480 * cut), round(640 * cut)
    near = min(
        distance(hashes(picture[top : 480 - top, left : 640 - left])[0], each) for each in hashes(picture)
    )
    assert near <= 4


@given(st.integers(16, 70), st.integers(16, 70), st.integers(0, 2**32 - 1))
def test_the_mirrored_hash_is_that_of_the_mirror_image(height: int, width: int, seed: int) -> None:
    picture = noise(height, width, seed, 256)
    plain, mirrored, *_ = hashes(picture)
    assert distance(hashes(picture[:, ::-1])[0], mirrored) <= 2  # sums in another order
    assert distance(hashes(picture[:, ::-1])[1], plain) <= 2


@given(st.integers(0, 255), st.sampled_from([(1, 1), (40, 90), (300, 401)]))
def test_a_flat_picture_has_next_to_no_bits(value: int, size: tuple[int, int]) -> None:
    assert all(
        each.bit_count() <= 1
        for each in np.array(hashes_of(np.full(size, value, np.uint8))).view(np.uint64).tolist()
    )


def test_half_of_the_bits_are_set() -> None:
    assert distance(bits(np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)), 0) in (31, 32)


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
    with pytest.raises(ValueError, match="not a picture: it begins like text"):
        ingest(b"I am no picture", "none", pictures)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_thing_on_plain_ground_has_the_ground_s_luma(tone: int) -> None:
    luma = np.full((100, 150), tone, np.uint8)
    luma[30:70, 40:110] = 255 - tone if tone != 128 else 0
    assert ground_of(luma) == pytest.approx(tone / 255)


def test_a_scene_has_no_plain_ground() -> None:
    assert ground_of(cv2.cvtColor(scene(1), cv2.COLOR_RGB2GRAY)) == -1
