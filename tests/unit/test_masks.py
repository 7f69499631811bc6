"""Pure functions on masks: shape, matte, colour, texture, seams, skeletons."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firered.synthesis.masks import blur, color, matte, membrane, shadow, shape, skeleton, stitch, texture
from firered.synthesis.masks import surroundings as around

SIZE = (96, 128)


def disc(radius: float = 24, center: tuple[int, int] = (64, 48)) -> np.ndarray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.hypot(columns - center[0], rows - center[1]) <= radius


def soft_disc() -> np.ndarray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.clip((28 - np.hypot(columns - 64, rows - 48)) / 6, 0, 1).astype(np.float32)


def plain(rgb: tuple[int, int, int]) -> np.ndarray:
    return np.full((*SIZE, 3), rgb, np.uint8)


def noise(seed: int = 0, spread: float = 40) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(random.normal(128, spread, (*SIZE, 3)), 0, 255).astype(np.uint8)


def test_a_grown_mask_contains_the_mask_and_a_shrunk_one_lies_in_it():
    mask = disc()
    assert (shape.grown(mask, 0.05) >= mask).all()
    assert (shape.shrunk(mask, 0.05) <= mask).all()
    below = shape.grown(mask, 0, below=0.1) & ~mask
    assert np.argwhere(below)[:, 0].min() >= np.argwhere(mask)[:, 0].min()  # never upward


def test_a_feathered_mask_is_whole_inside_and_gone_at_a_distance():
    mask = disc()
    alpha = shape.feathered(mask, 0.05)
    assert (alpha[mask] == 1).all()
    assert (alpha[~shape.grown(mask, 0.08)] == 0).all()
    assert ((alpha > 0) & (alpha < 1)).any()


def test_specks_and_pin_holes_are_not_of_the_main_parts():
    mask = disc()
    mask[2, 2], mask[48, 64] = True, False
    assert (shape.main_parts(mask) == disc()).all()


def test_crop_and_stitch_leaves_what_is_not_in_the_mask():
    pixels, mask = noise(), disc(10)
    made = stitch.crop_and_stitch(pixels, mask, lambda part, hole: part * 0 + 7, context=0.5, side=16)
    assert (made[mask] == 7).all()
    assert (made[~mask] == pixels[~mask]).all()


def test_decontamination_takes_a_known_background_off_the_edge():
    alpha, red, green = soft_disc(), plain((200, 30, 30)), plain((20, 220, 40))
    seen = matte.over(red, green, alpha)
    rim = (alpha > 0.2) & (alpha < 0.9)
    before = np.abs(seen[rim].astype(float) - red[rim]).mean()
    after = np.abs(matte.foreground(seen, alpha)[rim].astype(float) - red[rim]).mean()
    assert after < 0.15 * before
    assert (matte.foreground(seen, alpha)[alpha >= 1] == seen[alpha >= 1]).all()


def test_a_cut_out_on_its_own_background_is_the_picture_again():
    alpha, pixels = soft_disc(), matte.over(plain((200, 30, 30)), plain((20, 220, 40)), soft_disc())
    again = matte.over(matte.foreground(pixels, alpha), matte.background(pixels, alpha), alpha)
    assert np.abs(again.astype(int) - pixels).max() <= 14


def test_a_sharp_matte_is_without_doubt_and_a_grey_one_is_all_doubt():
    assert matte.doubt(disc().astype(np.float32)) == 0
    assert matte.doubt(np.full(SIZE, 0.5, np.float32)) >= 1
    assert matte.vagueness(disc().astype(np.float32)) == 0


@given(st.lists(st.integers(0, 255), min_size=3, max_size=3))
def test_oklab_leads_there_and_back(rgb):
    pixels = np.array([[rgb]], np.uint8)
    assert np.abs(color.from_oklab(color.to_oklab(pixels)).astype(int) - pixels).max() <= 1


def test_white_is_one_and_grey_has_no_colour():
    assert color.of_rgb([255, 255, 255]) == pytest.approx([1, 0, 0], abs=1e-3)
    assert color.of_rgb([90, 90, 90])[1:] == pytest.approx([0, 0], abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([(214, 40, 40), (250, 215, 50), (40, 160, 70), (40, 90, 210), (130, 60, 180)]),
    st.integers(0, 9),
)
def test_a_recoloured_thing_has_the_named_hue_and_its_own_shading(rgb, seed):
    rows = np.linspace(0, 60, SIZE[0])[:, None, None]
    pixels = np.clip(plain((120, 90, 60)) + rows + noise(seed, 4) - 128.0, 0, 255).astype(np.uint8)
    mask = disc()
    painted = cv2.cvtColor(color.recolored(pixels, mask, rgb), cv2.COLOR_RGB2LAB).astype(float)
    goal = cv2.cvtColor(np.array([[rgb]], np.uint8), cv2.COLOR_RGB2LAB)[0, 0].astype(float)
    mean = painted[mask].mean(axis=0) - (0, 128, 128)
    turn = np.degrees(np.arctan2(mean[2], mean[1]) - np.arctan2(goal[2] - 128, goal[1] - 128))
    assert abs((turn + 180) % 360 - 180) < 18
    shades = np.corrcoef(painted[mask][:, 0], pixels[mask].mean(axis=-1))[0, 1]
    assert shades > 0.95


@given(st.floats(-2, 2))
def test_light_that_is_taken_away_again_leaves_the_picture(stops):
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 256, 3)
    there = color.relit(levels, stops)
    assert (there[0, 0] == 0).all()
    assert (there[0, -1] == 255).all()
    assert np.abs(color.relit(there, -stops).astype(int) - levels).max() <= 6


def test_harmony_moves_a_cut_out_toward_its_new_ground():
    alpha = soft_disc()
    bright, dark = plain((210, 205, 200)), plain((40, 50, 90))
    made = color.harmonized(bright, alpha, dark, shape.ring(disc(30), 0.05), strength=1.0)
    assert made[alpha > 0.9].mean() < bright.mean()
    assert (color.harmonized(bright, alpha, dark, disc(30), strength=0.0) == bright).mean() > 0.99


def test_a_blurred_background_keeps_the_subject_and_takes_nothing_of_it_along():
    alpha = disc().astype(np.float32)
    pixels = np.where(disc()[..., None], np.uint8((255, 0, 0)), noise(1))
    made = blur.bokeh(pixels, alpha, 0.05)
    assert (made[disc()] == pixels[disc()]).all()
    beside = shape.ring(disc(), 0.02)
    assert made[beside][:, 0].mean() < 200  # no red light beside it
    assert made[~disc()].std() < 0.5 * pixels[~disc()].std()


def test_a_hole_in_a_gradient_is_spanned():
    columns = np.linspace(40, 200, SIZE[1])
    truth = np.repeat(np.broadcast_to(columns, SIZE)[..., None], 3, axis=-1).astype(np.uint8)
    assert membrane.is_even(truth, disc())
    assert not membrane.is_even(noise(), disc())
    covered = np.where(disc()[..., None], np.uint8(0), truth)
    filled = membrane.evened(covered, np.where(disc()[..., None], np.uint8(128), truth), disc())
    assert np.abs(filled.astype(int) - truth)[disc()].mean() < 8
    assert (filled[~disc()] == truth[~disc()]).all()


def test_a_shadow_on_plain_ground_belongs_to_the_thing():
    mask, thrown = disc(14), disc(12, (78, 58))
    pixels = plain((200, 200, 195))
    pixels[thrown] = 150
    pixels[mask] = (30, 60, 200)
    found = shadow.with_shadow(pixels, mask)
    assert (found >= mask).all()
    assert found[thrown].mean() > 0.9
    assert (shadow.with_shadow(noise(spread=60), mask) == mask).all()


def test_numbers_of_the_surroundings_tell_plain_ground_from_a_patchwork():
    flat, half = plain((120, 120, 120)), plain((120, 120, 120))
    half[:, 64:] = (20, 200, 20)
    assert around.surroundings(flat, disc()).spread == pytest.approx(0, abs=1e-3)
    assert around.surroundings(half, disc()).patchwork > 0.1
    assert around.surroundings(flat, disc(24, (0, 48))).open < 0.7


def test_a_step_of_tone_at_a_seam_is_measured_and_none_is_nothing():
    pixels = plain((120, 120, 120))
    assert around.tone_step(pixels, disc()) == pytest.approx(0, abs=1e-3)
    pixels[disc()] = (160, 120, 90)
    assert around.tone_step(pixels, disc()) > 0.05


def test_what_adjoins_a_mask_on_plain_ground_is_seen():
    pixels = plain((250, 250, 250))
    pixels[disc()] = (200, 30, 30)
    assert around.adjoining(pixels, disc()) == 0
    pixels[44:52, 80:] = (200, 30, 30)
    assert around.adjoining(pixels, disc()) > 0.02


@pytest.mark.parametrize("pattern", sorted(texture.PATTERNS))
def test_a_material_takes_its_own_colours_and_keeps_the_light(pattern):
    tones = [(20, 10, 0), (120, 90, 30), (250, 240, 200)]
    material = texture.Material(en="x", zh="x", pattern=pattern, tones=tones)
    rows = np.linspace(40, 220, SIZE[0])[:, None, None]
    pixels = np.broadcast_to(rows, (*SIZE, 3)).astype(np.uint8)
    first, again = (texture.made_of(pixels, disc(), material, seed=4) for _ in range(2))
    assert (first == again).all()
    assert np.corrcoef(first[disc()].mean(axis=-1), pixels[disc()].mean(axis=-1))[0, 1] > 0.5
    assert first[disc()][:, 0].mean() > first[disc()][:, 2].mean()


# --- skeletons ------------------------------------------------------------------------------------


def person() -> np.ndarray:
    """A person who stands and lets the arms hang, (17, 3)."""
    points = np.ones((17, 3))
    heights = [
        0.1,
        0.08,
        0.08,
        0.09,
        0.09,
        0.25,
        0.25,
        0.4,
        0.4,
        0.55,
        0.55,
        0.55,
        0.55,
        0.75,
        0.75,
        0.95,
        0.95,
    ]
    points[:, 1] = heights
    points[:, 0] = [0.5 if place == 0 else 0.5 + (0.1 if place % 2 else -0.1) for place in range(17)]
    return points


def test_the_neck_lies_between_the_shoulders_and_nothing_else_is_new():
    joints = skeleton.body18(person())
    assert joints.shape == (18, 3)
    assert joints[1, :2] == pytest.approx([0.5, 0.25])
    assert {tuple(each) for each in np.delete(joints, 1, axis=0)} == {tuple(each) for each in person()}


def test_unsure_joints_are_not_drawn():
    points = person()
    whole = skeleton.drawn(points, 128, 128)
    points[[9, 10], 2] = 0
    assert 0 < (skeleton.drawn(points, 128, 128) > 0).sum() < (whole > 0).sum()
    points[:, 2] = 0
    assert not skeleton.drawn(points, 128, 128).any()


@given(st.floats(-180, 180), st.floats(0.5, 2))
def test_a_turned_arm_keeps_its_length_and_the_rest_stays(degrees, ratio):
    scale = np.array([ratio, 1])
    moved = skeleton.turned(person(), {"left_shoulder": degrees}, ratio=ratio)
    arm = [(points[7, :2] - points[5, :2]) * scale for points in (person(), moved)]
    assert np.hypot(*arm[1]) == pytest.approx(np.hypot(*arm[0]))
    wanted = (-np.sin(np.radians(degrees)), np.cos(np.radians(degrees)))
    assert arm[1] / np.hypot(*arm[1]) == pytest.approx(np.array(wanted), abs=1e-6)
    assert (np.delete(moved, [7, 9], axis=0) == np.delete(person(), [7, 9], axis=0)).all()
