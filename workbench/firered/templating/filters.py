"""The files of `templates/`: what they may say, and reading them with errors that name file and key."""

import inspect
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from firered.errors import TemplateError
from firered.paths import shipped

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Task = Literal[
    "add", "remove", "replace", "background", "extract", "adjust", "color", "stylize", "beauty", "lowlevel",
    "portrait", "motion", "viewpoint", "text", "compose",
]  # fmt: skip
Aspect = Literal["structure", "coarse", "edges", "strokes", "hue", "luma", "outside", "others", "view"]
Box = tuple[float, float, float, float]  # left, top, right, bottom relative to the picture, 0..1
CharBox = tuple[str, float, float, float, float]  # character and its box
Rgb = tuple[int, int, int]


class Strict(BaseModel):
    """Base of everything read from YAML: frozen, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- parameters ---------------------------------------------------------------------------------


class Number(Strict):
    """A number on a grid: `low`, `low + step`, ... `high`, without those smaller than `least`."""

    kind: Literal["number"]
    unit: str
    low: float
    high: float
    step: float = Field(gt=0)
    least: float = 0

    def values(self) -> list[float]:
        """All values, in order; whole numbers are ints."""
        count = round((self.high - self.low) / self.step) + 1
        steps = [round(self.low + self.step * place, 6) for place in range(count)]
        return [int(value) if value == int(value) else value for value in steps if abs(value) >= self.least]


class Option(Strict):
    """One choice: what the pixel function gets, and its name in both languages."""

    value: Any
    en: str
    zh: str


class Choice(Strict):
    """One of a few named options."""

    kind: Literal["choice"]
    options: dict[str, Option] = Field(min_length=1)


class Seed(Strict):
    """A number that makes the random part of a filter repeatable."""

    kind: Literal["seed"]


class FromLexicon(Strict):
    """A colour, phrase or layout by name."""

    kind: Literal["lexicon"]
    source: Literal["colors", "phrases", "layouts"]
    only: list[str] = []
    plate: bool | None = None  # only layouts with (true) or without (false) an opaque plate
    differs_from: str | None = None
    apart: float = 0  # degrees of hue between this colour and the other


class FromLanguages(Strict):
    """One of the languages that the operator was given."""

    kind: Literal["language"]
    differs_from: str | None = None


class FromInks(Strict):
    """A colour that the chosen layout is legible in."""

    kind: Literal["ink"]
    differs_from: str | None = None


Parameter = Annotated[
    Number | Choice | Seed | FromLexicon | FromLanguages | FromInks, Field(discriminator="kind")
]


# --- filters ------------------------------------------------------------------------------------


class Needs(Strict):
    """What a photograph must have for the edit to show."""

    chroma: float = 0  # mean chroma in levels
    hue_of: str | None = None  # the colour parameter whose hue must be there
    hue_share: float = 0  # share of the pixels that must have it


class Measure(Strict):
    """The property that the judge measures, what is asked of it, and what must stay."""

    property: str
    asked: float | str  # a number, or the name of a parameter
    unit: str
    tolerance: float = Field(default=1, gt=0)  # relative error at which nothing was followed
    within: float | None = None  # the same as an absolute error, in the unit, for angles
    period: float | None = None  # for angles
    keeps: list[Aspect] = Field(min_length=1)


class Inverse(Strict):
    """How source and target may be exchanged, and what the exchanged pair asks for."""

    rule: Literal["same", "negate", "reciprocal", "swap", "undo"]
    argument: str | None = None  # for negate and reciprocal
    arguments: tuple[str, str] | None = None  # for swap
    subtask: str | None = None  # of the inverse; without it the same
    preferred: bool = False  # the inverse is the wanted direction: its target is the real photograph
    clipped: float | None = None  # largest share of values lost at 0 or 255
    most: dict[str, float] = {}  # largest amounts of parameters
    absent: str | None = None  # colour parameter whose hue the source must not have


class Clauses(Strict):
    """Verb phrases with slots: the detailed ones, and shorter ones with the same slots."""

    detailed: list[str] = Field(min_length=2)
    concise: list[str] = Field(min_length=3)


class Words(Strict):
    """Clauses of a filter in one language."""

    more: Clauses
    less: Clauses | None = None  # for negative amounts
    undo: Clauses | None = None  # for the inverse


class Filter(Strict):
    """A parametric edit: a pixel function, its parameters, its measurement, inverse and words."""

    name: str
    version: int = 1
    task: Task
    subtask: str
    function: str
    parameters: dict[str, Parameter]
    sense: str | None = None  # the signed parameter that chooses between `more` and `less`
    before: dict[str, str] = {}  # what the source already shows: parameter <- other parameter
    needs: Needs = Needs()
    measure: Measure
    inverse: Inverse | None
    words: dict[Language, Words]


# --- lexicon and layouts ------------------------------------------------------------------------


class Color(Strict):
    """A named colour."""

    rgb: Rgb
    en: str
    zh: str
    ink: bool = False


class Phrase(Strict):
    """Words to put on a picture, in both languages."""

    en: str
    zh: str


class Plate(Strict):
    """An opaque ground under the letters; radius relative to its height."""

    box: Box
    rgb: Rgb
    radius: float = Field(ge=0, le=0.5)


class Layout(Strict):
    """Where and how a line of text is set."""

    name: str
    box: Box
    align: Literal["left", "centre", "right"]
    face: Literal["sans", "italic"]
    weight: int = Field(ge=100, le=900)
    plate: Plate | None
    inks: list[str] = Field(min_length=2)  # colours that are legible in it
    words: dict[Language, str]


class Templates(Strict):
    """Everything that the template room reads, checked against each other."""

    filters: dict[str, Filter]
    colors: dict[str, Color]
    phrases: dict[str, Phrase]
    layouts: dict[str, Layout]
    units: dict[str, dict[Language, list[str]]]


@cache
def templates(folder: Path | None = None) -> Templates:
    """Read and check the template files; raises TemplateError naming file and key."""
    root = folder or shipped("templates")
    read = Templates(
        filters=_read_each(root / "filters", Filter),
        colors=_read(root / "lexicon" / "colors.yaml", dict[str, Color]),
        phrases=_read(root / "lexicon" / "phrases.yaml", dict[str, Phrase]),
        layouts=_read_each(root / "layouts", Layout),
        units=_read(root / "instructions" / "units.yaml", dict[str, dict[Language, list[str]]]),
    )
    for made in read.filters.values():
        for problem in _problems(made, read):
            raise TemplateError(f"filters/{made.name}.yaml: {problem}")
    return read


def read_yaml(path: Path, kind: Any) -> Any:
    """Read one YAML file as a type; raises TemplateError naming file and key."""
    return _read(path, kind)


def _read_each(folder: Path, kind: type[Any]) -> dict[str, Any]:
    found = {path.stem: _read(path, kind) for path in sorted(folder.glob("*.yaml"))}
    for stem, made in found.items():
        if made.name != stem:
            raise TemplateError(
                f"{folder.name}/{stem}.yaml: name: is {made.name!r} (name it {stem!r}, as the file)"
            )
    return found


def _read(path: Path, kind: Any) -> Any:
    where = f"{path.parent.name}/{path.name}"
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise TemplateError(f"{where}: missing (restore it, or point to a whole templates folder)") from None
    except yaml.YAMLError as error:
        raise TemplateError(f"{where}: not readable as YAML: {str(error).splitlines()[0]}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise TemplateError(f"{where}: {key}: {first['msg'].lower()} (got {first['input']!r:.60})") from None


# --- checks across keys -------------------------------------------------------------------------


def _problems(made: Filter, read: Templates) -> Iterator[str]:
    yield from _function_problems(made)
    yield from _name_problems(made)
    yield from _lexicon_problems(made, read)
    yield from _word_problems(made)


def _function_problems(made: Filter) -> Iterator[str]:
    from firered.templating.pixels import FUNCTIONS

    if made.function not in FUNCTIONS:
        yield f"function: no pixel function {made.function!r} (one of: {', '.join(sorted(FUNCTIONS))})"
        return
    wanted = set(inspect.signature(FUNCTIONS[made.function]).parameters) - {"pixels"}
    given = set(made.parameters)
    if made.function != "draw_text" and wanted != given:
        yield f"parameters: {made.function!r} takes {', '.join(sorted(wanted)) or 'none'}, not {', '.join(sorted(given))}"


def _name_problems(made: Filter) -> Iterator[str]:
    inverse = made.inverse
    named = {"sense": made.sense, "needs.hue_of": made.needs.hue_of}
    if isinstance(made.measure.asked, str):
        named["measure.asked"] = made.measure.asked
    if inverse:
        named |= {"inverse.argument": inverse.argument, "inverse.absent": inverse.absent}
        named |= {f"inverse.arguments.{name}": name for name in inverse.arguments or ()}
        named |= {f"inverse.most.{name}": name for name in inverse.most}
    named |= {f"before.{name}": name for pair in made.before.items() for name in pair}
    for key, name in named.items():
        if name is not None and name not in made.parameters:
            yield f"{key}: no parameter {name!r} (one of: {', '.join(made.parameters)})"


def _lexicon_problems(made: Filter, read: Templates) -> Iterator[str]:
    for key, parameter in made.parameters.items():
        if isinstance(parameter, FromLexicon):
            known: dict[str, Any] = getattr(read, parameter.source)
            for name in set(parameter.only) - set(known):
                yield f"parameters.{key}.only: no {parameter.source[:-1]} {name!r} (one of: {', '.join(known)})"
        if isinstance(parameter, Number) and parameter.unit not in read.units:
            yield f"parameters.{key}.unit: no unit {parameter.unit!r} (one of: {', '.join(read.units)})"


def _word_problems(made: Filter) -> Iterator[str]:
    undone = made.inverse is not None and made.inverse.rule == "undo"
    for language in LANGUAGES:
        if language not in made.words:
            yield f"words: no {language!r}"
            continue
        words = made.words[language]
        for part, wanted in (("less", made.sense is not None), ("undo", undone)):
            if (getattr(words, part) is not None) != wanted:
                yield f"words.{language}.{part}: {'missing' if wanted else 'never used'}"
        yield from _slot_problems(made, language)


def _slot_problems(made: Filter, language: Language) -> Iterator[str]:
    known = {*made.parameters, "after", "before"}
    for part, clauses in made.words[language]:
        sets = [slots(said) for said in (*clauses.detailed, *clauses.concise)] if clauses else []
        for found in sets:
            if found - known:
                yield f"words.{language}.{part}: no slot {(found - known).pop()!r} (one of: {', '.join(sorted(known))})"
            if _numbers(made, found) != _numbers(made, sets[0]):
                yield f"words.{language}.{part}: all clauses must name the same amounts"


def slots(clause: str) -> set[str]:
    """Names of the slots of a clause."""
    return {name for _, name, _, _ in string.Formatter().parse(clause) if name}


def _numbers(made: Filter, found: set[str]) -> set[str]:
    return {name for name in found if isinstance(made.parameters.get(name), Number)} | found & {
        "after",
        "before",
    }
