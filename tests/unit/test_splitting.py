"""Compound requests: cut into atomic ones in both languages, understood by the library's own clauses."""

from random import Random

import pytest

from conftest import scene
from firered.errors import TemplateError
from firered.models import vlm
from firered.synthesis.making import Said, Wish
from firered.synthesis.primitives import Primitive, primitives
from firered.synthesis.reading import clauses, parts_of, understood
from firered.synthesis.scene import Scene
from firered.synthesis.splitting import (
    ORDER,
    joined,
    ordered,
    plan,
    request_of,
    reworded,
    steps_of,
)
from firered.synthesis.steps import Step, filter_step
from firered.synthesis.words import instruction, slot_words
from firered.templating.filters import LANGUAGES, Language, templates
from servers import saying, serving

PLAIN = (
    "brightness",
    "contrast",
    "saturation",
    "warmth",
    "sharpen",
    "grayscale",
    "sepia",
    "mirror",
    "zoom",
    "exposure",
)
NOWHERE = Scene(image_id=1, sha256="0" * 64, width=640, height=480)


def sentence(steps: list[Step], language: Language, seed: int) -> str:
    """Steps as one sentence."""
    return joined(steps, language, detailed=False, random=Random(seed))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(12))
def test_what_is_said_of_steps_is_split_into_these_steps_again(language: Language, seed: int) -> None:
    random = Random(seed)
    steps = [filter_step(name, random) for name in random.sample(PLAIN, 3)]
    found = plan(sentence(steps, language, seed), NOWHERE, [], random)
    assert {step.filter: step.arguments for step in found} == {
        step.filter: step.arguments for step in ordered(steps)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_of_every_primitive_is_understood(language: Language) -> None:
    for made in primitives().values():
        if made.name == "compose_steps":
            continue
        for said in (*made.words[language].detailed, *made.words[language].concise):
            words = slot_words(Wish(primitive=made.name, slots=filled(made)), made, templates(), language)
            found = understood(said.format_map(words), language)
            assert made.name in [each.name for each in found], said


def first_clause(name: str) -> str:
    """What a primitive is first asked for with."""
    made = primitives()[name]
    words = slot_words(Wish(primitive=name, slots=filled(made)), made, templates(), "en")
    return made.words["en"].concise[0].format_map(words)


def filled(made: Primitive) -> dict[str, Said]:
    """Something of the right kind in every slot."""
    values = {"text": "Open, and free", "number": 12, "color": [255, 0, 0]}
    words = {"color": (templates().colors["red"].en, templates().colors["red"].zh)}
    return {
        name: Said(
            en=words.get(slot.kind, ("the cup", "杯子"))[0],
            zh=words.get(slot.kind, ("the cup", "杯子"))[1],
            value=values.get(slot.kind),
        )
        for name, slot in made.slots.items()
    }


def test_a_sentence_is_cut_outside_of_its_quotation_marks() -> None:
    text = 'write "Salt, then pepper and more", then mirror it'
    assert parts_of(text, "en") == ['write "Salt, then pepper and more", then ', "mirror it"]
    assert parts_of("写上“盐，然后胡椒”，然后翻转", "zh") == ["写上“盐，然后胡椒”，然后", "翻转"]


def test_no_piece_of_a_sentence_is_lost() -> None:
    text = "Please make it 20% brighter, add 10% of contrast and then mirror it."
    assert "".join(parts_of(text, "en")) == text


def test_a_part_that_no_clause_reads_like_is_named() -> None:
    with pytest.raises(TemplateError, match="'sing a song'"):
        clauses("sing a song", "en")


def test_what_the_picture_lacks_is_said() -> None:
    with pytest.raises(TemplateError, match="nothing in the picture fits"):
        plan(first_clause("background_color"), NOWHERE, [], Random(0))


def test_what_is_changed_comes_before_how_everything_looks_and_where_it_stands() -> None:
    random = Random(0)
    steps = [filter_step(name, random) for name in ("mirror", "brightness", "sepia")]
    assert [step.task for step in ordered(steps)] == sorted((step.task for step in steps), key=ORDER.index)
    assert ordered(steps)[-1].filter == "mirror"


def test_a_compound_request_carries_its_steps_and_says_them_in_every_tier() -> None:
    steps = [filter_step(name, Random(3)) for name in ("brightness", "sepia")]
    wish = Wish.model_validate_json(request_of(1, 1, steps, 5).wish)
    assert steps_of(wish) == steps
    said = instruction(wish, tier="concise", language="en", random=Random(1))
    amount = f"{abs(steps[0].arguments['amount'])}%"
    assert amount in said and amount in wish.slots["steps"].en


def test_equal_requests_have_equal_ids() -> None:
    steps = [filter_step(name, Random(3)) for name in ("brightness", "sepia")]
    assert request_of(1, 1, steps, 5) == request_of(1, 1, steps, 5)
    assert request_of(1, 1, steps, 5).request_id != request_of(2, 2, steps, 5).request_id


def test_slots_without_words_of_their_own_are_drawn_as_they_are() -> None:
    said = Said(en="a", zh="b")
    assert (said.en, said.zh, said.value) == ("a", "b", None)


def test_a_model_may_reword_a_free_request_but_not_change_its_amounts() -> None:
    free = "could it be 30% lighter and the other way round?"
    good = '{"requests": ["make it 30% brighter", "mirror it"]}'
    settings = {"model": "any", "pause": 0.001, "attempts": 1}
    with serving(v1=saying(good)) as server:
        model = vlm.load(f"{server.url}/v1", **settings)
        assert reworded(free, scene(1, 64, 64), model) == "make it 30% brighter, then mirror it"
    with serving(v1=saying(good.replace("30", "40"))) as server:
        model = vlm.load(f"{server.url}/v1", **settings)
        with pytest.raises(TemplateError, match="numbers"):
            reworded(free, scene(1, 64, 64), model)


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        (
            "make it 30% brighter, then mirror it",
            [("brightness", {"amount": 30}), ("mirror", {"axis": "sideways"})],
        ),
        (
            "lower the contrast by 20% and flip it vertically",
            [("contrast", {"amount": -20}), ("mirror", {"axis": "upright"})],
        ),
        ("rotate it 90 degrees clockwise", [("turn", {"degrees": 90})]),
        ("把照片调亮30%，再左右翻转", [("brightness", {"amount": 30}), ("mirror", {"axis": "sideways"})]),
        ("亮度提高30%，然后顺时针旋转90度", [("brightness", {"amount": 30}), ("turn", {"degrees": 90})]),
    ],
)
def test_plain_words_are_understood_in_the_order_in_which_they_are_said(
    said: str, steps: list[object]
) -> None:
    assert [(step.filter, step.arguments) for step in plan(said, NOWHERE, [], Random(0))] == steps


def test_an_empty_request_is_refused() -> None:
    with pytest.raises(TemplateError, match="nothing is asked for"):
        clauses(" ", "en")
