"""Sentences keep numbers, strings and sides, and stay in their script."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered.templating.edits import Edit, TextTruth, asked, draw, inverted, values_of
from firered.templating.filters import LANGUAGES, Filter, Language, Number, templates
from firered.templating.words import (
    TIERS,
    foreign_letters,
    grammar,
    instruction,
    keeps_intent,
    number,
    numbers,
    quotations,
    sides,
    slot_words,
)


def edit_of(made: Filter, seed: int) -> Edit:
    read = templates()
    arguments = draw(made, Random(seed), read, ["en", "zh"], {})
    text = None
    if made.function == "draw_text":
        before = arguments | {name: arguments[other] for name, other in made.before.items()}
        said = [getattr(read.phrases[shown["phrase"]], shown["language"]) for shown in (before, arguments)]
        text = TextTruth(
            before=said[0] if made.before else "",
            after=said[1],
            box=(0, 0, 1, 1),
            before_chars=[],
            after_chars=[],
        )
    return Edit(
        filter=made.name,
        version=1,
        function=made.function,
        arguments=arguments,
        values=values_of(made, arguments, read, ""),
        asked=asked(made, arguments),
        unit="",
        quality=92,
        text=text,
    )


edits = st.builds(
    lambda name, seed: edit_of(templates().filters[name], seed),
    st.sampled_from(sorted(templates().filters)),
    st.integers(0, 10_000),
)


def directions(edit: Edit) -> list[Edit]:
    rule = templates().filters[edit.filter].inverse
    return [edit] if rule is None else [edit, inverted(edit, rule)]


def said(edit: Edit, tier: str, language: Language, seed: int) -> str:
    return instruction(edit, templates(), grammar(), tier=tier, language=language, random=Random(seed))  # type: ignore[arg-type]


@given(edits, st.integers(0, 10_000))
def test_every_tier_keeps_the_intent_and_the_script(edit: Edit, seed: int) -> None:
    for one in directions(edit):
        for language in LANGUAGES:
            detailed = said(one, "detailed", language, seed)
            for tier in TIERS:
                text = said(one, tier, language, seed + 1)
                assert keeps_intent(detailed, text) == [], (detailed, text)
                assert foreign_letters(text, language) == "", text
                assert "{" not in text and "  " not in text


@given(edits)
def test_forward_sentences_name_every_amount(edit: Edit) -> None:
    made = templates().filters[edit.filter]
    for language in LANGUAGES:
        found = numbers(said(edit, "detailed", language, 0))
        for name, parameter in made.parameters.items():
            if isinstance(parameter, Number):
                value = edit.arguments[name]
                assert number(abs(value) if made.sense == name else value) in found


@given(edits)
def test_both_languages_name_the_same_numbers_and_strings(edit: Edit) -> None:
    for one in directions(edit):
        english, chinese = (said(one, "detailed", language, 3) for language in LANGUAGES)
        assert numbers(english) == numbers(chinese)
        assert quotations(english) == quotations(chinese)


@given(edits, st.integers(0, 99))
def test_equal_random_states_give_equal_sentences(edit: Edit, seed: int) -> None:
    assert said(edit, "user", "en", seed) == said(edit, "user", "en", seed)


def test_concise_and_user_sentences_vary() -> None:
    edit = edit_of(templates().filters["brightness"], 0)
    for language in LANGUAGES:
        assert len({said(edit, "concise", language, seed) for seed in range(200)}) > 40
        assert len({said(edit, "user", language, seed) for seed in range(200)}) > 150


def test_one_unit_is_singular() -> None:
    made = templates().filters["exposure"]
    edit = edit_of(made, 0).model_copy(update={"arguments": {"stops": 1}})
    assert slot_words(edit, templates(), grammar(), "en")["stops"] == "1 stop"
    edit = edit.model_copy(update={"arguments": {"stops": -1.5}})
    assert slot_words(edit, templates(), grammar(), "en")["stops"] == "1.5 stops"


@pytest.mark.parametrize(
    ("detailed", "rewritten", "lost"),
    [
        ("Brighten it by 30%.", "make it brighter", "numbers"),
        ("Brighten it by 30%.", "brighten by 40%", "numbers"),
        ('Change "A 1" to "B 2".', 'change "B 2"', "quoted strings"),
        ("zoom in on the upper left", "zoom in on the upper right", "sides"),
        ("from left to right", "from right to left", "sides"),
        ("顺时针旋转15度", "逆时针旋转15度", "sides"),
        ("把“晚安”改成“早上好”", "把“晚安”改掉", "quoted strings"),
    ],
)
def test_a_lost_detail_is_found(detailed: str, rewritten: str, lost: str) -> None:
    (found,) = keeps_intent(detailed, rewritten)
    assert found.startswith(lost)


def test_words_inside_quotation_marks_are_no_sides_and_no_numbers() -> None:
    assert sides('write "left 3" on the right') == ["right"]
    assert numbers('write "left 3" at 20%') == ["20"]
    assert foreign_letters("加上“OPEN”", "zh") == ""
    assert foreign_letters("加上OPEN", "zh") == "OPEN"
