"""The instruction library: canonical primitives with typed slots, conditions, words, measurement and inverse."""

import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.making import Said, Wish
from firered.synthesis.scene import Scene
from firered.templating.filters import LANGUAGES, Clauses, Language, Strict, Task, read_yaml

Kind = Literal[
    "object", "text", "color", "place", "number", "style", "background", "region", "expression", "pose", "light",
    "clothes", "camera", "figure", "material", "words",
]  # fmt: skip


class Slot(Strict):
    """What a slot takes; numbers have a unit of `instructions/units.yaml`."""

    kind: Kind
    unit: str | None = None


class Conditions(Strict):
    """What a photograph, or the target in it, must have."""

    area: tuple[float, float] = (0.0, 1.0)  # share of the picture that the target takes
    min_side: int = 0  # pixels
    max_aspect: float = 4.0  # longer side by shorter
    face: bool = False
    text: bool = False
    subject: bool = False  # a salient mask
    person: bool = False


class Words(Strict):
    """Clauses in one language: verb phrases with slots."""

    detailed: list[str] = Field(min_length=2)
    concise: list[str] = Field(min_length=3)


class Measured(Strict):
    """The property that the judge measures, how much of it is asked, and what must stay."""

    property: str
    asked: float = 1.0
    keeps: list[str] = []
    limits: dict[str, float] = {}  # of the property's measurement, by name


class InverseOf(Strict):
    """Which primitive an exchanged pair asks for."""

    primitive: str
    slots: dict[str, str] = {}  # slot of the inverse <- slot of this one
    preferred: bool = False  # the wanted direction: the real photograph is its target
    real: Literal["source", "target", "none"] = "none"  # which side of the pair must be a plain photograph


class ComposeOf(Strict):
    """What leads from one target to another of the same source: A to B and A to C give B to C."""

    primitive: str
    slots: dict[str, str] = {}  # slot <- "first.SLOT" or "second.SLOT"
    overlap: float = 0.7  # least intersection over union of both regions


class Primitive(Strict):
    """One thing that can be asked for."""

    name: str
    task: Task
    subtask: str
    slots: dict[str, Slot] = {}
    needs: Conditions = Conditions()
    words: dict[Language, Words]
    stays: dict[Language, str] | None = None  # what must not change, for the detailed sentence
    measure: Measured
    inverse: InverseOf | None = None
    compose: ComposeOf | None = None

    def clauses(self, language: Language) -> Clauses:
        """Its words, as the sentences take them."""
        return Clauses(**self.words[language].model_dump())


@cache
def primitives(folder: Path | None = None) -> dict[str, Primitive]:
    """Read and check all primitives; raises TemplateError naming file and key."""
    root = (folder or shipped("templates")) / "instructions" / "primitives"
    found = {path.stem: read_yaml(path, Primitive) for path in sorted(root.glob("*.yaml"))}
    for stem, each in found.items():
        for problem in _problems(stem, each, found):
            raise TemplateError(f"primitives/{stem}.yaml: {problem}")
    return found


def primitive(name: str) -> Primitive:
    """One primitive; raises TemplateError that lists the names."""
    known = primitives()
    if name not in known:
        raise TemplateError(f"no primitive {name!r} (one of: {', '.join(known)})")
    return known[name]


def met(needs: Conditions, scene: Scene) -> bool:
    """Whether a photograph meets the conditions that do not depend on the target."""
    short, long = sorted((scene.width, scene.height))
    return (
        short >= needs.min_side
        and long <= needs.max_aspect * short
        and (not needs.face or bool(scene.faces))
        and (not needs.text or bool(scene.texts))
        and (not needs.subject or scene.best("salient") is not None)
        and (not needs.person or scene.best("person") is not None)
    )


def checked(wish: Wish) -> Wish:
    """The wish; raises TemplateError where its slots are not those of its primitive, or not of their kind."""
    made = primitive(wish.primitive)
    if set(wish.slots) != set(made.slots):
        wanted, given = ", ".join(made.slots) or "none", ", ".join(wish.slots) or "none"
        raise TemplateError(f"primitive {made.name!r}: takes the slots {wanted}, not {given}")
    for name, said in wish.slots.items():
        if not _fits(made.slots[name], said):
            raise TemplateError(
                f"primitive {made.name!r}: slot {name!r} is not a {made.slots[name].kind} (got {said})"
            )
    return wish


def _fits(slot: Slot, said: Said) -> bool:
    if slot.kind == "text":
        return isinstance(said.value, str) and bool(said.value)
    if slot.kind == "number":
        return isinstance(said.value, int | float)
    if slot.kind == "color":
        return isinstance(said.value, list | tuple) and len(said.value) == 3 and bool(said.en and said.zh)
    return bool(said.en and said.zh)


def _problems(stem: str, made: Primitive, known: dict[str, Primitive]) -> Iterator[str]:
    if made.name != stem:
        yield f"name: is {made.name!r} (name it {stem!r}, as the file)"
    for language in LANGUAGES:
        if language not in made.words:
            yield f"words: no {language!r}"
            continue
        yield from _word_problems(made, language)
    if made.inverse:
        yield from _inverse_problems(made, known)
    if made.compose:
        yield from _compose_problems(made, known)
    for name, slot in made.slots.items():
        if (slot.kind == "number") != (slot.unit is not None):
            yield f"slots.{name}.unit: {'missing' if slot.kind == 'number' else 'never used'}"


def _word_problems(made: Primitive, language: Language) -> Iterator[str]:
    # What must survive every rewriting: amounts, strings and colours.
    firm = {name for name, slot in made.slots.items() if slot.kind in ("number", "text", "color")}
    said = made.words[language]
    for part, clauses in (("detailed", said.detailed), ("concise", said.concise)):
        for place, clause in enumerate(clauses):
            named = {name for _, name, _, _ in string.Formatter().parse(clause) if name}
            where = f"words.{language}.{part}.{place}"
            if named - set(made.slots):
                yield f"{where}: no slot {(named - set(made.slots)).pop()!r} (one of: {', '.join(made.slots)})"
            if firm - named:
                yield f"{where}: does not say {(firm - named).pop()!r}"


def _inverse_problems(made: Primitive, known: dict[str, Primitive]) -> Iterator[str]:
    assert made.inverse is not None
    other = known.get(made.inverse.primitive)
    if other is None:
        yield f"inverse.primitive: no primitive {made.inverse.primitive!r}"
        return
    lacking = set(other.slots) - set(made.inverse.slots)
    if lacking:
        yield f"inverse.slots: does not say {lacking.pop()!r} of {other.name!r}"
    for here, there in made.inverse.slots.items():
        if there not in made.slots:
            yield f"inverse.slots.{here}: no slot {there!r} (one of: {', '.join(made.slots)})"


def _compose_problems(made: Primitive, known: dict[str, Primitive]) -> Iterator[str]:
    assert made.compose is not None
    other = known.get(made.compose.primitive)
    if other is None:
        yield f"compose.primitive: no primitive {made.compose.primitive!r}"
        return
    if lacking := set(other.slots) - set(made.compose.slots):
        yield f"compose.slots: does not say {lacking.pop()!r} of {other.name!r}"
    for here, there in made.compose.slots.items():
        side, _, slot = there.partition(".")
        if side not in ("first", "second") or slot not in made.slots:
            yield f"compose.slots.{here}: no {there!r} (first.SLOT or second.SLOT)"


def bridged_wish(first: Wish, second: Wish, rule: ComposeOf) -> Wish:
    """The wish that leads from the target of the first to the target of the second."""
    sides = {"first": first, "second": second}
    parts = {here: there.partition(".") for here, there in rule.slots.items()}
    slots = {here: sides[side].slots[slot] for here, (side, _, slot) in parts.items()}
    return second.model_copy(update={"primitive": rule.primitive, "slots": slots})


def inverted_wish(wish: Wish, rule: InverseOf) -> Wish:
    """The wish that leads back."""
    slots = {here: wish.slots[there] for here, there in rule.slots.items()}
    return wish.model_copy(update={"primitive": rule.primitive, "slots": slots})
