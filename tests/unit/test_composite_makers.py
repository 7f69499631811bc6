"""Makers that compose: equal requests give equal bytes, nothing outside of the mask changes, words fit."""

from random import Random

import cv2
import numpy as np
import pytest

import compositions
from firered.descriptors import rle
from firered.models import stamps
from firered.pictures import Pictures
from firered.store import BlobStore
from firered.synthesis import makers, words
from firered.synthesis.composite import cutouts, staging
from firered.synthesis.making import Region
from firered.synthesis.primitives import checked, inverted_wish, primitive
from firered.synthesis.scene import Scene
from firered.templating.filters import LANGUAGES

PASTED = (
    "add_object_pasted",
    "change_count",
    "move_object",
    "enlarge_object",
    "shrink_object",
    "replace_object_pasted",
    "flip_object",
)
STAMPED = ("paste", "region_color", "figures")
NAMES = (*STAMPED, "collage", "beauty", "try_on", "portrait_background")
KEPT: dict[str, list] = {}
ONES = {"left": 0.1, "top": 0.1, "right": 0.9, "bottom": 1.0}


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRERED_HOME", str(home))
        compositions.forget_stamps()
        compositions.install_stamps(home)
        yield home
    compositions.forget_stamps()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """One store for all of these tests: what makers made is kept between them."""
    yield Pictures(BlobStore(tmp_path_factory.mktemp("blobs")))
    KEPT.clear()


def a_scene(pixels: np.ndarray, **more) -> Scene:
    return Scene(image_id=1, sha256="a", width=pixels.shape[1], height=pixels.shape[0], **more)


def a_face() -> dict:
    box = {"left": 0.1, "top": 0.1, "right": 0.9, "bottom": 0.9}
    return {
        "face": 0,
        "score": 1,
        "points": list(compositions.mesh()),
        "emotion": "",
        "emotion_score": 0,
        "age": 30,
        "box": box,
    }


def a_person(pictures: Pictures) -> tuple[np.ndarray, Scene]:
    """A scene with a person: joints, mask, matte and another photograph."""
    picture, mask, points = compositions.person()
    matte = np.repeat(
        (255 * cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)).astype(np.uint8)[..., None], 3, axis=2
    )
    stored = pictures.save_bytes(cv2.imencode(".png", matte)[1].tobytes())
    region = {
        "score": 0.9,
        "area": float(mask.mean()),
        "box": ONES,
        "height": mask.shape[0],
        "width": mask.shape[1],
        "counts": rle.encode(mask),
    }
    other = compositions.lawn(320, 300)
    sha256, _ = pictures.save(other)
    scene = a_scene(
        picture,
        masks=[{"kind": "person", "label": "person", "matte": stored, **region}],
        poses=[{"person": 0, "scheme": "mediapipe33", "score": 0.9, "points": points}],
        others=[{"image_id": 2, "sha256": sha256, "width": 300, "height": 320}],
    )
    return picture, scene


def prepared(name: str, pictures: Pictures) -> tuple[np.ndarray, Scene]:
    """A picture that a maker can work on, and its scene."""
    if name == "beauty":
        picture = compositions.portrait()
        return picture, a_scene(picture, faces=[a_face()])
    if name in ("try_on", "portrait_background"):
        return a_person(pictures)
    picture = compositions.lawn()
    others = [pictures.save(np.roll(picture, 30 * place, axis=1))[0] for place in range(4)]
    known = [
        {"image_id": place, "sha256": sha256, "width": 360, "height": 240}
        for place, sha256 in enumerate(others)
    ]
    return picture, a_scene(picture, others=known)


def tried(name: str, pictures: Pictures) -> list:
    """(wish, source, what was made, seed) of what a maker can make of its picture; made once."""
    if name not in KEPT:
        KEPT[name] = _tried(name, pictures)
    return KEPT[name]


def _tried(name: str, pictures: Pictures) -> list:
    maker, found = makers.load(name), []
    picture, scene = prepared(name, pictures)
    for seed in range(6):
        for wish in maker.offers(scene, Random(seed)):
            try:
                found.append((wish, picture, maker.make(wish, picture, seed, pictures), seed))
            except ValueError:
                continue
    return found


@pytest.mark.parametrize("name", NAMES)
def test_equal_wishes_give_equal_bytes_and_change_nothing_outside_of_the_mask(name, pictures):
    primitives = set()
    for wish, picture, made, seed in tried(name, pictures):
        if wish.primitive in primitives:
            continue
        primitives.add(wish.primitive)
        second = makers.load(name).make(wish, picture, seed, pictures)
        assert (second.target == made.target).all() and second.truth == made.truth
        source = picture if made.source is None else made.source
        if made.mask is not None:
            assert (made.target[~made.mask] == source[~made.mask]).all()
        assert made.target.shape != source.shape or (made.target != source).any()
        assert made.target.dtype == np.uint8
    assert primitives


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_every_wish_can_be_said(name, pictures):
    for wish, _, made, _ in tried(name, pictures):
        told = checked(wish.model_copy(update={"slots": {**wish.slots, **made.slots}}))
        for language in LANGUAGES:
            said = words.canonical(told, language)
            assert "{" not in said and said
        rule = primitive(wish.primitive).inverse
        if rule is not None:
            assert words.canonical(checked(inverted_wish(told, rule)))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_of_one_pixel_is_refused(name, pictures):
    maker = makers.load(name)
    one = np.zeros((1, 1, 3), np.uint8)
    assert maker.offers(a_scene(one), Random(1)) == []
    _, scene = prepared(name, pictures)
    for wish in maker.offers(scene, Random(1)):
        with pytest.raises(ValueError):
            maker.make(wish, one, 1, pictures)


@pytest.mark.parametrize("name", STAMPED)
def test_a_picture_without_a_place_is_refused_with_the_reason(name, pictures):
    maker = makers.load(name)
    for wish in maker.offers(a_scene(compositions.noise()), Random(1)):
        with pytest.raises(ValueError, match="no sky, lawn or plain surface"):
            maker.make(wish, compositions.noise(), 1, pictures)


def test_a_grey_panorama_is_refused_or_handled(pictures):
    panorama = cv2.resize(compositions.lawn(), (2000, 100))
    grey = cv2.cvtColor(cv2.cvtColor(panorama, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    maker = makers.load("paste")
    for wish in maker.offers(a_scene(panorama), Random(1)) + maker.offers(a_scene(grey), Random(2)):
        with pytest.raises(ValueError):
            maker.make(wish, grey, 1, pictures)


# --- what is true of each edit ---------------------------------------------------------------------


def all_of(primitive_name: str, name: str, pictures: Pictures) -> list:
    found = [
        (made, picture)
        for wish, picture, made, _ in tried(name, pictures)
        if wish.primitive == primitive_name
    ]
    assert found
    return found


def outline(truth: dict, key: str = "object") -> np.ndarray:
    return Region.model_validate(truth[key]).decoded()


def test_the_inverse_of_adding_is_the_photograph(pictures):
    """The source of what was added is the picture that was given, to the bit."""
    for made, _ in all_of("add_object_pasted", "paste", pictures):
        assert made.source is None
        assert outline(made.truth).any() and (outline(made.truth) <= made.mask).all()


def test_a_moved_thing_is_found_in_its_new_box_and_its_old_place_is_restored(pictures):
    for made, picture in all_of("move_object", "paste", pictures):
        old, new = (_part(picture.shape, made.truth[key]) for key in ("before", "after"))
        assert (made.target[old][5:-5, 5:-5] == picture[old][5:-5, 5:-5]).mean() > 0.7
        assert np.abs(made.target[new].astype(int) - picture[new]).mean() > 8
        assert np.abs(made.source[old].astype(int) - picture[old]).mean() > 8
        assert made.slots["place"].value != made.slots["target"].value


@pytest.mark.parametrize(("name", "sign"), [("enlarge_object", 1), ("shrink_object", -1)])
def test_a_resized_thing_has_the_factor_that_was_asked_for(name, sign, pictures):
    for made, _ in all_of(name, "paste", pictures):
        before, after = (made.truth[key] for key in ("before", "after"))
        assert (after[3] - after[1]) / (before[3] - before[1]) == pytest.approx(
            made.truth["factor"], rel=0.12
        )
        assert (made.truth["factor"] - 1) * sign > 0
        assert after[3] == pytest.approx(before[3], abs=0.02)


def test_counts_are_those_of_the_boxes(pictures):
    for made, _ in all_of("change_count", "paste", pictures):
        assert len(made.truth["boxes"]) == made.truth["count"] > len(made.truth["before"]) > 0


def test_what_replaces_stands_where_the_other_stood(pictures):
    for made, _ in all_of("replace_object_pasted", "paste", pictures):
        before, after = (made.truth[key] for key in ("before", "after"))
        assert (before[0] + before[2]) / 2 == pytest.approx((after[0] + after[2]) / 2, abs=0.02)
        assert made.slots["object"] != made.slots["new"]


def test_a_recoloured_thing_has_the_hue_that_was_asked_for(pictures):
    from firered.synthesis.composite import light

    for made, _ in all_of("color_stamp", "region_color", pictures):
        mean = light.lab(made.target)[outline(made.truth)].mean(axis=0)
        ink = light.lab(np.array([[made.truth["color"]]], np.uint8))[0, 0]
        assert np.cos(np.arctan2(ink[2], ink[1]) - np.arctan2(mean[2], mean[1])) > 0.95


def test_a_panel_is_the_very_pixels_of_its_window(pictures):
    for made, _ in all_of("extract_panel", "collage", pictures):
        assert (made.target == made.source[_part(made.source.shape, made.truth["window"])]).all()


def test_an_extracted_thing_stands_on_white(pictures):
    for made, _ in all_of("extract_pasted", "collage", pictures):
        subject = outline(made.truth, "subject")
        far = cv2.dilate(subject.astype(np.uint8), np.ones((15, 15))) == 0
        assert (made.target[far] == 255).all()
        assert np.abs(made.target[subject].astype(int) - made.source[subject]).mean() < 12


def test_figures_are_numbered_in_the_order_of_the_references(pictures):
    for wish, _, made, _ in tried("figures", pictures):
        count = len(made.references)
        assert [figure["figure"] for figure in made.truth["figures"]] == list(range(2, count + 2))
        for place, word in zip(range(count), ("first", "second", "third"), strict=False):
            stamp = made.truth["figures"][place]["stamp"]
            assert made.slots[word] == cutouts.words()[stamp].one
            assert made.slots[f"{word}_figure"].value == place + 2
            reference = cutouts.on_plain(cutouts.stamp(stamp), 384, 384)
            assert (made.references[place] == reference).all()
        assert count == len([name for name in wish.slots if name.endswith("_figure")])


def test_a_thing_of_another_photograph_comes_with_that_photograph(pictures):
    stamp = compositions.stamp(4, 200, 200)
    other, alpha = np.full((256, 256, 3), (90, 110, 130), np.uint8), np.zeros((256, 256), np.float32)
    alpha[28:228, 28:228] = stamp[..., 3] / np.float32(255)
    other[28:228, 28:228] = cutouts.over(
        other[28:228, 28:228], stamp[..., :3].astype(np.float32), alpha[28:228, 28:228]
    )
    stored = pictures.save_bytes(
        cv2.imencode(".png", np.repeat((255 * alpha).astype(np.uint8)[..., None], 3, 2))[1].tobytes()
    )
    sha256 = pictures.save_bytes(cv2.imencode(".png", other[..., ::-1])[1].tobytes())
    box = {"left": 0.11, "top": 0.11, "right": 0.89, "bottom": 0.89}
    mask = {
        "kind": "salient",
        "label": "",
        "score": 1,
        "area": 0.35,
        "box": box,
        "height": 256,
        "width": 256,
        "matte": stored,
    }
    thing = {"label": "dog", "score": 0.9, "box": box}
    known = {"image_id": 2, "sha256": sha256, "width": 256, "height": 256}
    known |= {"masks": [mask | {"counts": rle.encode(alpha > 0.5)}], "objects": [thing]}
    picture, maker = compositions.lawn(), makers.load("figures")
    wishes = maker.offers(a_scene(picture, others=[known]), Random(1))
    (wish,) = [wish for wish in wishes if "thing" in wish.others]
    made = maker.make(wish, picture, 1, pictures)
    assert made.slots["first"].en == "dog" and (made.references[0] == other).all()
    assert (made.target[~made.mask] == picture[~made.mask]).all() and made.mask.any()


def test_animals_are_not_given_a_table():
    thing = {"label": "bird", "score": 0.8, "box": ONES}
    scene = a_scene(compositions.table(), objects=[thing])
    for wish in makers.load("paste").offers(scene, Random(1)):
        assert "surface" not in wish.control["stamps"]


def a_place(kind: str) -> dict:
    """Mask of a place, as perception writes it."""
    box = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 0.5}
    known = {"label": "", "score": 0.5, "area": 0.5, "box": box, "height": 2, "width": 2, "matte": ""}
    return {"kind": kind, "counts": rle.encode(np.array([[True, True], [False, False]])), **known}


@pytest.mark.parametrize("name", STAMPED)
def test_things_are_offered_for_the_places_that_are_there(name):
    scene = a_scene(compositions.lawn(), masks=[a_place(staging.LOOKED), a_place("grass")])
    wishes = makers.load(name).offers(scene, Random(1))
    assert wishes and {where for wish in wishes for where in wish.control["stamps"]} == {"grass"}


@pytest.mark.parametrize("name", STAMPED)
def test_nothing_is_offered_where_the_search_found_no_place(name):
    maker, picture = makers.load(name), compositions.noise()
    searched = a_scene(picture, masks=[a_place(staging.LOOKED)])
    assert maker.offers(searched, Random(1)) == []
    assert maker.offers(a_scene(picture, masks=[a_place("salient")]), Random(1))


def test_what_was_made_of_a_place_does_not_depend_on_the_search(pictures):
    """Pixels decide: the same wish gives the same bytes, whether its place was known before or not."""
    maker, picture = makers.load("paste"), compositions.lawn()
    scene = a_scene(picture, masks=[a_place(kind) for kind in (staging.LOOKED, "sky", "grass")])
    (known,) = [wish for wish in maker.offers(scene, Random(1)) if wish.primitive == "add_object_pasted"]
    more = staging.candidates(a_scene(picture), Random(2))
    wider = known.model_copy(
        update={"control": {**known.control, "stamps": {**more, **known.control["stamps"]}}}
    )
    assert (
        maker.make(known, picture, 3, pictures).target == maker.make(wider, picture, 3, pictures).target
    ).all()


def test_a_blemish_is_on_the_face_and_leaves_eyes_and_lips(pictures):
    from firered.synthesis.composite import faces

    picture = compositions.portrait()
    face = faces.face_of(picture, compositions.mesh())
    for made, _ in all_of("beauty_add_blemish", "beauty", pictures):
        for part in (*faces.EYES, faces.LIPS):
            assert made.mask[face.region(part) > 0].mean() < 0.3
        assert made.source is None


def test_the_person_is_named_by_the_side_where_there_are_several():
    left, right = a_face(), a_face()
    left["box"] = {"left": 0.0, "top": 0.1, "right": 0.4, "bottom": 0.9}
    right |= {"face": 1, "box": {"left": 0.6, "top": 0.1, "right": 1.0, "bottom": 0.9}}
    wishes = makers.load("beauty").offers(a_scene(compositions.portrait(), faces=[right, left]), Random(1))
    assert wishes and all(wish.slots["who"].value in ("left", "right") for wish in wishes)


def test_a_swatch_comes_with_the_cloth(pictures):
    for made, _ in all_of("clothes_from_figure", "try_on", pictures):
        assert len(made.references) == 1 and made.references[0].shape == (384, 384, 3)
        assert outline(made.truth).mean() > 0.1


def test_the_people_stay_before_a_new_background(pictures):
    for made, picture in all_of("portrait_background_clothes", "portrait_background", pictures):
        subject = outline(made.truth, "subject")
        assert (made.target[subject] == picture[subject]).all() and subject.any()
        assert np.abs(made.target[:20].astype(int) - picture[:20]).mean() > 10


def test_makers_of_stamps_say_what_they_need():
    for name in (*STAMPED, "collage"):
        assert makers.load(name).needs == (stamps.ENTRY,)
        assert makers.load(name).revision == stamps.revision()


def _part(shape: tuple[int, ...], box: list[float]) -> tuple[slice, slice]:
    left, right = round(box[0] * shape[1]), round(box[2] * shape[1])
    top, bottom = round(box[1] * shape[0]), round(box[3] * shape[0])
    return np.s_[top:bottom, left:right]
