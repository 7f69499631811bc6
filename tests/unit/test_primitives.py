"""The instruction library: every primitive has words for its slots, and every wrong file is named with its key."""

import re
import shutil
from pathlib import Path
from random import Random

import pytest

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.making import Said, Wish
from firered.synthesis.primitives import Primitive, bridged_wish, checked, inverted_wish, primitives
from firered.synthesis.words import instruction
from firered.templating.filters import LANGUAGES, Language
from firered.templating.words import TIERS, Tier, foreign_letters, keeps_intent

# A picture that is spoken of may be named more than once.
FIGURE = re.compile(r"(?:Fig |图)(\d)")
NAMES = sorted(set(primitives()) - {"compose_steps"})


def filled(made: Primitive) -> dict[str, Said]:
    """Something of the right kind in every slot, each with other words."""
    values = {"text": "Open, 24 h", "number": 12, "color": [255, 0, 0]}
    return {
        name: Said(
            en=f"thing {chr(97 + place)}",
            zh=f"东西{'甲乙丙丁戊己庚辛壬癸子丑'[place]}",
            value=values.get(slot.kind, 12),
        )
        for place, (name, slot) in enumerate(made.slots.items())
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_tier_of_both_languages_says_the_same_amounts_strings_and_sides(name: str) -> None:
    made = primitives()[name]
    wish = checked(Wish(primitive=name, slots=filled(made)))
    for language in LANGUAGES:
        detailed = [said(wish, "detailed", language, seed) for seed in range(6)]
        for tier in TIERS:
            for seed in range(12):
                text = said(wish, tier, language, seed)
                first, other = FIGURE.sub("", detailed[0]), FIGURE.sub("", text)
                assert keeps_intent(first, other) == [], (detailed[0], text)
                assert set(FIGURE.findall(detailed[0])) == set(FIGURE.findall(text)), (detailed[0], text)
                if language == "en":
                    assert foreign_letters(text, language) == "", text


def said(wish: Wish, tier: Tier, language: Language, seed: int) -> str:
    """One instruction."""
    return instruction(wish, tier=tier, language=language, random=Random(seed))


@pytest.mark.parametrize("name", [name for name in NAMES if primitives()[name].inverse])
def test_an_inverse_has_all_its_slots(name: str) -> None:
    made = primitives()[name]
    assert made.inverse is not None
    back = inverted_wish(Wish(primitive=name, slots=filled(made)), made.inverse)
    assert checked(back).primitive == made.inverse.primitive


@pytest.mark.parametrize("name", [name for name in NAMES if primitives()[name].compose])
def test_a_composition_has_all_its_slots(name: str) -> None:
    made = primitives()[name]
    assert made.compose is not None
    first, second = (Wish(primitive=name, slots=filled(made)) for _ in range(2))
    assert checked(bridged_wish(first, second, made.compose)).primitive == made.compose.primitive


def test_all_fifteen_tasks_can_be_asked_for() -> None:
    assert len({made.task for made in primitives().values()}) == 15


def altered(folder: Path, name: str, before: str, after: str) -> Path:
    """A copy of the templates with one file changed."""
    shutil.copytree(shipped("templates"), folder / "templates")
    path = folder / "templates" / "instructions" / "primitives" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return folder / "templates"


@pytest.mark.parametrize(
    ("before", "after", "said_so"),
    [
        ("task: background", "task: backround", r"primitives/background_color\.yaml: task: "),
        ("name: background_color", "name: other", r"name: is 'other' \(name it 'background_color'"),
        ("kind: color", "kind: colour", r"slots\.color\.kind: "),
        ("solid {color}", "a solid ground", r"words\.en\.concise\.1: does not say 'color'"),
        ("solid {color}", "solid {color} {wall}", r"words\.en\.concise\.1: no slot 'wall'"),
        ("inverse: null", "inverse: {primitive: nowhere}", r"inverse\.primitive: no primitive 'nowhere'"),
        ("second.color", "third.color", r"compose\.slots\.color: no 'third\.color'"),
        ("kind: object}", "kind: object, unit: percent}", r"slots\.object\.unit: never used"),
    ],
)
def test_a_wrong_primitive_is_named_with_its_key(
    tmp_path: Path, before: str, after: str, said_so: str
) -> None:
    with pytest.raises(TemplateError, match=said_so):
        primitives(altered(tmp_path, "background_color", before, after))
