"""Layouts, their words and their geometry; everything that needs no typeface."""

import math
import re
import string
import struct
from collections import Counter
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import scene as picture
from firered.errors import TemplateError
from firered.synthesis import makers, words
from firered.synthesis.layouts import drafts, model, perspective, shapes, typefaces, wording
from firered.synthesis.layouts.contrast import contrast, treatments
from firered.synthesis.layouts.items import Drawing
from firered.synthesis.layouts.paint import blend
from firered.synthesis.layouts.perspective import Stand
from firered.synthesis.primitives import checked, primitive
from firered.synthesis.scene import Box, Scene, SceneFace
from firered.synthesis.template import layout_sign, layout_text, layout_ui
from firered.templating.words import keeps_intent

MAKERS = (layout_text.MAKER, layout_ui.MAKER, layout_sign.MAKER)
PLAIN = Scene(image_id=1, sha256="0" * 64, width=512, height=384)


def offered(scene: Scene = PLAIN, seeds: int = 4) -> list:
    """Wishes of all makers for a scene."""
    return [wish for maker in MAKERS for seed in range(seeds) for wish in maker.offers(scene, Random(seed))]


def test_there_are_three_layouts_of_every_kind_and_a_maker_for_each():
    kinds = Counter(made.kind for made in model.layouts().values())
    families = {
        "text",
        "logo",
        "price",
        "button",
        "badge",
        "subtitle",
        "poster",
        "card",
        "screen",
        "sign",
    }
    assert set(kinds) == families and min(kinds.values()) >= 3
    assert sorted(made.name for maker in MAKERS for made in maker.layouts()) == sorted(model.layouts())


def test_strings_are_many_in_pairs_and_each_once():
    inventories = model.inventories()
    assert sum(len(each.pairs) for each in inventories.values() if each.translated) >= 300
    for name, each in inventories.items():
        for side in (0, 1):
            texts = [pair[side] for pair in each.pairs]
            assert len(set(texts)) == len(texts), name
        for english, chinese in each.pairs:
            assert not re.search("[\u3000-\u9fff\uff00-\uffef]", english), english
            assert re.search("[\u4e00-\u9fff¥]", chinese), chinese
            assert not set('"“”') & set(english + chinese)


@pytest.mark.parametrize("name", model.palettes())
def test_palettes_are_legible(name: str):
    colors = model.palettes()[name]
    for ink, ground in (("ink", "ground"), ("quiet", "ground"), ("ink", "second"), ("on_accent", "accent")):
        assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 4.5, (ink, ground)
    assert contrast(colors.accent, colors.ground) >= 3


def test_a_mistake_in_a_layout_names_file_and_key(tmp_path):
    text = "{name: x, kind: text, mount: overlay, noun: {en: a, zh: b}, nodes: [{kind: text, anchor: top, inventory: none}]}"
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(TemplateError, match=r"scenes/x.yaml: nodes.text: inventory: no 'none'"):
        model.layouts(tmp_path)


def test_every_wish_fits_its_primitive_and_says_the_same_in_all_clauses():
    found = offered()
    assert len({wish.primitive for wish in found}) == 11
    for wish in found:
        made = primitive(checked(wish).primitive)
        for language in ("en", "zh"):
            spoken = words.slot_words(wish, made, words.templates(), language)
            clauses = made.words[language]
            said = [clause.format_map(spoken) for clause in (*clauses.detailed, *clauses.concise)]
            assert not any(keeps_intent(said[0], other) for other in said), said


def test_every_slot_is_said_in_every_clause():
    for wish in offered(seeds=2):
        made = primitive(wish.primitive)
        for language in ("en", "zh"):
            for clause in (*made.words[language].detailed, *made.words[language].concise):
                named = {name for _, name, _, _ in string.Formatter().parse(clause) if name}
                # A translation names the old language once.
                assert set(made.slots) - named <= {"old_language"}, clause


def test_offers_repeat_with_equal_random_states():
    for maker in MAKERS:
        assert maker.offers(PLAIN, Random(3)) == maker.offers(PLAIN, Random(3))


@pytest.mark.parametrize("size", [(1, 1), (150, 150), (2000, 100), (100, 2000)])
def test_nothing_is_offered_where_letters_would_not_read(size: tuple[int, int]):
    assert offered(PLAIN.model_copy(update={"width": size[0], "height": size[1]}), seeds=1) == []


def test_faces_stay_free():
    box = Box(left=0.05, top=0.05, right=0.45, bottom=0.5)
    face = SceneFace(face=0, score=1, points=[], emotion="", emotion_score=0, age=30, box=box)
    crowded = PLAIN.model_copy(update={"faces": [face]})
    overlays = [made for made in model.layouts().values() if made.mount == "overlay"]
    for number in range(60):
        found = drafts.draft(overlays[number % len(overlays)], crowded, Random(number))
        if found:
            root = found.file.nodes[0].name
            assert drafts.chosen_place(found, root) not in ("top_left", "left", "top")


def test_places_are_named_by_the_third_of_the_picture_that_holds_them():
    assert wording.nearest(0.2, 0.2) == "top_left"
    assert wording.nearest(0.5, 0.5) == "centre"
    assert wording.nearest(0.8, 0.5) == "right"
    assert set(wording.anchors()) == {wording.nearest(x, y) for x in (0.1, 0.5, 0.9) for y in (0.1, 0.5, 0.9)}


# --- shapes -------------------------------------------------------------------------------------


@given(st.integers(20, 120), st.integers(20, 120), st.floats(0, 10))
@settings(max_examples=25, deadline=None)
def test_a_rounded_plate_has_its_area(width: int, height: int, radius: float):
    covered = shapes.plate_coverage("rectangle", width, height, radius).sum() / 255
    assert covered == pytest.approx(width * height - (4 - math.pi) * radius**2, rel=0.02)


def test_a_disc_has_its_area_and_a_hole_lets_through():
    assert shapes.plate_coverage("circle", 80, 80, 0).sum() / 255 == pytest.approx(math.pi * 1600, rel=0.01)
    tag = shapes.plate_coverage("tag", 120, 50, 0)
    assert tag[25, 20] == 0 and tag[25, 60] == 255 and tag[0, 0] == 0


@pytest.mark.parametrize("name", shapes.marks())
def test_marks_stay_inside_their_square_and_show(name: str):
    first, second = shapes.mark_coverage(name, 64)
    both = np.maximum(first, second)
    assert 0.08 < both.mean() / 255 < 0.8
    assert both[:, 0].max() == 0 and both[0].max() == 0


def test_blending_is_the_closed_form_and_is_cut_at_the_edges():
    canvas = np.full((6, 6, 3), 100, np.uint8)
    blend(canvas, np.full((4, 4), 128, np.uint8), -2, -2, (200, 0, 100))
    assert canvas[0, 0].tolist() == [150, 50, 100] and canvas[2, 2].tolist() == [100, 100, 100]


# --- contrast -----------------------------------------------------------------------------------


def test_black_on_white_has_the_largest_contrast():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((9, 80, 200), (9, 80, 200)) == 1


@pytest.mark.parametrize(("level", "light"), [(20, True), (235, False)])
def test_letters_on_a_photograph_take_the_tone_that_shows(level: int, light: bool):
    photo = np.full((64, 64, 3), level, np.uint8)
    found = treatments([Drawing("a", "leaf", 8, 8, 32, None, None, on_photo=True)], photo)["a"]
    assert (found.ink[0] > 128) == light
    busy = (
        np.where(np.indices((64, 64)).sum(axis=0)[..., None] % 2, 0, 255).astype(np.uint8).repeat(3, axis=2)
    )
    assert (
        treatments([Drawing("a", "leaf", 8, 8, 32, None, None, on_photo=True)], busy)["a"].stroke
        > found.stroke
    )


# --- perspective --------------------------------------------------------------------------------

STAND = Stand(0.5, 0.5, 0.5, 20, 8, 3)


@given(st.floats(-35, 35), st.floats(-50, 10), st.floats(-8, 8), st.floats(0.6, 2.5))
@settings(max_examples=30, deadline=None)
def test_corners_go_where_the_homography_says(yaw: float, pitch: float, roll: float, aspect: float):
    quad = perspective.corners(Stand(0.5, 0.5, 0.5, yaw, pitch, roll), aspect, 512, 400)
    width, height = perspective.flat_size(quad, aspect)
    matrix = perspective.homography(quad, width, height)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    assert np.allclose(perspective.mapped(flat, matrix), quad, atol=1e-2)
    assert np.allclose(perspective.mapped(quad, np.linalg.inv(matrix)), flat, atol=1e-1)
    # Seen from the front: the corners keep their order, clockwise.
    assert cv2.isContourConvex(quad.astype(np.float32).reshape(-1, 1, 2))
    assert cv2.contourArea(quad.astype(np.float32), oriented=True) > 0


def test_a_piece_that_lies_is_narrower_at_its_far_edge():
    quad = perspective.corners(Stand(0.5, 0.7, 0.5, 0, -48, 0), 1.6, 512, 400)
    assert quad[1, 0] - quad[0, 0] < quad[2, 0] - quad[3, 0]


def test_a_mounted_piece_changes_nothing_around_it():
    photo = picture(1, 300, 400)
    quad = perspective.corners(STAND, 1.5, 400, 300)
    width, height = perspective.flat_size(quad, 1.5)
    form = np.full((height, width), 255, np.uint8)
    place = perspective.ground(photo, form, perspective.homography(quad, width, height), lies=False)
    made = perspective.mount(photo, np.full((height, width, 3), (200, 30, 30), np.uint8), place)
    touched, covered = perspective.touched(photo, place), perspective.covered(photo, place)
    assert np.array_equal(made[~touched], photo[~touched])
    assert touched[covered].all() and 0.05 < covered.mean() < 0.3
    assert (made[covered][:, 0] > made[covered][:, 1] + 40).mean() > 0.99


def test_a_piece_outside_of_the_picture_is_refused():
    with pytest.raises(ValueError, match="stick out"):
        perspective.corners(Stand(0.1, 0.5, 0.5, 0, 0, 0), 2, 512, 400)


# --- typefaces ----------------------------------------------------------------------------------


def test_every_role_is_set_in_every_language_from_a_package_of_the_registry():
    for role in ("sans", "serif", "slab", "display", "hand", "mono"):
        for language in ("en", "zh"):
            face = typefaces.typeface(role, language)
            assert face.nearest("bold") in face.files
    assert all(maker.needs == typefaces.packages() and maker.revision for maker in MAKERS)


def test_without_the_typefaces_the_makers_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    for maker in MAKERS:
        assert "font-lato" in " ".join(makers.missing(maker))
        assert maker.offers(PLAIN, Random(1))


def test_a_character_map_of_pieces_is_read():
    # One piece, A to C onto glyphs 5 to 7, and the piece that ends every such map.
    table = struct.pack(
        ">HHHHHHH2HH2H2H2H", 4, 32, 0, 4, 0, 0, 0, 67, 0xFFFF, 0, 65, 0xFFFF, 65536 - 60, 1, 0, 0
    )
    assert typefaces._pieces(table, 0) == {65, 66, 67}
    assert typefaces._groups(struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, 0x4E00, 0x4E02, 9), 0) == {
        0x4E00,
        0x4E01,
        0x4E02,
    }
