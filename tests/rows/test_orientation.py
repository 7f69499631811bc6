"""Turned and tilted pictures with known answers, faces, and what is corrected."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered.catalog import Catalog
from firered.descriptors import tilt, turn
from firered.descriptors.turn import TURNS, turned
from firered.errors import ModelError
from firered.mappers import here
from firered.models import faces, registry
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import Corrected, Image, KeptPhoto, TurnedPhoto, id_of_sha256
from firered.run import run


def skyline(height: int = 480, width: int = 640) -> np.ndarray:
    """Houses with windows below a blue sky, (H, W, 3) uint8; every line level or upright."""
    random = np.random.default_rng(3)
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = np.linspace((120, 170, 235), (190, 215, 240), height)[:, None]
    for left in range(-20, width, 70):
        top, shade = int(random.integers(height // 4, height // 2)), int(random.integers(60, 150))
        cv2.rectangle(canvas, (left, top), (left + 62, height), (shade, shade - 15, shade - 30), -1)
        for row in range(top + 15, height - 20, 34):
            for column in range(left + 9, left + 50, 18):
                cv2.rectangle(canvas, (column, row), (column + 9, row + 18), (40, 45, 60), -1)
    grain = random.normal(0, 3, canvas.shape)
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)


def landscape() -> np.ndarray:
    """A bright sky above dark and rough ground, (240, 320, 3) uint8."""
    canvas = np.empty((240, 320, 3), np.uint8)
    canvas[:130], canvas[130:] = (140, 190, 250), (70, 80, 40)
    grain = (
        np.random.default_rng(5).normal(0, 1, (60, 80, 1)) * np.repeat([2.0, 25.0], [33, 27])[:, None, None]
    )
    grain = cv2.resize(grain, (320, 240), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)


def leaning(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Picture that must be turned clockwise by `degrees` to stand upright, without black corners."""
    return tilt.leveled(pixels, -degrees)


def stored(pictures: Pictures, pixels: np.ndarray) -> KeptPhoto:
    """Photograph with these pixels."""
    sha256, size = pictures.save(pixels, quality=98)
    height, width = pixels.shape[:2]
    facts = (sha256, width, height, size, "JPEG", "RGB", 1, "photo", "CC0-1.0")
    return KeptPhoto(id_of_sha256(sha256), *facts)


# --- turning -----------------------------------------------------------------------------------------


@given(st.sampled_from(TURNS), st.sampled_from(TURNS))
def test_turns_add_up(first, second):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(turned(turned(pixels, first), second), turned(pixels, (first + second) % 360))


def test_a_turn_is_clockwise():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255
    assert turned(pixels, 90)[0, 1, 0] == 255


@given(st.sampled_from(TURNS), st.integers(0, 7), st.integers(0, 11))
def test_a_box_found_in_a_turned_picture_lies_over_the_same_pixels_before(degrees, row, column):
    pixels = np.zeros((8, 12, 3), np.uint8)
    pixels[row, column] = 255
    after = turned(pixels, degrees)
    ((y, x),) = np.argwhere(after[..., 0])
    height, width = after.shape[:2]
    found = turn.turned_back((x / width, y / height, (x + 1) / width, (y + 1) / height), degrees)
    assert found == pytest.approx((column / 12, row / 8, (column + 1) / 12, (row + 1) / 8))


@given(st.lists(st.floats(-9, 9), min_size=4, max_size=4), st.lists(st.floats(-9, 9), min_size=4, max_size=4))
def test_cues_that_turn_turn_the_answer(first, second):
    answer = turn.combined({"faces": first, "head": second})
    again = turn.combined({"faces": first[1:] + first[:1], "head": second[1:] + second[:1]})
    assert again.confidence == pytest.approx(answer.confidence)
    assert 0.25 - 1e-9 <= answer.confidence <= 1
    assert again.degrees == (answer.degrees - 90) % 360 or answer.confidence < 0.51


def test_no_cue_is_a_guess():
    assert turn.combined({}) == turn.Turn(0, 0.25, "")
    assert turn.combined({"faces": [0.0] * 4}) == turn.Turn(0, 0.25, "")


def test_evidence_names_the_cues_that_speak():
    answer = turn.combined({"faces": [0.0] * 4, "ground": [1.0, 0.0, 0.5, 0.0], "head": [0.0, 4.0, 1.0, 0.0]})
    assert (answer.degrees, answer.evidence) == (90, "ground -1.0, head +3.0")


def test_more_faces_say_more_but_not_without_end():
    few, many = turn.by_faces([1, 0, 0, 0]), turn.by_faces([9, 0, 0, 0])
    assert few[0] < many[0] == turn.by_faces([3, 0, 0, 0])[0]


@pytest.mark.parametrize("degrees", TURNS)
def test_sky_is_up(degrees):
    lying = turned(landscape(), (360 - degrees) % 360)
    answer = turn.combined({"ground": turn.by_ground(lying)})
    assert answer.degrees == degrees
    assert answer.confidence > 0.5


# --- tilt --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [-9, -4, -2, 2, 4, 9])
def test_a_tilted_skyline_gives_its_tilt(degrees):
    found = tilt.measure(leaning(skyline(), degrees))
    assert found.degrees == pytest.approx(degrees, abs=0.5)
    assert found.confidence > 0.8


def test_a_level_skyline_is_level():
    found = tilt.measure(skyline())
    assert found.degrees == 0
    assert found.confidence > 0.8


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_picture_says_nothing_of_its_tilt(value):
    assert tilt.measure(np.full((90, 120, 3), value, np.uint8)) == tilt.Tilt(0, 0)


def test_noise_is_not_sure_of_its_tilt():
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert tilt.measure(noise).confidence < 0.5


@given(st.integers(20, 400), st.integers(20, 400), st.floats(-44, 44))
def test_the_inner_part_lies_inside_the_turned_picture(width, height, degrees):
    inside = tilt.inner(width, height, degrees)
    sine, cosine = np.sin(np.radians(abs(degrees))), np.cos(np.radians(degrees))
    # its corners, turned back, are no farther out than the picture's edges
    assert inside[0] * cosine + inside[1] * sine <= width + 1e-6
    assert inside[0] * sine + inside[1] * cosine <= height + 1e-6
    assert abs(inside[0] * height - inside[1] * width) <= max(width, height)


@pytest.mark.parametrize("degrees", [-8, 3])
def test_a_leveled_picture_has_no_black_corners(degrees):
    white = np.full((120, 200, 3), 255, np.uint8)
    assert tilt.leveled(white, degrees).min() == 255


# --- faces -------------------------------------------------------------------------------------------


class OneFace:
    """Finds a face wherever the left upper pixel is white."""

    name = "fake"
    revision = "0"

    def find(self, pixels):
        """Find it."""
        return [faces.FaceBox(0.99, (0.1, 0.2, 0.3, 0.6))] if pixels[0, 0, 0] > 128 else []


def test_a_face_is_found_at_the_turns_that_are_asked_for(pictures):
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:32, :48] = 255
    row = stored(pictures, turned(pixels, 270))
    operator = load("faces", {"turns": [0, 90, 180, 270]})
    operator.__dict__["_detector"] = OneFace()
    ((face,),) = operator([row], pictures)
    assert face.turn == 90
    assert (face.left, face.top, face.right, face.bottom) == pytest.approx((0.2, 0.7, 0.6, 0.9))


def test_an_unknown_detector_lists_the_known_ones():
    with pytest.raises(ModelError, match="one of: embedded:mtcnn"):
        faces.load("embedded:cascade", least=0.1)


@pytest.fixture(scope="module")
def detector():
    pytest.importorskip("torch")
    if registry.state(registry.entry("mtcnn")) != "installed":
        pytest.skip("mtcnn is not installed")
    return faces.load("embedded:mtcnn", least=0.06)


@pytest.fixture(scope="module")
def astronaut():
    return pytest.importorskip("skimage.data").astronaut()


@pytest.mark.slow
def test_the_astronaut_has_one_face(detector, astronaut):
    (face,) = detector.find(astronaut)
    assert face.score > 0.99
    assert np.multiply(face.box, 512) == pytest.approx((181, 62, 268, 172), abs=8)


@pytest.mark.slow
def test_a_face_on_its_side_is_found_when_the_picture_is_turned(detector, astronaut):
    lying = turned(astronaut, 270)
    assert detector.find(lying) == []
    assert len(detector.find(turned(lying, 90))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (5, 400), (40, 40)])
def test_a_plain_picture_of_any_shape_has_no_face(detector, shape):
    assert detector.find(np.full((*shape, 3), 120, np.uint8)) == []


# --- operators ---------------------------------------------------------------------------------------


def test_orientation_by_pixels_alone_needs_no_model(pictures):
    operator = load("orientation", {"cues": ["ground"]})
    operator.setup()
    row = stored(pictures, turned(leaning(landscape(), 4), 180))
    ((found,),) = operator([row], pictures)
    assert (found.image_id, found.turn) == (row.image_id, 180)
    assert found.tilt == pytest.approx(4, abs=0.5)
    assert found.evidence.startswith("ground +")


@pytest.mark.slow
def test_all_cues_set_the_astronaut_upright(detector, astronaut, pictures):
    operator = load("orientation")
    operator.setup()
    rows = [stored(pictures, turned(astronaut, (360 - degrees) % 360)) for degrees in TURNS]
    found = [row for (row,) in operator(rows, pictures)]
    assert [row.turn for row in found] == list(TURNS)
    assert all(row.turn_confidence > 0.98 for row in found)
    assert all("faces +" in row.evidence and "head +" in row.evidence for row in found)


@pytest.mark.slow
def test_another_revision_than_the_settings_say_stops_the_run(detector):
    with pytest.raises(ModelError, match=r"not another \(set revisions\)"):
        load("orientation", {"cues": ["faces"], "revisions": ["another", ""]}).setup()


def test_a_corrected_image_is_upright_level_and_knows_its_parent(pictures):
    wrong = stored(pictures, turned(leaning(skyline(), 4), 270))
    ((image, lineage),) = load("correct")(
        [TurnedPhoto(wrong.image_id, wrong.sha256, wrong.licence, 90, 4.0)], pictures
    )
    assert lineage == Corrected(image.image_id, wrong.image_id, 90, 4.0)
    assert (image.origin, image.licence, image.orientation) == ("photo", "CC0-1.0", 1)
    assert pictures.pixels(image.sha256).shape == (image.height, image.width, 3)
    assert image.width / image.height == pytest.approx(640 / 480, abs=0.01)
    assert abs(tilt.measure(pictures.pixels(image.sha256)).degrees) <= 0.5


def test_a_turned_photograph_is_replaced_once_and_stays_replaced(catalog: Catalog, tmp_path: Path):
    pictures = Pictures(catalog.blobs)
    photo = stored(pictures, turned(landscape(), 180))
    catalog.append([Image(*(getattr(photo, name) for name in Image.columns()))])
    measure, correct = load("orientation", {"cues": ["ground"]}), load("correct")
    for run_id in (1, 2):
        facts = {"run_id": run_id, "recipe": "x", "recipe_text": "", "filters": ["turned"]}
        catalog.record("run", {**facts, "started_at": f"2026-01-0{run_id}"})
        run([measure], catalog, mapper=here)
        catalog.decide("turned", {"turn": 0.5}, run_id)
        run([correct], catalog, mapper=here)
        run([measure], catalog, mapper=here)
    (lineage,) = catalog.rows(Corrected)
    assert (lineage.parent_id, lineage.turn) == (photo.image_id, 180)
    assert [row.image_id for row in catalog.rows(KeptPhoto)] == [lineage.image_id]
    ((reason,),) = [tuple(row.values()) for row in catalog.sql("select reason from rejected").to_pylist()]
    assert reason.endswith(f"corrected as image {lineage.image_id}")
    assert not any(found.num_rows for found in catalog.audit().values())
