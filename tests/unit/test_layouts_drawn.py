"""Layouts as pixels: exact boxes of characters, exact masks, inverses, and what a reader reads.

Needs the packages font-* of the registry and, for reading, the extra `embedded`.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from conftest import scene as picture
from firered.pictures import Pictures
from firered.synthesis.layouts import pair, render, shaper, typefaces
from firered.synthesis.layouts.model import inventories, layouts, palettes
from firered.synthesis.layouts.setting import broken, set_text
from firered.synthesis.layouts.shapes import logos
from firered.synthesis.layouts.state import State
from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.scene import Scene
from firered.synthesis.template import layout_sign, layout_text, layout_ui

pytestmark = pytest.mark.slow
MAKERS = {maker.name: maker for maker in (layout_text.MAKER, layout_ui.MAKER, layout_sign.MAKER)}
PHOTO = cv2.GaussianBlur(picture(5, 384, 512), (0, 0), 3)


def made_pairs(name: str, seeds: range, photo: np.ndarray = PHOTO) -> Iterator[tuple[Wish, Made]]:
    """Everything that a maker offers and can make."""
    height, width = photo.shape[:2]
    scene = Scene(image_id=1, sha256="0" * 64, width=width, height=height)
    for seed in seeds:
        for wish in MAKERS[name].offers(scene, Random(seed)):
            try:
                yield wish, pair.made(wish, photo)
            except ValueError as error:
                assert "small" in str(error) or "fit" in str(error) or "high" in str(error), error


def source_of(made: Made) -> np.ndarray:
    """The source of a pair on PHOTO."""
    return PHOTO if made.source is None else made.source


def filled(name: str, language: str, number: int = 0) -> State:
    """A layout with the first texts of its kinds."""
    layout = layouts()[name]
    nodes = {
        node.name: {"text": inventories()[node.inventory].text(number, language)}
        for node in layout.walk()
        if node.inventory
    }
    nodes |= {node.name: {"mark": logos()[number]} for node in layout.walk() if node.kind == "mark"}
    stand = (0.5, 0.5, 0.6, 12.0, -4.0, 1.0) if layout.piece else ()
    palette = (layout.palettes or tuple(palettes()))[0]
    return State(layout=name, palette=palette, language=language, stand=stand).changed(nodes)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", layouts())
def test_every_layout_is_drawn_inside_the_picture(name: str, language: str):
    photo = cv2.resize(PHOTO, (768, 576))
    scene = render.lay(filled(name, language), photo)
    found = render.ways([scene])
    made = render.painted(scene, found)
    assert made.shape == photo.shape
    assert np.array_equal(made[~render.whole(scene, found)], photo[~render.whole(scene, found)])
    for line in render.lines(scene, found):
        for _, left, top, right, bottom in line["chars"]:
            assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


@pytest.mark.parametrize("name", MAKERS)
def test_only_the_mask_changes_and_equal_wishes_give_equal_bytes(name: str, pictures: Pictures):
    primitives = set()
    for wish, made in made_pairs(name, range(4)):
        primitives.add(wish.primitive)
        source = source_of(made)
        different = (source != made.target).any(axis=2)
        assert made.mask is not None and not (different & ~made.mask).any(), wish
        assert different.sum() > 20 and (wish.primitive == "add_badge" or made.mask.mean() < 0.7)
        again = MAKERS[name].make(wish, PHOTO, 7, pictures)
        assert np.array_equal(again.target, made.target) and again.truth == made.truth
    assert len(primitives) >= 7


@pytest.mark.parametrize("name", MAKERS)
def test_the_way_back_restores_the_source_bit_for_bit(name: str):
    for wish, made in made_pairs(name, range(3)):
        if wish.control.get("absent"):
            continue
        before = State.model_validate(wish.control["state"])
        after = before.changed(wish.control["change"])
        back = {key: before.nodes[key].model_dump() for key in wish.control["change"]}
        swapped = wish.model_copy(update={"control": {"state": after.model_dump(), "change": back}})
        returned = pair.made(swapped, PHOTO)
        assert np.array_equal(returned.target, source_of(made)), wish.primitive
        assert np.array_equal(source_of(returned), made.target)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_boxes_of_characters_hold_ink_of_the_named_colour(language: str):
    ink = (214, 40, 40)
    state = filled("text_label", language).changed(
        {"label": {"ink": ink}, "plate": {"fill": (255, 255, 255)}}
    )
    scene = render.lay(state, PHOTO)
    found = render.ways([scene])
    made, (line,) = render.painted(scene, found), render.lines(scene, found)
    inked = (np.abs(made.astype(int) - ink).max(axis=2) < 40) & (render.whole(scene, found))
    rest = inked.copy()
    for char, left, top, right, bottom in line["chars"]:
        rows = slice(int(top * 384) - 1, int(np.ceil(bottom * 384)) + 1)
        columns = slice(int(left * 512) - 1, int(np.ceil(right * 512)) + 1)
        assert inked[rows, columns].any(), char
        rest[rows, columns] = False
    assert not rest.any(), "ink outside of all boxes"
    assert line["color"] == list(ink) and line["text"].replace(" ", "") == "".join(
        c[0] for c in line["chars"]
    )


def test_pens_are_kerned_and_ligatures_are_drawn():
    path = typefaces.typeface("serif", "en").path("regular")
    together = shaper.shape(path, 80, "AVA").advance
    assert together < sum(shaper.shape(path, 80, char).advance for char in "AVA") - 4
    sans = typefaces.typeface("sans", "en").path("regular")
    joined = shaper.coverage(sans, 80, "fi")[0]
    apart = np.zeros_like(joined)
    for char, pen in (("f", 0.0), ("i", shaper.shape(sans, 80, "f").advance)):
        mask, left, _ = shaper.coverage(sans, 80, char)
        at = max(0, round(pen) + left)
        width = min(mask.shape[1], joined.shape[1] - at)
        rows = joined.shape[0] - mask.shape[0]
        apart[max(0, rows) :, at : at + width] |= mask[max(0, -rows) :, :width]
    assert np.abs(joined.astype(int) - apart).max() > 100


@pytest.mark.parametrize("size", [15, 24, 57])
@pytest.mark.parametrize("name", typefaces.typefaces())
def test_boxes_are_those_of_the_ink(name: str, size: int):
    face = typefaces.typefaces()[name]
    text = "Haying Ax" if face.language == "en" else "国家大事好"
    path = face.path("regular")
    shaped = shaper.shape(path, size, text)
    mask, left, top = shaper.coverage(path, size, text)
    rows, columns = np.flatnonzero(mask.max(axis=1) > 24), np.flatnonzero(mask.max(axis=0) > 24)
    drawn = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
    assert np.abs(np.subtract(shaped.ink, drawn)).max() <= 1.3
    # Every character's own columns hold ink.
    for char, (first, _, last, _) in shaped.inks:
        inside = mask[:, max(0, round(first) - left) : max(1, round(last) - left)]
        assert inside.max() > 60, char


def test_a_moved_label_is_the_same_label():
    state = filled("text_label", "en").changed({"plate": {"anchor": "top_left"}})
    wish = Wish(
        primitive="text_move_line",
        control={
            "state": state.model_dump(mode="json"),
            "change": {"plate": {"anchor": "bottom_right"}},
        },
    )
    flat = np.full_like(PHOTO, 128)
    made = pair.made(wish, flat)
    assert made.source is not None
    boxes = [
        cv2.boundingRect((side != flat).any(axis=2).astype(np.uint8)) for side in (made.source, made.target)
    ]
    cuts = [
        side[top : top + down, left : left + across]
        for side, (left, top, across, down) in zip((made.source, made.target), boxes, strict=True)
    ]
    assert np.array_equal(*cuts)


def test_resized_letters_have_the_asked_size():
    for wish, made in made_pairs("layout_text", range(8)):
        if wish.primitive == "text_resize_line":
            (name,) = wish.control["change"]
            sizes = [
                next(line["size_px"] for line in made.truth[side]["lines"] if line["node"] == name)
                for side in ("before", "after")
            ]
            assert 100 * sizes[1] / sizes[0] == pytest.approx(wish.slots["percent"].value, rel=0.08)


def test_a_removed_badge_leaves_the_photograph():
    wishes = [row for row in made_pairs("layout_ui", range(6)) if row[0].primitive == "add_badge"]
    assert wishes and all(made.source is None for _, made in wishes)


def test_grey_pictures_are_drawn_on():
    grey = np.repeat(cv2.cvtColor(PHOTO, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert sum(1 for name in MAKERS for _ in made_pairs(name, range(1), grey)) > 20


@pytest.mark.parametrize("shape", [(1, 1, 3), (80, 80, 3), (26, 512, 3)])
def test_too_small_and_too_long_pictures_are_refused(shape: tuple[int, int, int], pictures: Pictures):
    for maker in MAKERS.values():
        wish = maker.offers(Scene(image_id=1, sha256="0" * 64, width=512, height=384), Random(1))[0]
        with pytest.raises(ValueError, match=r"pixels|wide as high"):
            maker.make(wish, np.zeros(shape, np.uint8), 1, pictures)


def test_letters_that_a_typeface_lacks_are_refused():
    path = typefaces.typeface("sans", "en").path("regular")
    assert typefaces.has_letters(path, "Hello, World!") and not typefaces.has_letters(path, "你好")
    with pytest.raises(ValueError, match="lacks letters"):
        set_text("你好", path, 20, 300, count=1, language="zh")


def test_every_string_is_complete_in_every_typeface_of_its_language():
    for face in typefaces.typefaces().values():
        for each in inventories().values():
            for place in range(len(each.pairs)):
                assert typefaces.has_letters(face.path("regular"), each.text(place, face.language))


def test_lines_break_between_words_and_never_before_a_comma():
    path = typefaces.typeface("sans", "zh").path("regular")
    lines = [line.text for line in broken("放慢脚步，享受生活", path, 20, 100, 3)]
    assert "".join(lines) == "放慢脚步，享受生活" and not any(line.startswith("，") for line in lines)
    latin = typefaces.typeface("sans", "en").path("regular")
    words = [line.text for line in broken("Keep Off the Grass", latin, 20, 110, 2)]
    assert " ".join(words) == "Keep Off the Grass" and len(words) == 2


def test_a_reader_reads_what_was_drawn():
    from firered.models.perception import load_reader

    reader = load_reader("embedded:rapidocr")
    read = {"en": [], "zh": []}
    for name in MAKERS:
        for _, made in made_pairs(name, range(5)):
            names = set(made.truth.get("changed") or [line["node"] for line in made.truth["after"]["lines"]])
            for line in made.truth["after"]["lines"]:
                if line["node"] in names:
                    found = "".join(each.text for each in reader.read(upright(made.target, line["quad"])))
                    read[line["language"]].append(plain(found) == plain(line["text"]))
    assert sum(map(len, read.values())) >= 100
    for language, hits in read.items():
        assert np.mean(hits) >= 0.93, (language, np.mean(hits), len(hits))


def upright(pixels: np.ndarray, quad: list[list[float]]) -> np.ndarray:
    """A line of a picture straightened to 40 pixels of height, with a margin."""
    height, width = pixels.shape[:2]
    corners = np.array(quad) * (width, height)
    high = np.linalg.norm(corners[3] - corners[0])
    wide = int(np.linalg.norm(corners[1] - corners[0]) * 40 / high)
    flat = np.array([(24, 9), (24 + wide, 9), (24 + wide, 49), (24, 49)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    return cv2.warpPerspective(
        pixels, matrix, (wide + 48, 58), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def plain(text: str) -> str:
    """Text without spaces, its punctuation in one width."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("。", ".").replace("、", ",")


def test_the_files_are_opened_from_where_they_were_installed():
    assert isinstance(typefaces.typeface("sans", "en").path("bold"), Path)
    assert typefaces.typeface("sans", "en").path("bold").is_file()
