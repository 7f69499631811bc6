"""Pixel functions of cameras, prints and brushes on pictures whose result is known in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scene
from firered.pictures import decode, encode_jpeg
from firered.templating import film, paint, truth_fit
from firered.templating.planes import luma


def flat(rgb: list[int], height: int = 32, width: int = 48) -> np.ndarray:
    return np.full((height, width, 3), rgb, dtype=np.uint8)


@given(st.integers(0, 255), st.sampled_from([-50, -20, 30, 80]))
def test_gamma_keeps_black_and_white_and_bends_between(value: int, percent: int) -> None:
    made = film.gamma(flat([value] * 3), percent=percent)[0, 0, 0]
    assert abs(int(made) - 255 * (value / 255) ** (100 / (100 + percent))) <= 0.5
    assert film.gamma(flat([0, 255, 0]), percent=percent)[0, 0].tolist() == [0, 255, 0]


def test_a_curve_goes_through_its_points_and_never_back() -> None:
    points = [[0, 0], [64, 42], [128, 128], [192, 213], [255, 255]]
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    made = film.curve(ramp, points=points)[0, :, 0].astype(int)
    assert [made[before] for before, _ in points] == [after for _, after in points]
    assert (np.diff(made) >= 0).all()


def test_white_balance_multiplies_the_channels() -> None:
    assert film.white_balance(flat([100, 100, 100]), gains=[1.2, 1.0, 0.5])[0, 0].tolist() == [120, 100, 50]


def test_film_grain_is_grey_of_the_asked_spread_and_gone_in_black_and_white() -> None:
    laid = film.grain(flat([128] * 3, 256, 256), amount=10, seed=3).astype(float) - 128
    assert laid.std() == pytest.approx(10, rel=0.05)
    assert np.ptp(laid, axis=-1).max() == 0
    assert film.grain(flat([0] * 3, 64, 64), amount=10, seed=3).std() < laid.std() / 3


@given(st.integers(2, 6))
def test_a_point_out_of_focus_is_a_disc_of_the_same_light(radius: int) -> None:
    point = np.zeros((33, 33, 3), np.uint8)
    point[16, 16] = 255
    disc = film.lens_blur(point, radius=radius)[:, :, 0].astype(float)
    assert disc.sum() == pytest.approx(255, rel=0.15)
    rows, columns = np.nonzero(disc)
    assert np.hypot(rows - 16, columns - 16).max() <= radius + 1


def test_impulse_noise_hits_the_asked_share_half_black_and_half_white() -> None:
    hit = film.salt_pepper(flat([128] * 3, 300, 300), amount=6, seed=1)[:, :, 0]
    assert (hit == 0).mean() == pytest.approx(0.03, abs=0.005)
    assert (hit == 255).mean() == pytest.approx(0.03, abs=0.005)


def test_speckle_grows_with_the_light() -> None:
    spreads = [film.speckle(flat([value] * 3, 128, 128), amount=20, seed=2).std() for value in (50, 150)]
    assert spreads[0] == pytest.approx(10, rel=0.1) and spreads[1] == pytest.approx(30, rel=0.1)


def test_fringes_leave_the_middle_and_part_red_from_blue_at_the_ends() -> None:
    pixels = scene(1, 96, 160)
    made = film.fringes(pixels, shift=4)
    assert np.array_equal(made[:, :, 1], pixels[:, :, 1])
    assert np.abs(made[46:50, 78:82].astype(int) - pixels[46:50, 78:82]).mean() < 12


def test_zoom_blur_and_tiles_of_a_flat_picture_are_that_picture() -> None:
    grey = flat([90, 120, 150], 60, 80)
    assert np.array_equal(film.zoom_blur(grey, amount=20), grey)
    assert np.array_equal(paint.tile(grey, count=3), grey)
    assert np.array_equal(paint.oil(grey, size=5), grey)


def test_a_duotone_has_its_inks_at_the_ends() -> None:
    ends = np.concatenate([flat([0] * 3), flat([255] * 3)])
    made = paint.duotone(ends, dark=[40, 90, 210], light=[250, 215, 50])
    assert made[0, 0].tolist() == [40, 90, 210] and made[-1, -1].tolist() == [250, 215, 50]


@given(st.integers(96, 176), st.integers(0, 255))
def test_solarising_inverts_above_the_level_alone(above: int, value: int) -> None:
    assert paint.solarize(flat([value] * 3), above=above)[0, 0, 0] == (
        255 - value if value > above else value
    )


def test_one_colour_stays_and_the_rest_is_grey_of_the_same_luma() -> None:
    pixels = np.concatenate([flat([214, 40, 40]), flat([40, 160, 70])])
    made = paint.only_color(pixels, color=[214, 40, 40])
    assert np.array_equal(made[:20], pixels[:20])
    assert np.ptp(made[-8:], axis=-1).max() == 0
    assert np.abs(luma(made)[-8:] - luma(pixels)[-8:]).max() <= 1


@pytest.mark.parametrize("end", ["top", "bottom", "left", "right"])
def test_perspective_keeps_the_far_end_and_stretches_the_near_one(end: str) -> None:
    height, width = 101, 201
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    places = np.stack([across, down, np.zeros_like(across)], axis=-1).astype(np.uint8)
    made = paint.keystone(places, amount=40, end=end)
    near = {"top": made[0, 0], "bottom": made[-1, 0], "left": made[0, 0], "right": made[0, -1]}[end]
    wanted = {"top": (40, 0), "bottom": (40, 100), "left": (0, 20), "right": (200, 20)}[end]
    assert np.abs(near[:2].astype(int) - wanted).max() <= 1
    far = {"top": made[-1, -1], "bottom": made[0, -1], "left": made[-1, -1], "right": made[-1, 0]}[end]
    corner = {"top": (200, 100), "bottom": (200, 0), "left": (200, 100), "right": (0, 100)}[end]
    assert np.abs(far[:2].astype(int) - corner).max() <= 1


def test_an_amount_is_found_by_making_the_target_again_and_nothing_where_nothing_was_done() -> None:
    pixels, amounts = scene(2, 96, 128), [-50, -40, -30, -20, 20, 30, 40, 50, 60, 70, 80]
    target = decode(encode_jpeg(film.gamma(pixels, percent=40)))
    found = truth_fit.fitted(target, lambda amount: film.gamma(pixels, percent=amount), amounts)
    assert found == 40
    assert truth_fit.agreeing(pixels, target, found, film.gamma(pixels, percent=40)).agreement > 0.85
    same = decode(encode_jpeg(pixels))
    assert truth_fit.agreeing(pixels, same, 20, film.gamma(pixels, percent=20)).agreement == 0
