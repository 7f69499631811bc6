"""Makers by structure, on drawn scenes whose masks are known."""

import json
from random import Random

import cv2
import numpy as np
import pytest

from firered.synthesis import words
from firered.synthesis.control import outpaint
from firered.synthesis.control_presets import control_presets
from firered.synthesis.makers import load
from firered.synthesis.making import Region, Wish
from firered.synthesis.primitives import checked, primitives
from firered.synthesis.scene import Box, Scene, SceneMask, SceneObject, SceneOther

MASKED = (
    "remove_object",
    "replace_object",
    "background_replace",
    "background_color",
    "background_blur",
    "extract_subject",
    "color_object",
    "adjust_material",
    "subject_light",
    "color_pop",
)
SIZE = (160, 160)


class Drawn:
    """Pictures by name instead of by sha256."""

    def __init__(self, **pictures):
        self.held = pictures

    def pixels(self, name):
        return self.held[name]

    def scaled(self, name, max_side):
        return self.held[name]


def disc(size=SIZE, radius=24, center=(80, 121)) -> np.ndarray:
    rows, columns = np.mgrid[: size[0], : size[1]]
    return np.clip(radius - np.hypot(columns - center[0], rows - center[1]), 0, 1).astype(np.float32)


def ground(seed=0, size=SIZE) -> np.ndarray:
    """A lawn: green with grain."""
    random = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(random.normal(0, 60, size).astype(np.float32), (0, 0), 1.5)
    return np.clip(np.array((90, 140, 70)) + grain[..., None], 0, 255).astype(np.uint8)


def subject(size=SIZE) -> np.ndarray:
    """A brown thing, lit from above."""
    light = np.linspace(1.3, 0.6, size[0])[:, None, None]
    return np.clip(np.broadcast_to(np.array((150, 100, 60)) * light, (*size, 3)), 0, 255).astype(np.uint8)


def picture(alpha: np.ndarray, seed=0) -> np.ndarray:
    share = alpha[..., None]
    return np.rint(share * subject(alpha.shape) + (1 - share) * ground(seed, alpha.shape)).astype(np.uint8)


def mask_row(alpha: np.ndarray, name: str) -> SceneMask:
    inside = alpha > 0.5
    rows, columns = np.nonzero(inside)
    height, width = alpha.shape
    box = Box(
        left=columns.min() / width,
        top=rows.min() / height,
        right=(columns.max() + 1) / width,
        bottom=(rows.max() + 1) / height,
    )
    region = Region.of(inside)
    return SceneMask(
        kind="salient", label="", score=0.9, area=float(inside.mean()), box=box, height=height, width=width,
        counts=region.counts, matte=name,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pictures():
    alpha, other = disc(), disc(radius=26, center=(70, 60))
    return Drawn(
        source=picture(alpha),
        matte=np.repeat((alpha * 255).astype(np.uint8)[..., None], 3, axis=-1),
        other=picture(other, seed=3),
        other_matte=np.repeat((other * 255).astype(np.uint8)[..., None], 3, axis=-1),
        field=ground(5),
    )


@pytest.fixture(scope="module")
def scene():
    others = [
        SceneOther(image_id=2, sha256="other", width=320, height=320, masks=[mask_row(disc(radius=26, center=(70, 60)), "other_matte")]),
        SceneOther(image_id=3, sha256="field", width=320, height=320),
    ]  # fmt: skip
    return Scene(
        image_id=1, sha256="source", width=320, height=320, masks=[mask_row(disc(), "matte")], others=others
    )


def offered(name, scene, seed=1) -> list[Wish]:
    return [
        checked(Wish.model_validate_json(each.model_dump_json()))
        for each in load(name).offers(scene, Random(seed))
    ]


def made(name, scene, pictures, seed=1):
    wish = offered(name, scene)[0]
    return wish, load(name).make(wish, pictures.pixels("source"), seed, pictures)


@pytest.mark.parametrize("name", MASKED)
def test_equal_wishes_give_equal_bits_and_what_the_mask_leaves_out_stays(name, scene, pictures):
    source = pictures.pixels("source")
    wish, first = made(name, scene, pictures)
    again = load(name).make(wish, source, 1, pictures)
    assert (first.target == again.target).all()
    assert first.mask is not None
    assert (first.target[~first.mask] == source[~first.mask]).all()
    assert (first.target != source).any()
    assert first.truth["paste_back"] is True
    json.dumps(first.truth)


@pytest.mark.parametrize("name", MASKED)
def test_equal_random_states_give_equal_offers(name, scene):
    assert load(name).offers(scene, Random(4)) == load(name).offers(scene, Random(4))


@pytest.mark.parametrize("name", MASKED)
def test_every_clause_can_be_said_of_what_is_offered(name, scene):
    for wish in offered(name, scene):
        for language in ("en", "zh"):
            assert "{" not in words.canonical(wish, language)
            for clause in (*primitives()[wish.primitive].words[language].detailed,
                           *primitives()[wish.primitive].words[language].concise):  # fmt: skip
                clause.format_map({slot: getattr(said, language) for slot, said in wish.slots.items()})


@pytest.mark.parametrize("name", MASKED)
def test_a_picture_of_one_pixel_is_refused(name, scene, pictures):
    with pytest.raises(ValueError, match="too small"):
        load(name).make(offered(name, scene)[0], np.zeros((1, 1, 3), np.uint8), 1, pictures)


@pytest.mark.parametrize("name", MASKED)
def test_a_grey_panorama_is_made_or_refused_with_a_reason(name, pictures):
    alpha = disc((40, 400), 16, (200, 20))
    grey = np.repeat(picture(alpha)[..., :1], 3, axis=-1)
    wide = Drawn(**pictures.held | {
        "source": grey, "matte": np.repeat((alpha * 255).astype(np.uint8)[..., None], 3, axis=-1)})  # fmt: skip
    others = [SceneOther(image_id=3, sha256="field", width=320, height=320)]
    seen = Scene(
        image_id=1, sha256="source", width=2000, height=200, masks=[mask_row(alpha, "matte")], others=others
    )
    for wish in offered(name, seen)[:1]:
        try:
            assert load(name).make(wish, grey, 1, wide).target.shape == grey.shape
        except ValueError as refused:
            assert str(refused)


def test_a_removed_disc_leaves_ground_like_the_rest(scene, pictures):
    _, removed = made("remove_object", scene, pictures)
    inside = disc() > 0.9
    error = removed.target[inside].mean(axis=0) - pictures.pixels("field").mean(axis=(0, 1))
    assert np.abs(error).max() < 12
    assert removed.target[inside].std(axis=0).min() > 4  # the grain goes on


def test_an_extracted_subject_stands_on_exactly_the_named_colour(scene, pictures):
    wish, cut = made("extract_subject", scene, pictures)
    far = disc(radius=34) == 0
    assert (cut.target[far] == wish.slots["color"].value).all()
    core = disc() >= 1
    assert (cut.target[core] == pictures.pixels("source")[core]).all()


def test_a_recoloured_subject_comes_near_the_named_colour(scene, pictures):
    wish, painted = made("color_object", scene, pictures)
    inside = disc() >= 1
    found = cv2.cvtColor(painted.target, cv2.COLOR_RGB2LAB)[inside].astype(float).mean(axis=0)
    goal = cv2.cvtColor(np.array([[wish.slots["color"].value]], np.uint8), cv2.COLOR_RGB2LAB)[0, 0].astype(
        float
    )
    turn = np.degrees(np.arctan2(*(found - 128)[[2, 1]]) - np.arctan2(*(goal - 128)[[2, 1]]))
    assert abs((turn + 180) % 360 - 180) < 20


def test_the_named_light_is_that_of_the_subject(scene, pictures):
    wish, lit = made("subject_light", scene, pictures)
    back = wish.model_copy(update={"control": wish.control | {"stops": -wish.control["stops"]}})
    restored = load("subject_light").make(back, lit.target, 1, pictures)
    assert np.abs(restored.target.astype(int) - pictures.pixels("source")).max() <= 8


def test_colour_is_left_on_the_subject_alone(scene, pictures):
    _, popped = made("color_pop", scene, pictures)
    assert np.ptp(popped.target[disc(radius=34) == 0].astype(int), axis=-1).max() == 0
    assert (popped.target[disc() >= 1] == pictures.pixels("source")[disc() >= 1]).all()


def test_a_background_of_another_picture_is_a_reference(scene, pictures):
    wish, before = made("background_replace", scene, pictures)
    assert len(before.references) == 1
    assert wish.slots["figure"].value == 2
    assert (before.target[disc() >= 1] == pictures.pixels("source")[disc() >= 1]).all()


def test_a_model_that_is_not_sure_is_refused(scene, pictures):
    vague = Drawn(**pictures.held | {"matte": (pictures.held["matte"] * 0.6).astype(np.uint8)})
    with pytest.raises(ValueError, match="soft part of the matte"):
        load("extract_subject").make(offered("extract_subject", scene)[0], vague.pixels("source"), 1, vague)


# --- names ----------------------------------------------------------------------------------------


def dog(left: float) -> SceneObject:
    return SceneObject(label="dog", score=0.9, box=Box(left=left, top=0.4, right=left + 0.2, bottom=0.9))


def with_objects(scene, *objects):
    first = scene.masks[0]
    masks = [first.model_copy(update={"kind": "object", "label": "dog", "box": objects[0].box})]
    return scene.model_copy(update={"objects": list(objects), "masks": masks})


def test_a_thing_is_called_by_its_label_and_by_its_side_where_there_are_several(scene):
    alone = offered("remove_object", with_objects(scene, dog(0.4)))
    assert alone[0].slots["object"].en == "the dog"
    assert alone[0].slots["thing"].en == "a dog"
    left = offered("remove_object", with_objects(scene, dog(0.1), dog(0.7)))
    assert left[0].slots["object"].en == "the leftmost dog"
    assert offered("remove_object", with_objects(scene, dog(0.4), dog(0.1), dog(0.75))) == []


def test_people_are_not_recoloured(scene):
    person = SceneObject(label="person", score=0.9, box=scene.masks[0].box)
    assert offered("color_object", scene.model_copy(update={"objects": [person]})) == []


def test_presets_without_an_editor_offer_nothing(scene):
    assert offered("redirect", scene) == []


# --- outpaint -------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", control_presets()["outpaint"].options.sides)
def test_outpainting_shows_the_photograph_and_its_source_is_the_rest_of_it(side, scene):
    source = ground(7, (256, 320))
    wish = next(
        each for seed in range(9) for each in offered("outpaint", scene, seed) if each.control["side"] == side
    )
    done = outpaint.MAKER.make(wish, source, 1, None)
    assert (done.target == source).all()
    kept = done.target[~done.mask].reshape(done.source.shape)
    assert (kept == done.source).all()
    length = 1 if side in ("left", "right") else 0
    grown = source.shape[1 - (1 - length)] if length else source.shape[0]
    assert grown / done.source.shape[length] == pytest.approx(1 + wish.slots["percent"].value / 100, abs=0.02)
    left, top, right, bottom = done.truth["shown"]
    assert (right - left) * (bottom - top) == pytest.approx(done.source.size / source.size, abs=0.01)


def test_outpainting_refuses_what_is_small_or_plain(scene):
    wish = offered("outpaint", scene)[0]
    for pixels in (np.zeros((1, 1, 3), np.uint8), np.full((256, 320, 3), 90, np.uint8)):
        with pytest.raises(ValueError, match=r"too small|plain"):
            outpaint.MAKER.make(wish, pixels, 1, None)
