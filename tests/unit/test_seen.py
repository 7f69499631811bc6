"""Checks by perception models: what applies, what passes, and the distances behind it."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import FakeEyes
from firered.models.regions import Region
from firered.synthesis.checks import promises, seen
from firered.synthesis.checks.seen import Asked, Seen, SeenFace
from firered.synthesis.making import Making, Said, Wish
from firered.synthesis.making import Region as Mask
from firered.synthesis.primitives import Measured, Primitive, Slot, Words
from firered.templating.edits import Edit, TextTruth

SOURCE, TARGET = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 9, np.uint8)
SAID = Words(detailed=["do it", "do it"], concise=["do it"] * 3)
LABELS = ["dog", "hot dog", "car", "person"]


def checks(asked: Asked, before: FakeEyes, after: FakeEyes) -> dict[str, Seen]:
    """Checks of a pair whose sides show different things."""
    return {found.check: found for found in seen.look(asked, SOURCE, TARGET, FakeEyes.of(before, after))}


# --- texts ------------------------------------------------------------------------------------------


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_the_distance_of_texts_is_a_metric(first: str, second: str, third: str) -> None:
    assert (seen.distance(first, second) == 0) == (first == second)
    assert seen.distance(first, second) == seen.distance(second, first)
    assert seen.distance(first, third) <= seen.distance(first, second) + seen.distance(second, third)


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_of_texts_lies_between_nothing_and_all(first: str, second: str) -> None:
    assert 0 <= seen.likeness(first, second) <= 1
    assert seen.likeness(first, first.upper() if first.isascii() else first) == 1


def test_a_line_that_was_read_in_parts_is_read() -> None:
    assert seen.best_line("Grand Opening", ["Sale", "Grand", "Opening"]) == ("Grand Opening", 1.0)
    assert seen.best_line("Sale", []) == ("", 0.0)


def test_new_words_must_be_read_and_old_ones_must_not() -> None:
    asked = Asked(task="text", shows=["OPEN"], lacks=["CLOSED"])
    good = checks(asked, FakeEyes(lines=["CLOSED"]), FakeEyes(lines=["OPEN"]))
    assert {name: found.score for name, found in good.items()} == {"text": 1, "text gone": 1}
    bad = checks(asked, FakeEyes(lines=["CLOSED"]), FakeEyes(lines=["CLOSED"]))
    assert bad["text"].score < 0.5 and bad["text gone"].score == 0


def test_words_that_could_not_be_read_before_prove_nothing() -> None:
    assert not checks(Asked(task="text", lacks=["CLOSED"]), FakeEyes(), FakeEyes())


# --- things -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("the red car on the left", "car"),
        ("two hot dogs", "hot dog"),
        ("a carpet", ""),
        ("the Dog", "dog"),
        ("", ""),
    ],
)
def test_a_class_is_known_by_its_words(words: str, label: str) -> None:
    assert seen.label_of(words, LABELS) == label


def test_a_thing_that_comes_is_found_after_and_not_before() -> None:
    dog = FakeEyes(things=[Region(0.8, (0.1, 0.1, 0.5, 0.5), "dog")])
    asked = Asked(task="add", comes="dog", place=(0.0, 0.0, 0.6, 0.6))
    assert checks(asked, FakeEyes(), dog)["object"].score == 1
    assert checks(asked, dog, dog)["object"].score == 0
    assert checks(dataclasses.replace(asked, place=(0.7, 0.7, 1, 1)), FakeEyes(), dog)["object"].score == 0


def test_a_thing_that_goes_is_found_before_and_not_after() -> None:
    dog = FakeEyes(things=[Region(0.8, (0.1, 0.1, 0.5, 0.5), "dog")])
    asked = Asked(task="remove", goes="dog")
    assert checks(asked, dog, FakeEyes())["object gone"].score == 1
    assert checks(asked, dog, dog)["object gone"].score == 0
    assert not checks(asked, FakeEyes(), FakeEyes())


# --- persons ----------------------------------------------------------------------------------------


def face(identity: float = 0.0, mood: str = "neutral", mouth: tuple[float, float] = (1.0, 0.0)) -> FakeEyes:
    return FakeEyes(
        faces=[SeenFace((0.2, 0.2, 0.6, 0.6), np.full(128, identity / 128**0.5), mood, 0.9, mouth)]
    )


def test_a_person_stays_who_it_is() -> None:
    asked = Asked(task="beauty")
    assert checks(asked, face(), face(0.3))["identity"].score == 1
    assert checks(asked, face(), face(0.8))["identity"].score == 0
    assert not checks(asked, FakeEyes(), face()) and not checks(Asked(task="replace"), face(), face(1))


def test_the_asked_mood_must_be_seen() -> None:
    asked = Asked(task="portrait", mood="happy")
    assert checks(asked, face(), face(mood="happy"))["expression"].score == 0.9
    assert checks(asked, face(), face(mood="sad"))["expression"].score == 0


@pytest.mark.parametrize(("mouth", "score"), [((1.4, 0.3), 1), ((1.0, 0.0), 0), ((0.8, -0.1), 0)])
def test_a_mouth_that_should_open_opens(mouth: tuple[float, float], score: float) -> None:
    asked = Asked(task="portrait", mouth=(0.4, 0.3))
    assert checks(asked, face(), face(mouth=mouth))["mouth"].score == score


def test_joints_must_be_where_they_are() -> None:
    places = {name: (0.1 * place, 0.05 * place) for place, name in enumerate(seen.JOINTS[:8])}
    points = np.zeros((17, 3), np.float32)
    points[:8, :2] = list(places.values())
    there = FakeEyes(joints=[Region(0.9, (0, 0, 1, 1), "person", points=points)])
    assert checks(Asked(task="motion", joints=places), FakeEyes(), there)["pose"].score == 1
    away = FakeEyes(joints=[Region(0.9, (0, 0, 1, 1), "person", points=points + 0.5)])
    assert checks(Asked(task="motion", joints=places), FakeEyes(), away)["pose"].score == 0


# --- what a pair promises -----------------------------------------------------------------------------


def primitive(task: str, slots: Sequence[str], kind: str = "object") -> Primitive:
    return Primitive.model_validate(
        {"name": "p", "task": task, "subtask": "s", "slots": {name: Slot(kind=kind) for name in slots},  # type: ignore[arg-type]
         "words": {"en": SAID, "zh": SAID}, "measure": Measured(property="changed")}
    )  # fmt: skip


def making(truth: dict[str, object], **slots: str) -> Making:
    said = {name: Said(en=words, zh=words) for name, words in slots.items()}
    wish = Wish(primitive="p", slots=said)
    return Making(
        wish=wish, maker="m", version=1, seed=0, start="", max_side=1, codec="jpeg", quality=1, truth=truth
    )


def test_an_inverse_promises_the_opposite() -> None:
    mask = np.zeros((10, 10), bool)
    mask[2:4, 5:9] = True
    there = making({"object": Mask.of(mask).model_dump()}, object="the dog")
    asked = promises.of_making(there, primitive("remove", ["object"]), LABELS)
    assert (asked.comes, asked.goes, asked.place) == ("", "dog", (0.5, 0.2, 0.9, 0.4))
    back = promises.of_making(
        there.model_copy(update={"inverse": True}), primitive("remove", ["object"]), LABELS
    )
    assert (back.comes, back.goes) == ("dog", "")


def test_lines_that_stay_are_not_asked_for() -> None:
    old, new, stays = (
        {"node": str(k), "text": text, "size_px": 20} for k, text in enumerate(("OLD", "NEW", "STAYS"))
    )
    truth = {"before": {"lines": [old, stays]}, "after": {"lines": [new, stays]}}
    asked = promises.of_making(making(truth), primitive("text", []), LABELS)
    assert (asked.shows, asked.lacks) == (["NEW"], ["OLD"])
    small = {"before": {"lines": []}, "after": {"lines": [new | {"size_px": 7}]}}
    assert not promises.of_making(making(small), primitive("text", []), LABELS).shows


def test_drawn_things_are_not_asked_of_a_detector_of_photographs() -> None:
    asked = promises.of_making(
        making({"stamp": "dog.png"}, object="the dog"), primitive("add", ["object"]), LABELS
    )
    assert not asked.comes


@pytest.mark.parametrize(
    ("words", "mood"), [("a broad smile", "happy"), ("surprised", "surprise"), ("a hat", "")]
)
def test_an_expression_is_a_mood(words: str, mood: str) -> None:
    asked = promises.of_making(making({}, look=words), primitive("portrait", ["look"], "expression"), LABELS)
    assert asked.mood == mood


def test_a_filter_that_draws_letters_promises_them() -> None:
    edit = Edit(
        filter="text_replace",
        version=1,
        function="draw_text",
        arguments={},
        values={},
        asked=1,
        unit="",
        quality=92,
    )
    assert promises.of_edit(edit, "text") == Asked(task="")
    text = TextTruth(before="OLD", after="NEW", box=(0, 0, 1, 1), before_chars=[], after_chars=[])
    asked = promises.of_edit(edit.model_copy(update={"text": text}), "text")
    assert (asked.shows, asked.lacks) == (["NEW"], ["OLD"])
