"""Composites: the equation, places, light, shadows, paint, faces and cloth."""

from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import compositions
from firered.synthesis.composite import (
    actors,
    blemishes,
    cloth,
    cosmetics,
    cutouts,
    faces,
    light,
    paint,
    patterns,
)
from firered.synthesis.composite.actors import Actor
from firered.synthesis.composite.cutouts import Cutout
from firered.synthesis.composite.ground import Ground, Spot, spots


def cutout(seed: int = 1) -> Cutout:
    pixels = compositions.stamp(seed)
    return cutouts.trimmed(pixels[..., :3], pixels[..., 3].astype(np.float32) / 255)


@given(st.integers(0, 255), st.integers(0, 255), st.floats(0, 1, width=32))
@settings(max_examples=60)
def test_the_composite_equation_holds(front, behind, alpha):
    ground = np.full((1, 1, 3), behind, np.uint8)
    made = cutouts.over(ground, np.full((1, 1, 3), front, np.float32), np.full((1, 1), alpha, np.float32))
    assert abs(int(made[0, 0, 0]) - (alpha * front + (1 - alpha) * behind)) <= 0.501


def test_alpha_of_nothing_leaves_every_bit():
    ground = compositions.noise(40, 40)
    made = cutouts.over(ground, np.zeros((40, 40, 3), np.float32), np.zeros((40, 40), np.float32))
    assert (made == ground).all()


def test_colours_of_transparent_pixels_do_not_bleed_into_a_smaller_cutout():
    colour, alpha = np.full((64, 64, 3), (0, 255, 0), np.uint8), np.zeros((64, 64), np.float32)
    colour[16:48, 16:48], alpha[16:48, 16:48] = (200, 30, 30), 1
    small = cutouts.scaled(cutouts.Cutout(colour, alpha), 21)
    assert (np.abs(small.colour[small.alpha > 0.05].astype(int) - (200, 30, 30)) <= 1).all()


def test_an_empty_cutout_and_a_far_enlarged_one_are_refused():
    with pytest.raises(ValueError, match="empty"):
        cutouts.trimmed(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.float32))
    with pytest.raises(ValueError, match="enlarged"):
        cutouts.scaled(cutout(), 400)


def test_a_mirror_of_a_mirror_is_the_same():
    once = cutouts.mirrored(cutout())
    assert (cutouts.mirrored(once).colour == cutout().colour).all()
    assert (once.alpha == cutout().alpha[:, ::-1]).all()


def test_sky_and_grass_are_told_apart():
    seen = Ground(compositions.lawn())
    assert seen.habitats() == ["sky", "grass"]
    assert seen.sky[:100].mean() > 0.95 and not seen.sky[130:].any()
    assert seen.grass[135:].mean() > 0.9 and not seen.grass[:110].any()
    assert abs(seen.horizon - 0.5) < 0.05


def test_sand_under_a_sky_is_bare_ground_and_water_is_not():
    sand, water = compositions.lawn(), compositions.lawn()
    grain = np.random.default_rng(1).normal(0, 2, (120, 360, 1))
    sand[120:], water[120:] = (
        np.clip(np.array((205, 180, 140)) + grain, 0, 255),
        np.clip(np.array((95, 130, 160)) + grain, 0, 255),
    )
    assert Ground(sand).habitats() == ["sky", "bare"]
    assert "bare" not in Ground(water).habitats()


def test_a_bright_fringe_is_taken_off_and_the_inside_stays():
    colour, alpha = np.full((60, 60, 3), 90, np.uint8), np.zeros((60, 60), np.float32)
    alpha[10:50, 10:50] = 1
    colour[10:50, 10:12] = 250
    made = cutouts.unfringed(Cutout(colour, alpha))
    assert (made.colour[12:48, 10:12] <= 95).all()
    assert (made.colour[15:45, 15:45] == 90).all() and (made.alpha == alpha).all()


def test_a_table_is_a_surface_and_noise_is_nothing():
    assert Ground(compositions.table()).habitats() == ["surface"]
    assert Ground(compositions.noise()).habitats() == []
    assert (
        Ground(
            cv2.cvtColor(cv2.cvtColor(compositions.lawn(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        ).habitats()
        == []
    )


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_things_stand_on_the_grass_in_a_size_that_fits_their_distance(seed):
    seen = Ground(compositions.lawn())
    for spot in spots(seen, "grass", 0.8, 1.2, [], Random(seed)):
        assert 0.5 < spot.y < 1
        assert spot.height == pytest.approx((spot.y - seen.horizon) * 0.8 / 1.6)


def test_things_keep_clear_of_obstacles():
    seen = Ground(compositions.lawn())
    for spot in spots(seen, "sky", 1, 1, [(0.0, 0.0, 0.5, 1.0)], Random(1)):
        assert spot.x > 0.45


def test_a_picture_of_one_pixel_has_no_place():
    with pytest.raises(ValueError, match="too small"):
        spots(Ground(np.zeros((1, 1, 3), np.uint8)), "sky", 1, 1, [], Random(1))


@pytest.mark.parametrize("sigma", [0.8, 1.2, 2.0])
def test_softness_of_a_blurred_edge_is_recovered(sigma):
    edge = np.zeros((120, 120), np.float32)
    edge[:, 60:] = 200
    blurred = np.rint(cv2.GaussianBlur(edge, (0, 0), sigma)).astype(np.uint8)
    assert light.softness(blurred) == pytest.approx(sigma, rel=0.25)


@pytest.mark.parametrize("level", [1.5, 4.0])
def test_grain_is_recovered(level):
    noisy = 128 + np.random.default_rng(1).normal(0, level, (200, 200))
    assert light.grain(np.rint(noisy).astype(np.uint8)) == pytest.approx(level, rel=0.2)


def test_lab_and_back_is_the_same():
    pixels = compositions.noise(40, 40)
    assert np.abs(light.rgb(light.lab(pixels)).astype(int) - pixels).max() <= 1


def test_an_actor_changes_nothing_that_it_and_its_shadow_do_not_reach():
    picture = compositions.lawn()
    drawn = actors.draw(picture, Actor(cutout(), Spot(0.4, 0.9, 0.3), "grass"), light.light(picture), 1)
    assert (drawn.pixels[~drawn.touched] == picture[~drawn.touched]).all()
    left, top, right, bottom = drawn.box
    assert (left + right) / 2 == pytest.approx(0.4, abs=0.02) and bottom == pytest.approx(0.9, abs=0.03)
    assert bottom - top == pytest.approx(0.3, abs=0.03)
    # The shadow lies below the thing and darkens.
    shade = drawn.touched & (drawn.alpha == 0)
    assert shade.any() and (drawn.pixels[shade] <= picture[shade]).all()
    assert np.nonzero(shade)[0].mean() > (top + bottom) / 2 * len(picture)


def test_what_flies_has_no_shadow():
    picture = compositions.lawn()
    drawn = actors.draw(picture, Actor(cutout(), Spot(0.5, 0.4, 0.2), "sky"), light.light(picture), 1)
    assert (drawn.touched == (drawn.alpha > 0)).all()


def test_alpha_can_be_recovered_from_two_grounds():
    """Over black and over white: alpha is one less the difference (a thing in the sky has no shadow)."""
    mood = light.Light(50, (0, 0), 0.7, 0)
    actor = Actor(cutout(), Spot(0.5, 0.6, 0.4), "sky")
    black, white = (
        actors.draw(np.full((200, 200, 3), level, np.uint8), actor, mood, 1) for level in (0, 255)
    )
    recovered = 1 - (white.pixels.astype(float) - black.pixels).mean(axis=2) / 255
    assert np.abs(recovered - black.alpha).max() < 0.006


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow"])
def test_paint_has_the_hue_that_was_asked_for_and_keeps_the_shading(name):
    pixels = compositions.stamp(3)[..., :3]
    wanted = paint.colors()[name].value
    whole = np.ones(pixels.shape[:2], np.bool_)
    made = paint.painted(pixels, whole, wanted)
    ink, mean = light.lab(np.array([[wanted]], np.uint8))[0, 0], light.lab(made).reshape(-1, 3).mean(axis=0)
    assert abs(np.arctan2(ink[2], ink[1]) - np.arctan2(mean[2], mean[1])) < 0.15
    before, after = light.lab(pixels)[..., 0].ravel(), light.lab(made)[..., 0].ravel()
    assert np.corrcoef(before, after)[0, 1] > 0.9


# --- faces --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def face():
    return faces.face_of(compositions.portrait(), compositions.mesh())


def test_skin_is_neither_eye_nor_lip_nor_wall(face):
    for part in (*faces.EYES, *faces.BROWS, faces.LIPS):
        assert face.skin[face.region(part) > 0].mean() < 0.05
    assert face.skin[face.region(faces.OVAL) == 0].mean() < 0.02
    assert face.skin[face.region(faces.OVAL) > 0].mean() > 0.5


@pytest.mark.parametrize("kind", list(blemishes.BLEMISHES))
def test_blemishes_stay_on_the_face_and_are_repeatable(face, kind):
    first, again = (blemishes.BLEMISHES[kind](face, np.random.default_rng(4)) for _ in range(2))
    assert (first == again).all()
    assert np.abs(first).max() > 2
    outside = cv2.dilate(face.region(faces.OVAL).astype(np.uint8), np.ones((9, 9))) == 0
    assert np.abs(first[outside]).max() < 1


@pytest.mark.parametrize("kind", list(cosmetics.MAKEUP))
def test_makeup_moves_the_colour_towards_the_one_asked_for(face, kind):
    wanted = light.lab(np.array([[(150, 30, 60)]], np.uint8))[0, 0]
    change = cosmetics.MAKEUP[kind](face, (150, 30, 60)) - face.planes
    touched = np.abs(change).sum(axis=2) > 3
    assert touched.any()
    direction = (wanted - face.planes)[touched][:, 1:]
    assert (change[touched][:, 1:] * direction).sum(axis=1).mean() > 0


def test_teeth_are_whitened_inside_of_the_mouth_alone(face):
    change = cosmetics.whiter_teeth(face) - face.planes
    assert (change[..., 2] <= 0.01).all() and change[..., 2].min() < -5
    assert not change[face.region(faces.MOUTH) == 0].any()


def test_smooth_skin_keeps_some_of_its_texture(face):
    sure = face.skin > 0.95
    before, after = (
        planes[..., 0] - cv2.GaussianBlur(planes[..., 0], (0, 0), 2)
        for planes in (face.planes, cosmetics.smooth_skin(face))
    )
    assert 0.15 < after[sure].std() / before[sure].std() < 0.9


def test_small_faces_and_faces_turned_away_are_refused():
    with pytest.raises(ValueError, match="pixels wide"):
        faces.face_of(compositions.portrait(48), compositions.mesh())
    turned = np.array(compositions.mesh()).reshape(-1, 2)
    turned[faces.NOSE] = turned[faces.SIDES[0]] * 0.9 + turned[faces.SIDES[1]] * 0.1
    with pytest.raises(ValueError, match="turned away"):
        faces.face_of(compositions.portrait(), turned.ravel().tolist())
    with pytest.raises(ValueError, match="468 needed"):
        faces.face_of(compositions.portrait(), [0.5, 0.5])


# --- cloth --------------------------------------------------------------------------------------


def test_the_garment_is_found_and_the_skin_is_not():
    picture, mask, points = compositions.person()
    body = cloth.trunk(points, "mediapipe33", *picture.shape[:2])
    share = cloth.garment(picture, body, mask)
    green = mask & (picture[..., 1] > picture[..., 0])
    assert share[green].mean() > 0.9
    assert share[mask & ~green].mean() < 0.1 and share[~mask].mean() < 0.02


def test_a_back_and_hidden_shoulders_are_refused():
    picture, _, points = compositions.person()
    back = list(points)
    back[3 * 11], back[3 * 12] = points[3 * 12], points[3 * 11]
    with pytest.raises(ValueError, match="from the front"):
        cloth.trunk(back, "mediapipe33", *picture.shape[:2])
    hidden = [0.1 if place % 3 == 2 else value for place, value in enumerate(points)]
    with pytest.raises(ValueError, match="shoulders"):
        cloth.trunk(hidden, "mediapipe33", *picture.shape[:2])


def test_dressed_cloth_keeps_its_folds():
    picture, mask, points = compositions.person()
    body = cloth.trunk(points, "mediapipe33", *picture.shape[:2])
    share = cloth.garment(picture, body, mask)
    plain = np.full_like(picture, (200, 60, 160))
    made = cloth.dressed(picture, share, plain)
    inside = share > 0.95
    before, after = light.lab(picture)[..., 0][inside], light.lab(made)[..., 0][inside]
    assert np.corrcoef(before, after)[0, 1] > 0.9
    assert (made[share == 0] == picture[share == 0]).all()


@pytest.mark.parametrize("kind", list(patterns.PATTERNS))
def test_patterns_repeat_by_their_period(kind):
    across, down = np.meshgrid(
        np.linspace(0, 1, 200, dtype=np.float32), np.linspace(0, 1, 200, dtype=np.float32)
    )
    drawn = patterns.PATTERNS[kind](across, down, 0.2)
    again = patterns.PATTERNS[kind](across + 0.4, down + 0.4, 0.2)
    assert drawn.min() >= 0 and drawn.max() == 1
    assert np.abs(drawn - again).mean() < 0.02
