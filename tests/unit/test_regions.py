"""Masks, boxes and points as pure functions: squares that are cut and laid back, soft masks, chips, labels."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered.errors import ModelError
from firered.models import face_identity, human, masking, regions, second_look, soft
from firered.models.annotators import Canny
from firered.models.grabcut import GrabCut
from firered.models.mediapipe import bodies
from firered.models.mediapipe.graphs import Square
from firered.models.regions import Region

ANGLES = st.floats(-math.pi, math.pi)


def disc(height: int = 96, width: int = 128, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A red disc on green grass, and where it is."""
    random = np.random.default_rng(seed)
    inside = np.zeros((height, width), np.uint8)
    cv2.circle(inside, (width // 2, height // 2), height // 4, 1, -1)
    picture = np.where(inside[..., None] > 0, (200, 40, 30), (60, 140, 50)) + random.normal(
        0, 8, (height, width, 3)
    )
    return np.clip(picture, 0, 255).astype(np.uint8), inside > 0


def box_around(mask: np.ndarray, slack: float = 0.03) -> regions.Box:
    left, top, right, bottom = soft.box_of(mask)
    return left - slack, top - slack, right + slack, bottom + slack


@given(st.floats(-50, 300), st.floats(-50, 300), st.floats(1, 400), ANGLES)
def test_the_middle_of_a_cut_is_the_centre_of_its_square(x, y, side, angle):
    placed = Square(x, y, side, angle).placed(np.array([[48.0, 48.0]], np.float32), 96)
    assert placed[0] == pytest.approx((x, y), abs=0.01)


@given(st.floats(10, 200), ANGLES)
def test_the_corners_of_a_cut_are_as_far_apart_as_the_side_of_its_square(side, angle):
    corners = Square(5, 7, side, angle).placed(np.array([[0.0, 0.0], [96.0, 0.0]], np.float32), 96)
    assert math.dist(*corners.tolist()) == pytest.approx(side, rel=1e-3)


def test_a_square_of_the_whole_picture_cuts_the_picture_itself():
    picture, _ = disc(64, 64)
    cut = Square(32, 32, 64).cut(picture, 64)
    assert np.abs(cut * 255 - picture).max() < 0.01


def test_what_is_cut_and_pasted_lies_where_it_was():
    _, inside = disc(96, 128)
    square = Square(64, 48, 80, 0.4)
    cut = square.cut(np.repeat(inside[..., None], 3, axis=2).astype(np.uint8) * 255, 160)
    back = square.pasted(np.ascontiguousarray(cut[:, :, 0]), 96, 128)
    assert np.mean((back > 0.5) == inside) > 0.995


@given(ANGLES, st.floats(5, 100))
def test_a_body_is_turned_upright(angle, reach):
    hips = np.array([50.0, 60.0])
    end = hips + reach * np.array([math.sin(angle), -math.cos(angle)])
    square = bodies.around(hips, end)
    assert math.cos(square.angle - angle) == pytest.approx(1, abs=1e-6)
    # The end is straight above the hips in the cut.
    cut = np.array([[128.0, 128.0 - reach / square.side * 256]], np.float32)
    assert square.placed(cut, 256)[0] == pytest.approx(end, abs=0.05)


def test_the_detector_of_bodies_has_as_many_anchors_as_answers():
    centres = bodies.anchors()
    assert centres.shape == (2254, 2)
    assert centres.min() > 0
    assert centres.max() < 1


@given(st.floats(0.5, 20), ANGLES, st.floats(-30, 30), st.floats(-30, 30))
def test_a_similarity_is_found_again(scale, angle, x, y):
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    start = np.array([[0.0, 0.0], [3.0, 1.0], [1.0, 4.0], [2.0, 2.0]])
    found = face_identity.fitted(start, start @ turn.T + (x, y))
    assert found[:, :2] == pytest.approx(turn, abs=1e-3)
    assert found[:, 2] == pytest.approx((x, y), abs=1e-2)


def test_gradients_of_a_chip_reach_the_picture():
    import torch

    picture = torch.rand(1, 3, 60, 80, requires_grad=True)
    matrix = np.array([[[0.2, 0.05, 20], [-0.05, 0.2, 15]]], np.float32)
    chip = face_identity.chips(picture, matrix)
    assert chip.shape == (1, 3, 150, 150)
    chip.sum().backward()
    assert picture.grad.abs().sum() > 0


def test_a_hard_matte_is_certain_and_a_grey_one_is_not():
    _, inside = disc()
    assert soft.certainty(inside.astype(np.float32)) == pytest.approx(1)
    assert soft.certainty(np.full((8, 8), 0.55, np.float32)) == pytest.approx(0.55)
    assert soft.region_of(np.zeros((8, 8), np.float32)) == []


def test_the_box_of_a_mask_touches_its_outermost_pixels():
    mask = np.zeros((10, 20), bool)
    mask[2:5, 4:10] = True
    assert soft.box_of(mask) == pytest.approx((0.2, 0.2, 0.5, 0.5))


@given(st.integers(0, 5))
def test_a_disc_is_cut_out_of_its_box(seed):
    picture, inside = disc(seed=seed)
    (found,) = GrabCut().cut(picture, [box_around(inside)])
    cut = soft.hard(found.matte)
    assert (cut & inside).sum() / (cut | inside).sum() > 0.9


def test_the_same_cut_comes_out_twice():
    picture, inside = disc()
    first, second = (GrabCut().cut(picture, [box_around(inside)])[0].matte for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 3)])
def test_tiny_pictures_are_cut_without_complaint(size):
    picture = np.full((*size, 3), 90, np.uint8)
    (found,) = GrabCut().cut(picture, [(0.0, 0.0, 1.0, 1.0)])
    assert found.score == 0
    assert found.matte.shape == size


def test_where_the_hint_agrees_its_edges_are_taken():
    picture, inside = disc()
    hint = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2)
    (found,) = GrabCut().cut(picture, [box_around(inside, 0.1)], hint)
    assert np.abs(found.matte - hint).max() < 1e-3


def test_of_two_boxes_of_one_thing_the_surer_one_stays():
    box = (0.1, 0.1, 0.5, 0.5)
    near = (0.12, 0.1, 0.5, 0.5)
    found = human.distinct(
        [Region(0.5, near, "cat"), Region(0.9, box, "cat"), Region(0.4, (0.6, 0.6, 0.9, 0.9), "cat")]
    )
    assert [each.score for each in found] == [0.9, 0.4]


def test_one_thing_has_one_name():
    box = (0.1, 0.1, 0.5, 0.5)
    assert [
        each.label
        for each in human.distinct([Region(0.5, box, "parking meter"), Region(0.6, box, "cell phone")])
    ] == ["cell phone"]


def shares(**given_classes: float) -> np.ndarray:
    """Shares (1000,) of ImageNet's classes; `c12=0.3` gives class 12 its share."""
    found = np.full(1000, 1e-6, np.float32)
    for name, value in given_classes.items():
        found[int(name[1:])] = value
    return found


@pytest.mark.parametrize(
    ("label", "seen", "second"),
    [
        ("bird", shares(c10=0.9), "bird"),
        ("sheep", shares(c296=0.9), "bear"),  # a polar bear
        ("cow", shares(c337=0.9), ""),  # an animal that the detector does not know
        ("bird", shares(c900=0.9), ""),  # no animal at all
        ("cake", shares(c393=0.9), ""),  # a fish
        ("cake", shares(c960=0.9), "cake"),
        ("giraffe", shares(c354=0.9), "giraffe"),  # ImageNet has none
    ],
)
def test_a_second_look_confirms_corrects_or_refuses(label, seen, second):
    assert second_look.second_label(Region(0.5, (0, 0, 1, 1), label), seen) == second


class Fixed:
    """A model that always finds the same."""

    name = revision = "fixed"

    def __init__(self, *found: Region) -> None:
        self.found = list(found)

    def find(self, pixels: np.ndarray) -> list[Region]:
        return self.found


def test_what_stands_in_front_is_a_person_only_where_a_detector_sees_one():
    picture, inside = disc()
    matte = inside.astype(np.float32)
    (front,) = soft.region_of(matte)
    box = soft.box_of(inside)
    person, cat = Region(0.7, box, "person"), Region(0.7, box, "cat")
    for detected, kinds in ((person, ["salient", "person", "object"]), (cat, ["salient", "object"])):
        sources = masking.Sources(Fixed(front), Fixed(front), Fixed(detected), GrabCut())
        found = masking.masks(picture, sources, least=0.5, most=8)
        assert [kind for kind, _ in found] == kinds
        assert {region.label for _, region in found} == {detected.label}


def test_people_who_touch_stay_together():
    matte = np.zeros((60, 100), np.float32)
    matte[20:60, 10:50] = 1
    matte[20:60, 70:90] = 1
    kept = masking.witnessed(matte, [(0.1, 0.3, 0.3, 1.0)])
    assert kept[40, 45] == 1  # beyond the box, of the same part
    assert kept[40, 80] == 0  # of another part


def test_a_box_that_would_cut_through_something_fails():
    picture, inside = disc()
    hint = inside.astype(np.float32)
    left, top, right, bottom = box_around(inside)
    whole, half = GrabCut().cut(
        picture, [(left, top, right, bottom), (left, top, (left + right) / 2, bottom)], hint
    )
    assert whole.score > 0.9
    assert half.score == 0


def test_edges_lie_where_the_picture_changes():
    picture, inside = disc()
    (found,) = Canny().find(picture)
    rim = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > 0
    assert found.matte[rim].sum() > 100
    assert found.matte[~rim].sum() < 10


@pytest.mark.parametrize("spec", ["embedded:nothing", "path:/nowhere/at/all", "hf:a/b@" + "0" * 40])
def test_models_that_are_not_there_are_named(spec):
    with pytest.raises(ModelError, match=r"a/b|nothing|nowhere"):
        regions.load(spec)
