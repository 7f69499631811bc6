"""Task splitting, Sec. 2.3: a request for several changes as an ordered plan of atomic steps."""

import json
import re
import string
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from firered.errors import TemplateError
from firered.paths import shipped
from firered.rows import Request, id_of
from firered.synthesis.making import Said, Wish
from firered.synthesis.primitives import Primitive, met, primitives
from firered.synthesis.reading import COMPOUND, Clause, clauses, language_of, library
from firered.synthesis.steps import Step, clause, filter_step
from firered.templating.filters import (
    LANGUAGES,
    Choice,
    Filter,
    FromLexicon,
    Language,
    Number,
    templates,
)
from firered.templating.words import QUOTES, keeps_intent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.models.vlm import VLM
    from firered.synthesis.makers import Maker
    from firered.synthesis.scene import Scene

    Pixels = NDArray[np.uint8]

# What changes things comes before what changes the look of everything; a painting hides what was toned before it,
# and geometry moves what was found before.
ORDER = (
    "remove", "replace", "add", "background", "extract", "portrait", "motion", "beauty", "text", "lowlevel", "stylize",
    "color", "adjust", "viewpoint", "compose",
)  # fmt: skip


# --- from a scene -----------------------------------------------------------------------------------


def drawn(
    scene: "Scene",
    available: Sequence["Maker"],
    allowed: Sequence[str],
    filters: Sequence[str],
    count: int,
    random: Random,
) -> list[Step]:
    """Draw a compound edit of different tasks: first what a maker offers, then filters; [] where too little is offered."""
    offered: dict[str, list[tuple[Maker, Wish]]] = {}
    for maker in available:
        for wish in maker.offers(scene, Random(random.getrandbits(64))):
            made = primitives()[wish.primitive]
            if met(made.needs, scene) and (not allowed or made.name in allowed):
                offered.setdefault(made.task, []).append((maker, wish))
    steps = [
        _one(offered[task], random)
        for task in random.sample(sorted(offered), min(len(offered), max(1, count - 1)))
    ]
    done = {step.task for step in steps}
    for name in random.sample(list(filters), len(filters)):
        made_filter = templates().filters[name]
        if len(steps) < count and made_filter.task not in done:
            steps.append(filter_step(made_filter.name, random))
            done.add(made_filter.task)
    return ordered(steps) if len(steps) == count else []


def ordered(steps: Sequence[Step]) -> list[Step]:
    """Steps in the order in which they are done; equal tasks stay as they were said."""
    return sorted(steps, key=lambda step: ORDER.index(step.task))


def joined(steps: Sequence[Step], language: Language, *, detailed: bool, random: Random) -> str:
    """One verb phrase for all steps."""
    said = [clause(step, language, detailed=detailed, random=random) for step in steps]
    if language == "zh":
        return "，".join(said[:-1]) + "，然后" + said[-1] if len(said) > 1 else said[0]
    return ", ".join(said[:-1]) + ", then " + said[-1] if len(said) > 1 else said[0]


def _one(options: Sequence[tuple["Maker", Wish]], random: Random) -> Step:
    maker, wish = options[random.randrange(len(options))]
    return Step(maker=maker.name, wish=wish, seed=random.getrandbits(31))


def request_of(photo_id: int, source_id: int, steps: Sequence[Step], seed: int) -> Request:
    """The request for a compound edit."""
    random = Random(seed)
    en, zh = (joined(steps, language, detailed=False, random=random) for language in LANGUAGES)
    control = {"steps": [step.model_dump(mode="json") for step in steps]}
    made = primitives()[COMPOUND]
    text = Wish(primitive=COMPOUND, slots={"steps": Said(en=en, zh=zh)}, control=control).model_dump_json()
    group = id_of("group", source_id, None, "split", 1, text)
    return Request(
        request_id=id_of("request", group, seed, 0),
        group_id=group,
        photo_id=photo_id,
        source_id=source_id,
        parent_id=None,
        strategy="split",
        maker="split",
        maker_version=1,
        primitive=made.name,
        task=made.task,
        subtask=made.subtask,
        wish=text,
        seed=seed,
        step=0,
        depth=0,
    )


def said_of(wish: Wish) -> list[str]:
    """A line for each step of a compound wish: task, maker and words."""
    return [
        f"{step.task}: {clause(step, 'en', detailed=False, random=Random(0))} ({step.maker or step.filter})"
        for step in steps_of(wish)
    ]


def steps_of(wish: Wish) -> list[Step]:
    """The steps of a compound wish."""
    return [Step.model_validate(step) for step in wish.control["steps"]]


# --- from a sentence --------------------------------------------------------------------------------


def plan(text: str, scene: "Scene", available: Sequence["Maker"], random: Random) -> list[Step]:
    """The steps of a request in English or Chinese, in the order in which they are said.

    Raises TemplateError for a part that nothing can do.
    """
    return [_grounded(part, scene, available, random) for part in clauses(text, language_of(text))]


def reworded(text: str, pixels: "Pixels", model: "VLM") -> str:
    """A free request in the words of the library, as a model puts it; numbers, strings and sides must survive.

    Raises TemplateError where they do not, BadAnswer where the model does not answer in form.
    """
    language = language_of(text)
    folder = shipped("templates") / "prompts"
    schema = json.loads((folder / "split.json").read_text(encoding="utf-8"))
    forms = [said[0] for _, _, said, _ in library(language)]
    prompt = string.Template((folder / "split.md").read_text(encoding="utf-8")).substitute(
        request=text, schema=json.dumps(schema), forms="\n".join(f"- {form}" for form in forms)
    )
    parts = model.ask([pixels], prompt, schema).data["requests"]
    said = ("，然后" if language == "zh" else ", then ").join(part.strip().rstrip(".。") for part in parts)
    if lost := keeps_intent(text, said):
        raise TemplateError(
            f"request: the model's wording {said!r} changes {'; '.join(lost)} (say it in other words)"
        )
    return said


# --- what is said, found in the picture -------------------------------------------------------------


def _grounded(
    readings: Sequence[Clause], scene: "Scene", available: Sequence["Maker"], random: Random
) -> Step:
    """The step of the first reading that the picture allows."""
    offered = [
        (maker, wish)
        for maker in available
        for wish in maker.offers(scene, Random(random.getrandbits(64)))
        if met(primitives()[wish.primitive].needs, scene)
    ]
    for part in readings:
        if part.name in templates().filters:
            return Step(filter=part.name, arguments=_arguments(part, templates().filters[part.name], random))
        made = primitives()[part.name]
        fitting = [
            (agreement, maker, wish)
            for maker, wish in offered
            if wish.primitive == part.name and (agreement := _agreement(wish, part, made)) is not None
        ]
        if fitting:
            _, maker, wish = max(fitting, key=lambda each: each[0])
            return Step(maker=maker.name, wish=_with_values(wish, part, made), seed=random.getrandbits(31))
    raise TemplateError(
        f"request: nothing in the picture fits {readings[0].text!r} ({len(offered)} other offers)"
    )


def _agreement(wish: Wish, part: Clause, made: Primitive) -> int | None:
    """How many slots a wish fills with the words that were said; None where one differs that cannot be set."""
    same = 0
    for name, words in part.slots.items():
        said = wish.slots[name]
        if made.slots[name].kind == "text" or words.lower() in (said.en.lower(), said.zh):
            same += 1
        elif words.lower() not in said.en.lower() and words not in said.zh:
            return None
    return same


def _with_values(wish: Wish, part: Clause, made: Primitive) -> Wish:
    """A wish with the strings that were said."""
    texts = {
        name: Said(en=_unquoted(words), zh=_unquoted(words), value=_unquoted(words))
        for name, words in part.slots.items()
        if made.slots[name].kind == "text"
    }
    return wish.model_copy(update={"slots": {**wish.slots, **texts}})


def _arguments(part: Clause, made: Filter, random: Random) -> dict[str, Any]:
    """Arguments of a filter from the words in its clause; what was not said is drawn."""
    from firered.templating.edits import draw

    read = templates()
    arguments = draw(made, random, read, ("en", "zh"), {}) | dict(part.fixed)
    for name, words in part.slots.items():
        parameter = made.parameters.get(name)
        if isinstance(parameter, Number):
            number = re.search(r"\d+(?:\.\d+)?", words)
            if number is None:
                raise TemplateError(f"request: no number in {words!r}")
            value = float(number.group())
            arguments[name] = -value if part.less and name == made.sense else value
        elif isinstance(parameter, Choice):
            arguments[name] = _named(
                words, {key: (each.en, each.zh) for key, each in parameter.options.items()}
            )
        elif isinstance(parameter, FromLexicon) and parameter.source == "colors":
            arguments[name] = _named(words, {key: (each.en, each.zh) for key, each in read.colors.items()})
        else:
            raise TemplateError(f"request: {part.text!r} cannot be asked for in words (name: {name})")
    return arguments


def _named(words: str, options: dict[str, tuple[str, str]]) -> str:
    for key, names in options.items():
        if words.lower() in (names[0].lower(), names[1]):
            return key
    known = ", ".join(en for en, _ in options.values())
    raise TemplateError(f"request: no {words!r} (one of: {known})")


def _unquoted(words: str) -> str:
    marks = "".join(mark for pair in QUOTES.values() for mark in pair)
    return words.strip(marks)
