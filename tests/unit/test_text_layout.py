"""Letters stand where the layout says, and every phrase can be drawn."""

from pathlib import Path

import numpy as np
import pytest

from conftest import scene
from firered.errors import TemplateError
from firered.templating.filters import Layout, templates
from firered.templating.text import char_boxes, check_font, draw_text, fit, letter_mask

LAYOUTS = sorted(templates().layouts)
WIDTH, HEIGHT = 320, 240


def layout_of(name: str) -> dict[str, object]:
    return templates().layouts[name].model_dump(mode="json")


def test_every_phrase_can_be_drawn() -> None:
    phrases = templates().phrases.values()
    check_font("", [phrase.en for phrase in phrases] + [phrase.zh for phrase in phrases])


def test_a_character_that_no_font_has_is_named() -> None:
    with pytest.raises(TemplateError, match=r"fonts-wqy-zenhei.*languages: \[en\]"):
        check_font("", ["\U0001f98a"])


def test_a_font_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such file"):
        check_font(str(tmp_path / "none.ttf"), ["A"])


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("text", ["Grand Opening", "盛大开业", "Hi"])
def test_letters_stay_inside_their_box(name: str, text: str) -> None:
    layout = layout_of(name)
    left, top, right, bottom = templates().layouts[name].box
    rows, columns = np.nonzero(letter_mask(WIDTH, HEIGHT, text, layout, ""))
    assert rows.min() >= top * HEIGHT - 2 and rows.max() <= bottom * HEIGHT + 2
    assert columns.min() >= left * WIDTH - 2 and columns.max() <= right * WIDTH + 2


@pytest.mark.parametrize("text", ["Mind the Step", "小心台阶"])
def test_each_character_has_a_box_and_together_they_hold_all_ink(text: str) -> None:
    layout = layout_of("title_centre")
    boxes = char_boxes(WIDTH, HEIGHT, text, layout, "")
    assert [char for char, *_ in boxes] == [char for char in text if char.strip()]
    lefts = [left for _, left, *_ in boxes]
    assert lefts == sorted(lefts)
    mask = letter_mask(WIDTH, HEIGHT, text, layout, "") > 0
    covered = np.zeros_like(mask)
    for _, left, top, right, bottom in boxes:
        covered[round(top * HEIGHT) : round(bottom * HEIGHT), round(left * WIDTH) : round(right * WIDTH)] = (
            True
        )
    assert (mask & ~covered).sum() <= 0.02 * mask.sum()


def test_different_characters_look_different() -> None:
    layout = layout_of("title_centre")
    drawn = {char: letter_mask(WIDTH, HEIGHT, char, layout, "").tobytes() for char in "晚安好梦OX"}
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("name", [name for name in LAYOUTS if templates().layouts[name].plate is None])
def test_letters_change_only_what_is_near_them(name: str) -> None:
    layout, pixels = layout_of(name), scene(0)
    made = draw_text(pixels, text="City Lights", ink=[250, 250, 250], layout=layout, font="")
    rows, _ = np.nonzero((made != pixels).any(axis=-1))
    _, top, _, bottom = templates().layouts[name].box
    assert rows.min() >= top * HEIGHT - 6 and rows.max() <= bottom * HEIGHT + 6


@pytest.mark.parametrize("name", [name for name in LAYOUTS if templates().layouts[name].plate is not None])
def test_a_plate_hides_what_was_written_before(name: str) -> None:
    layout, pixels = layout_of(name), scene(1)
    ink = [20, 20, 20]
    once = draw_text(pixels, text="New", ink=ink, layout=layout, font="")
    twice = draw_text(
        draw_text(pixels, text="Old and long", ink=ink, layout=layout, font=""),
        text="New",
        ink=ink,
        layout=layout,
        font="",
    )
    assert np.array_equal(once, twice)


def test_a_longer_line_is_set_smaller() -> None:
    setting = Layout.model_validate(layout_of("title_centre"))
    assert (
        fit(WIDTH, HEIGHT, "A very long line of words", setting, "").size
        < fit(WIDTH, HEIGHT, "Short", setting, "").size
    )
