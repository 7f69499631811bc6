"""PSNR, SSIM and the changed region: closed forms and properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import scene
from firered.descriptors import change, likeness

SEEDS = st.integers(0, 2**32 - 1)


def planes(seed, height=40, width=150):
    """Two lumas that have something in common."""
    random = np.random.default_rng(seed)
    first = random.integers(0, 256, (height, width)).astype(np.uint8)
    other = random.integers(0, 256, (height, width)).astype(np.uint8)
    return first, ((first.astype(int) * 2 + other) // 3).astype(np.uint8)


def plainly(first, second):
    """SSIM of Wang et al. as the paper has it: five blurs in double precision, inner windows only."""
    from scipy.ndimage import correlate1d

    bell = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    bell /= bell.sum()
    blur = lambda plane: correlate1d(correlate1d(plane, bell, axis=0), bell, axis=1)[5:-5, 5:-5]  # noqa: E731
    a, b = first.astype(float), second.astype(float)
    mean_a, mean_b = blur(a), blur(b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    both = 2 * (blur(a * b) - mean_a * mean_b) + c2
    spread = blur(a * a) - mean_a**2 + blur(b * b) - mean_b**2 + c2
    light = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return float((light * both / spread).mean())


@pytest.mark.parametrize("size", [(11, 11), (12, 40), (40, 117), (40, 128), (40, 129), (30, 300)])
def test_ssim_is_that_of_five_blurs_whatever_the_strips(size):
    first, second = planes(1, *size)
    assert likeness.ssim(first, second) == pytest.approx(plainly(first, second), abs=1e-4)


def test_ssim_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    chosen = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    first = likeness.luma(scene(1))
    for second in (likeness.luma(scene(2)), np.clip(first + 9.0, 0, 255).astype(np.uint8), 255 - first):
        theirs = metrics.structural_similarity(first, second, **chosen)
        assert likeness.ssim(first, second) == pytest.approx(theirs, abs=1e-3)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_ssim_is_symmetric_and_one_for_equal_pictures_alone(seed):
    first, second = planes(seed)
    there = likeness.ssim(first, second)
    assert there == pytest.approx(likeness.ssim(second, first), abs=1e-5)
    assert -1 <= there < 1
    assert likeness.ssim(first, first) == pytest.approx(1, abs=1e-6)


def test_ssim_of_two_flat_pictures_is_the_formula_of_their_light():
    dark, bright = np.full((20, 30), 50, np.uint8), np.full((20, 30), 200, np.uint8)
    c1 = (0.01 * 255) ** 2
    assert likeness.ssim(dark, bright) == pytest.approx((2 * 50 * 200 + c1) / (50**2 + 200**2 + c1), abs=1e-4)


def test_pictures_under_eleven_pixels_are_one_window():
    first, second = planes(3, 5, 40)
    assert likeness.ssim(first, first) == pytest.approx(1)
    assert -1 < likeness.ssim(first, second) < 1


@pytest.mark.parametrize("step", [1, 5, 40])
def test_psnr_of_an_even_step_is_its_closed_form(step):
    first = np.full((20, 30, 3), 100, np.uint8)
    assert likeness.psnr(first, first + np.uint8(step)) == pytest.approx(20 * np.log10(255 / step))


def test_psnr_of_equal_pictures_is_a_hundred():
    assert likeness.psnr(scene(1), scene(1)) == 100


# --- change -------------------------------------------------------------------------------------


def with_square(pixels, left, top, side, value=255):
    """Picture with a plain square."""
    painted = pixels.copy()
    painted[top : top + side, left : left + side] = value
    return painted


def test_nothing_changed_is_no_area_no_leak_and_an_empty_map():
    found = change.change_of(scene(1), scene(1))
    assert (found.area, found.strength, found.leak(found.visible)) == (0, 0, 0)
    assert found.bits() == "0" * 256
    assert found.psnr_outside(1 - found.visible) == 100


def test_area_strength_and_map_of_a_square_are_those_of_the_square():
    black = np.zeros((320, 320, 3), np.uint8)
    found = change.change_of(black, with_square(black, 80, 160, 40, 102))
    # The smoothing widens it by a pixel, where a third of the change is left, and a ninth at the corners.
    widened = 42**2 - 4
    assert found.area == pytest.approx(widened / 320**2)
    assert found.strength == pytest.approx(0.4 * 40**2 / widened)
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(found.bits()), np.uint8)).reshape(32, 32)
    assert bits[16:20, 8:12].all() and bits.sum() <= 36


def test_what_the_codec_does_is_no_change():
    from firered.pictures import decode, encode_jpeg

    pixels = scene(3)
    assert change.change_of(pixels, decode(encode_jpeg(pixels))).area < 0.001


def test_the_mask_of_a_box_holds_its_margin_and_no_more():
    mask = change.of_box((100, 200), (0.25, 0.4, 0.5, 0.6))
    assert mask.sum() == (20 + 24) * (50 + 24)
    assert mask[40 - 12, 50 - 12] == 1 and mask[40 - 13, 50] == 0


def test_a_derived_mask_covers_the_main_change_and_leaves_a_far_speck_out():
    black = np.zeros((240, 240, 3), np.uint8)
    edited = with_square(with_square(black, 40, 40, 60), 200, 200, 8)
    found = change.change_of(black, edited)
    mask = change.of_regions(found.visible)
    assert mask[40:100, 40:100].all() and not mask[195:, 195:].any()
    assert found.leak(mask) == pytest.approx(100 / (62**2 + 100), rel=0.01)
    assert found.psnr_outside(mask) < 100


def test_a_change_of_most_of_the_picture_has_the_whole_picture_as_its_mask():
    black = np.zeros((60, 60, 3), np.uint8)
    found = change.change_of(black, black + np.uint8(50))
    mask = change.of_regions(found.visible)
    assert mask.all() and found.leak(mask) == 0 and found.psnr_outside(mask) == 100


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_leak_and_area_are_shares(seed):
    random = np.random.default_rng(seed)
    first, second = random.integers(0, 256, (2, 33, 47, 3)).astype(np.uint8)
    found = change.change_of(first, second)
    mask = (random.random((33, 47)) > 0.5).astype(np.uint8)
    assert 0 <= found.leak(mask) <= 1 and 0 <= found.area <= 1 and 0 <= found.strength <= 1
