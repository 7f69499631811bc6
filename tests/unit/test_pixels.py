"""Pixel functions on pictures whose result is known in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scene
from firered.templating import damage, place, style, tone
from firered.templating.planes import chroma, clipped_share, hue_of, luma, turn_of_hue

GREY = [128, 128, 128]


def flat(rgb: list[int], height: int = 16, width: int = 24) -> np.ndarray:
    return np.full((height, width, 3), rgb, dtype=np.uint8)


@given(st.integers(0, 255), st.sampled_from([-50, -20, 30, 60]))
def test_brightness_multiplies_and_cuts_off(value: int, amount: int) -> None:
    made = tone.brightness(flat([value] * 3), amount=amount)
    assert abs(int(made[0, 0, 0]) - min(255, value * (1 + amount / 100))) <= 0.5


@given(st.integers(0, 255), st.sampled_from([-50, 50]))
def test_contrast_turns_about_mid_grey(value: int, amount: int) -> None:
    made = tone.contrast(flat([value] * 3), amount=amount)
    assert abs(int(made[0, 0, 0]) - np.clip(128 + (value - 128) * (1 + amount / 100), 0, 255)) <= 0.5


def test_one_stop_doubles_linear_light() -> None:
    # 128 of 255 is 0.2159 in linear light; twice that is 0.6885 of sRGB.
    assert tone.exposure(flat([128] * 3), stops=1)[0, 0, 0] == pytest.approx(0.6885 * 255, abs=0.6)


@given(st.lists(st.integers(60, 190), min_size=3, max_size=3), st.sampled_from([-60, 40]))
def test_saturation_keeps_luma_and_scales_chroma(rgb: list[int], amount: int) -> None:
    before, after = flat(rgb), tone.saturation(flat(rgb), amount=amount)
    if clipped_share(after) == 0:
        assert luma(after)[0, 0] == pytest.approx(luma(before)[0, 0], abs=1)
        assert abs(chroma(after)[0, 0]) == pytest.approx(
            abs(chroma(before)[0, 0]) * (1 + amount / 100), abs=1.5
        )


@given(st.lists(st.integers(90, 160), min_size=3, max_size=3), st.sampled_from([-90, 30, 120, 180]))
def test_hue_turns_chroma_by_the_angle(rgb: list[int], degrees: int) -> None:
    before, after = chroma(flat(rgb))[0, 0], chroma(tone.hue(flat(rgb), degrees=degrees))[0, 0]
    assert abs(after - before * np.exp(1j * np.radians(degrees))) < 1.5


def test_warmth_of_a_hundred_doubles_red_against_blue() -> None:
    red, _, blue = tone.warmth(flat([80, 80, 80]), amount=100)[0, 0].astype(float)
    assert red / blue == pytest.approx(2, rel=0.02)


def test_grey_functions_give_grey_and_negative_is_its_own_inverse() -> None:
    pixels = scene(0, 48, 64)
    assert np.ptp(tone.grayscale(pixels), axis=-1).max() == 0
    assert np.array_equal(tone.negative(tone.negative(pixels)), pixels)
    assert np.array_equal(tone.channels(tone.channels(pixels, order=[2, 1, 0]), order=[2, 1, 0]), pixels)


@given(st.integers(2, 8))
def test_posterize_leaves_so_many_values(levels: int) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    values = np.unique(tone.posterize(ramp, levels=levels))
    assert len(values) == levels and values[0] == 0 and values[-1] == 255


def test_tint_of_a_quarter_goes_a_quarter_of_the_way() -> None:
    assert tone.tint(flat([100, 100, 100]), amount=25, color=[200, 100, 0])[0, 0].tolist() == [125, 100, 75]


def test_recolor_moves_the_named_hue_only() -> None:
    red, blue, green = [214, 40, 40], [40, 90, 210], [40, 160, 70]
    pixels = np.concatenate([flat(red), flat(green)], axis=1)
    made = tone.recolor(pixels, color=red, new_color=blue)
    # The border between both is soft.
    assert np.array_equal(made[:, 27:], pixels[:, 27:])
    assert abs(turn_of_hue(blue, made[0, 0].tolist())) < 15
    assert hue_of(red) == pytest.approx(hue_of([107, 20, 20]), abs=1)


def test_noise_has_the_asked_spread_and_no_mean() -> None:
    grain = damage.noise(flat(GREY, 128, 128), sigma=20, seed=9).astype(float) - 128
    assert grain.std() == pytest.approx(20, rel=0.03)
    assert abs(grain.mean()) < 0.5
    other = damage.noise(flat(GREY, 128, 128), sigma=20, seed=10)
    assert not np.array_equal(grain + 128, other)


def test_motion_blur_spreads_a_point_over_its_length() -> None:
    point = np.zeros((31, 31, 3), dtype=np.uint8)
    point[15, 15] = 252
    assert (damage.motion_blur(point, length=9, upright=False)[15, :, 0] == 28).sum() == 9
    assert (damage.motion_blur(point, length=9, upright=True)[:, 15, 0] == 28).sum() == 9


def test_blur_keeps_the_mean_and_flat_pictures() -> None:
    pixels = scene(1, 64, 64)
    assert damage.blur(pixels, sigma=2).mean() == pytest.approx(pixels.mean(), abs=1.5)
    assert np.array_equal(damage.blur(flat(GREY), sigma=3), flat(GREY))


def test_vignette_darkens_the_corner_by_the_amount_and_the_middle_not() -> None:
    made = damage.vignette(flat([200] * 3, 101, 101), amount=60)
    assert made[0, 0, 0] == 80 and made[50, 50, 0] == 200


@given(st.sampled_from([3, 5, 7, 9]), st.integers(0, 1000))
def test_every_scratch_stands_apart(count: int, seed: int) -> None:
    made = damage.scratches(np.zeros((64, 320, 3), dtype=np.uint8), count=count, seed=seed)
    middle = made[32, :, 0] > 100
    assert (np.diff(middle.astype(int)) == 1).sum() == count


def test_pixelate_makes_flat_blocks() -> None:
    made = style.pixelate(scene(2, 48, 64), block=8)
    assert np.ptp(made[:8, :8].reshape(-1, 3), axis=0).max() == 0


def test_pencil_of_a_flat_picture_is_white_paper() -> None:
    assert style.pencil(flat(GREY, 64, 64), sigma=4).min() >= 250


def test_emboss_lights_the_side_toward_the_light() -> None:
    ramp = np.repeat(np.linspace(20, 235, 64, dtype=np.uint8)[None, :, None].repeat(64, 0), 3, axis=-1)
    right, left = style.emboss(ramp, angle=0), style.emboss(ramp, angle=180)
    assert right[32, 32, 0] < 128 < left[32, 32, 0]


def test_four_quarter_turns_and_two_mirrors_are_nothing() -> None:
    pixels = turned = scene(3, 48, 64)
    for _ in range(4):
        turned = place.turn(turned, degrees=90)
    assert np.array_equal(turned, pixels)
    assert np.array_equal(place.turn(place.turn(pixels, degrees=90), degrees=-90), pixels)
    assert np.array_equal(place.mirror(place.mirror(pixels, axis=1), axis=1), pixels)


def test_left_is_the_left_of_the_picture() -> None:
    pixels = np.zeros((40, 60, 3), dtype=np.uint8)
    pixels[:, :20] = 255
    assert (
        place.zoom(pixels, factor=2, region=[0.0, 0.5]).mean()
        > place.zoom(pixels, factor=2, region=[1.0, 0.5]).mean()
    )
    assert place.mirror(pixels, axis=1)[:, -20:].min() == 255
    # Clockwise brings the left side to the top.
    assert place.turn(pixels, degrees=90)[:20].min() == 255


@given(st.sampled_from([-25, -10, 5, 20]), st.integers(40, 600), st.integers(40, 600))
def test_a_tilted_picture_shows_no_empty_corner(degrees: int, height: int, width: int) -> None:
    """Every corner of the frame, turned back and made smaller, lies inside of the picture."""
    angle, larger = np.radians(degrees), place.enlargement(width, height, degrees)
    for x, y in ((width / 2, height / 2), (width / 2, -height / 2)):
        across = abs(x * np.cos(angle) + y * np.sin(angle)) / larger
        down = abs(y * np.cos(angle) - x * np.sin(angle)) / larger
        assert across <= width / 2 + 1e-6 and down <= height / 2 + 1e-6


def test_a_tilt_of_a_marked_picture_turns_the_mark_clockwise() -> None:
    pixels = np.zeros((101, 101, 3), dtype=np.uint8)
    pixels[10:20, 48:53] = 255  # above the middle
    columns = np.nonzero(place.rotate(pixels, degrees=20)[..., 0] > 128)[1]
    assert columns.mean() > 55
