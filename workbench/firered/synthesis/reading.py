"""Requests read: a sentence in English or Chinese cut into the atomic requests of the instruction library.

The library's own clauses are read backwards, so whatever the words engine says is understood again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import Field

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.primitives import primitives
from firered.templating.filters import (
    Choice,
    FromLexicon,
    Language,
    Number,
    Parameter,
    Strict,
    read_yaml,
    templates,
)

COMPOUND = "compose_steps"  # the primitive whose words are those of its steps
# Between two requests, outside of quotation marks.
_JOINT = {
    "en": re.compile(
        r"(?:[,;.]\s*|\s+)?(?:\band\s+)?\b(?:then|after that|also|finally)\b\s*|[;.]\s+|,\s*and\s+|,\s+|\s+and\s+",
        re.I,
    ),
    "zh": re.compile(r"(?:[，；。,;]\s*)?(?:然后|接着|再|同时|并且|最后|并)\s*|[，；。,;]\s*"),
}
_SLOT = re.compile(r"\{(\w+)\}")
_STRING = r'(?:"[^"]+"|“[^”]+”)'
_WORDS = r'(?:(?!\bthen\b|然后)[^"“”,;，；])+?'
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_POLITE = {
    "en": re.compile(r"^(?:please|could you|can you|first|now|just)\s+|[.!?]+$", re.I),
    "zh": re.compile(r"^(?:请|先|首先|帮我)|[。！？]+$"),
}


@dataclass(frozen=True)
class Clause:
    """A part of a request, and what it asks for: a primitive or a filter with the words in its slots."""

    text: str
    name: str
    slots: dict[str, str]
    less: bool = False  # a filter asked for in its other direction
    fixed: Mapping[str, Any] = field(default_factory=dict)  # arguments of a filter that the words imply


def language_of(text: str) -> Language:
    """Language of a request, by its letters outside of quotation marks."""
    return "zh" if re.search(r"[\u3400-\u9fff]", _QUOTED.sub("", text)) else "en"


def clauses(text: str, language: Language) -> list[list[Clause]]:
    """The atomic requests in a sentence in the order in which they are said, each as all that it may mean."""
    parts = parts_of(text, language)
    if not parts:
        raise TemplateError("request: nothing is asked for (say what to change)")
    found: list[list[Clause]] = []
    place = 0
    while place < len(parts):
        # A joint may stand inside a request ("black and white"): the longest run of parts that is one is taken.
        runs = (
            (stop, understood("".join(parts[place:stop]), language)) for stop in range(len(parts), place, -1)
        )
        stop, known = next(((stop, known) for stop, known in runs if known), (0, []))
        if not known:
            raise TemplateError(
                f"request: {_bare(parts[place], language)!r} is no edit that is known (see: firered synth templates)"
            )
        found.append(known)
        place = stop
    return found


def parts_of(text: str, language: Language) -> list[str]:
    """Pieces of a sentence, cut after each joint; together they are the sentence."""
    cuts = [0, *(match.end() for match in _JOINT[language].finditer(_shielded(text))), len(text)]
    return [text[start:stop] for start, stop in pairwise(cuts) if text[start:stop].strip()]


def understood(said: str, language: Language) -> list[Clause]:
    """What a part of a sentence may ask for, the reading with the most fixed words first; [] where nothing fits."""
    text = _bare(said, language)
    found: dict[tuple[str, bool], Clause] = {}
    for name, less, fixed, pattern in _patterns(language):
        if (name, less) not in found and (match := pattern.fullmatch(text)):
            found[name, less] = Clause(text, name, match.groupdict(), less, fixed)
    return list(found.values())


def _bare(said: str, language: Language) -> str:
    """A part without the joint at its end, and without politeness."""
    joints = [match for match in _JOINT[language].finditer(_shielded(said)) if match.end() == len(said)]
    text = said[: joints[-1].start()] if joints else said
    before = ""
    while before != text:
        before, text = text, _POLITE[language].sub("", text.strip()).strip()
    return text


def _shielded(text: str) -> str:
    """Text whose quoted strings hold nothing that joins."""
    return _QUOTED.sub(lambda found: "\0" * len(found.group()), text)


@cache
def _patterns(language: Language) -> list[tuple[str, bool, Mapping[str, Any], re.Pattern[str]]]:
    """Every clause of every primitive and filter as a pattern, those with the most fixed words first."""
    found: list[tuple[str, bool, Mapping[str, Any], str, dict[str, str]]] = [
        (name, less, {}, said, inside)
        for name, less, options, inside in library(language)
        for said in options
    ]
    for saying in sayings():
        made = templates().filters[saying.filter]
        inside = {slot: _of_parameter(each, language) for slot, each in made.parameters.items()}
        words = saying.en if language == "en" else saying.zh
        found += [(saying.filter, saying.less, saying.with_, said, inside) for said in words]
    found.sort(key=lambda each: -len(_SLOT.sub("", each[3])))
    return [(name, less, fixed, _pattern(said, inside)) for name, less, fixed, said, inside in found]


class Saying(Strict):
    """Plain words for a filter."""

    filter: str
    less: bool = False
    with_: dict[str, Any] = Field({}, alias="with")
    en: list[str]
    zh: list[str]


@cache
def sayings() -> list[Saying]:
    """Read the plain words; raises TemplateError for a filter or an argument that is unknown."""
    path = shipped("templates") / "instructions" / "sayings.yaml"
    found: list[Saying] = read_yaml(path, list[Saying])
    for place, saying in enumerate(found):
        made = templates().filters.get(saying.filter)
        if made is None or set(saying.with_) - set(made.parameters):
            raise TemplateError(
                f"instructions/sayings.yaml: {place}: no filter {saying.filter!r} that takes these"
            )
    return found


def library(language: Language) -> Iterator[tuple[str, bool, Sequence[str], dict[str, str]]]:
    """Names with their clauses, and for each slot what may stand in it."""
    for name, made in primitives().items():
        if name == COMPOUND:
            continue
        inside = {slot: _of_kind(each.kind, each.unit, language) for slot, each in made.slots.items()}
        said = made.words[language]
        yield name, False, (*said.detailed, *said.concise), inside
    for name, chosen in templates().filters.items():
        inside = {slot: _of_parameter(each, language) for slot, each in chosen.parameters.items()}
        inside |= {"after": _STRING, "before": _STRING}
        words = chosen.words[language]
        for less, said_so in ((False, words.more), (True, words.less)):
            if said_so:
                yield name, less, (*said_so.detailed, *said_so.concise), inside


def _of_kind(kind: str, unit: str | None, language: Language) -> str:
    if kind == "text":
        return _STRING
    if kind == "color":
        return _any_of([getattr(color, language) for color in templates().colors.values()])
    return _amount(unit, language) if unit else _WORDS


def _of_parameter(parameter: Parameter, language: Language) -> str:
    if isinstance(parameter, Number):
        return _amount(parameter.unit, language)
    if isinstance(parameter, Choice):
        return _any_of([getattr(option, language) for option in parameter.options.values()])
    if isinstance(parameter, FromLexicon) and parameter.source == "colors":
        return _any_of([getattr(color, language) for color in templates().colors.values()])
    return _WORDS


def _amount(unit: str, language: Language) -> str:
    forms = templates().units[unit][language]
    return "(?:" + "|".join(re.escape(form).replace(r"\{n\}", r"\d+(?:\.\d+)?") for form in forms) + ")"


def _any_of(words: Sequence[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


def _pattern(said: str, inside: dict[str, str]) -> re.Pattern[str]:
    pattern, seen = "", set()
    for place, part in enumerate(_SLOT.split(said)):
        if place % 2 == 0:
            pattern += re.escape(part).replace("\\ ", r"\s+")
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{inside[part]})"
            seen.add(part)
    return re.compile(pattern, re.IGNORECASE)
