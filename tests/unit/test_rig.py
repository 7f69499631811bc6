"""Rendering: the rasteriser, cameras, light, poses and things keep their properties; no body data is needed."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.primitives import checked
from firered.synthesis.rig import lexicon, scenery, solids, still
from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.edits import posed
from firered.synthesis.rig.noise import noise
from firered.synthesis.rig.pose import Pose, Way, between, rotation
from firered.synthesis.rig.raster import draw, vertex_normals
from firered.synthesis.scene import Scene
from firered.synthesis.template import thing
from firered.templating.filters import LANGUAGES

ROOM = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
SCENE = Scene(image_id=1, sha256="", width=96, height=96)
angles = st.floats(-170, 170)
directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda way: np.linalg.norm(way) > 0.1)


def camera(azimuth: float = 0, elevation: float = 0, distance: float = 20) -> Camera:
    return Camera(azimuth, elevation, distance, (0.0, 0.0, 0.0), 2.0)


def drawn(points: np.ndarray, faces: np.ndarray, side: int = 32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    alive, strands = np.ones(len(points), np.float32), np.zeros((len(points), 3), np.float32)
    return draw(points, faces, (side, side), alive, np.zeros(len(faces), np.float32), strands)


def made(wish: Wish, source: np.ndarray = ROOM) -> Made:
    return thing.MAKER.make(wish, source, 0, None)  # type: ignore[arg-type]


def test_a_square_of_two_triangles_covers_its_pixels_once() -> None:
    points = np.array([[4, 4, 5], [20, 4, 5], [20, 12, 5], [4, 12, 5]], np.float32)
    depth, face_of, place = drawn(points, np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    assert (face_of >= 0).sum() == 16 * 8
    assert np.allclose(depth[face_of >= 0], 5)
    assert (place[face_of >= 0].sum(axis=1) <= 1.0001).all()


def test_the_nearer_triangle_is_seen() -> None:
    far = np.array([[0, 0, 9], [32, 0, 9], [0, 32, 9]], np.float32)
    near = far - np.array([0, 0, 4], np.float32)
    faces = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    for points, nearest in ((np.concatenate([far, near]), 1), (np.concatenate([near, far]), 0)):
        _, face_of, _ = drawn(points, faces)
        assert set(np.unique(face_of[face_of >= 0])) == {nearest}


def test_a_surface_is_cut_where_it_is_not_alive() -> None:
    points = np.array([[0, 0, 5], [32, 0, 5], [32, 32, 5], [0, 32, 5]], np.float32)
    alive = np.array([-1, 1, 1, -1], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    blank = np.zeros(2, np.float32)
    _, face_of, _ = draw(points, faces, (32, 32), alive, blank, np.zeros((4, 3), np.float32))
    assert (face_of[:, :16] < 0).all()
    assert (face_of[:, 16:] >= 0).all()


@given(angles, st.floats(-80, 80))
def test_what_a_camera_looks_at_lies_in_the_middle(azimuth: float, elevation: float) -> None:
    (place,) = camera(azimuth, elevation).project(np.zeros((1, 3), np.float32), (60, 80))
    assert np.allclose(place, (40, 30, 20), atol=1e-3)


def test_a_camera_that_goes_right_sees_the_front_move_left() -> None:
    nose = np.array([[0, 0, 2]], np.float32)
    before, after = (camera(azimuth).project(nose, (60, 80))[0] for azimuth in (0, 30))
    assert after[0] < before[0]


@given(angles, st.floats(5, 60))
def test_going_around_and_back_is_where_one_was(azimuth: float, turn: float) -> None:
    points = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    there = camera(azimuth).project(points, (60, 80))
    back = camera(azimuth + turn - turn).project(points, (60, 80))
    assert np.allclose(there, back, atol=1e-3)


@given(st.floats(1.2, 2.0))
def test_a_nearer_camera_scales_what_lies_in_its_plane(factor: float) -> None:
    flat = np.array([[1, 1, 0], [-2, 0.5, 0]], np.float32)
    far, near = (camera(distance=20 / by).project(flat, (60, 60))[:, :2] - 30 for by in (1, factor))
    assert np.allclose(near, far * factor, atol=1e-2)


@given(directions, directions)
def test_the_rotation_between_two_directions_turns_one_into_the_other(start: Way, end: Way) -> None:
    a, b = (np.array(way) / np.linalg.norm(way) for way in (start, end))
    if a @ b > -0.99:
        matrix = between(a, b)
        assert np.allclose(matrix @ a, b, atol=1e-4)
        assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-5)


@given(directions, angles)
def test_a_rotation_and_its_opposite_cancel(axis: Way, degrees: float) -> None:
    assert np.allclose(
        rotation(np.array(axis), degrees) @ rotation(np.array(axis), -degrees), np.eye(3), atol=1e-5
    )


def test_noise_is_the_same_for_the_same_place_and_lies_in_0_to_1() -> None:
    points = np.random.default_rng(1).uniform(-50, 50, (2000, 3)).astype(np.float32)
    values = noise(points, 3, octaves=3)
    assert (values == noise(points, 3, octaves=3)).all()
    assert (values != noise(points, 4, octaves=3)).any()
    assert 0 <= values.min() < 0.3
    assert 0.7 < values.max() <= 1


def test_the_arm_on_the_pictures_left_is_the_figures_right_one() -> None:
    left = posed(Pose(), lexicon.section("poses")["raise_left"])
    assert left.right_arm.upper[1] > 0 > left.left_arm.upper[1]


@pytest.mark.parametrize("part", ["expressions", "directions", "poses", "hands", "hair", "clothes", "lights"])
def test_every_entry_has_words_in_both_languages(part: str) -> None:
    for name, entry in lexicon.section(part).items():
        assert all(entry[language] for language in LANGUAGES), name
        assert entry["en"].isascii(), name


@pytest.mark.parametrize("name", sorted(solids.THINGS))
def test_things_stand_on_the_ground_and_look_out(name: str) -> None:
    points, faces = solids.thing(name)
    assert abs(points[:, 1].min()) < 1e-4
    assert np.ptp(points, axis=0).max() == pytest.approx(4.0, abs=1e-3)
    top = vertex_normals(points, faces)[points[:, 1].argmax()]
    assert top[1] > 0


def test_all_things_and_materials_have_words() -> None:
    assert set(thing.lexicon()["things"]) == set(solids.THINGS)


@pytest.mark.parametrize("primitive", sorted(thing.EDITS))
def test_a_thing_is_made_twice_with_equal_bytes_and_differs_in_its_mask_alone(primitive: str) -> None:
    wishes = [wish for wish in thing.MAKER.offers(SCENE, Random(5)) if wish.primitive == primitive]
    first, second = made(checked(wishes[0])), made(wishes[0])
    assert first.source is not None
    assert first.mask is not None
    assert (first.target == second.target).all()
    assert ((first.source != first.target).any(axis=2) == first.mask).all()


def test_a_turn_and_its_opposite_show_the_thing_as_it_was() -> None:
    wish = Wish(
        primitive="viewpoint_turn_thing_clockwise",
        control={"thing": "mug", "material": "matte", "degrees": -60, "seed": 3},
    )
    start = still.first_still(3, "mug", "matte", ROOM)
    forth = thing.EDITS[wish.primitive].apply(start, wish.control)
    back = thing.EDITS[wish.primitive].apply(forth, {"degrees": 60})
    assert back.turn == pytest.approx(start.turn)
    assert abs(still.take(start).pixels.astype(int) - still.take(back).pixels).max() <= 2


def test_a_clockwise_turn_moves_the_front_to_the_left() -> None:
    front = np.array([[0, 0, 1]], np.float32)
    turned = solids.placed((front, np.zeros((0, 3), np.int32)), -30, (0, 0, 0))[0]
    assert turned[0, 0] < 0


@settings(max_examples=20)
@given(st.integers(16, 300), st.integers(16, 3000))
def test_frames_are_never_longer_than_the_photograph_nor_panoramas(height: int, width: int) -> None:
    size = scenery.frame_of(np.broadcast_to(np.uint8(0), (height, width, 3)))
    assert max(size) <= max(height, width)
    assert max(size) <= scenery.WIDEST * min(size) + 2


def test_a_single_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="1 x 1 pixels"):
        scenery.frame_of(np.zeros((1, 1, 3), np.uint8))


def test_an_uncovered_pixel_keeps_the_backdrops_bits() -> None:
    shot = still.take(still.first_still(1, "vase", "matte", ROOM))
    other = still.take(still.first_still(1, "vase", "gold", ROOM))
    clear = shot.layer.cover == 0
    assert clear.any()
    assert (shot.pixels[clear] == other.pixels[clear]).all()
