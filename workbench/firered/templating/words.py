"""Sentences about an edit: three tiers, two languages, drawn from the grammar in `instructions/`."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from firered.paths import shipped
from firered.templating.edits import Edit
from firered.templating.filters import (
    Choice,
    Clauses,
    Filter,
    FromInks,
    FromLanguages,
    FromLexicon,
    Language,
    Number,
    Strict,
    Templates,
    read_yaml,
)

Tier = Literal["detailed", "concise", "user"]
TIERS: tuple[Tier, ...] = ("detailed", "concise", "user")
QUOTES: dict[Language, tuple[str, str]] = {"en": ('"', '"'), "zh": ("“", "”")}
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIDE = re.compile(r"\b(?:counter)?clockwise\b|\bleft\b|\bright\b|顺时针|逆时针|左|右", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
# A share of the texts is typed carelessly, as people do.
_CARELESS = 0.3


class Listing(Strict):
    """How a list is written: what stands between, and what before the last."""

    between: str
    last: str

    def joined(self, names: Sequence[str]) -> str:
        """One or more names as one list."""
        return self.between.join(names[:-1]) + (self.last if names[1:] else "") + names[-1]


class Detailed(Strict):
    """Grammar of the detailed tier."""

    patterns: list[str]
    alone: str  # where nothing is said to stay
    listing: Listing
    kept: dict[str, str]


class User(Strict):
    """Grammar of the user tier: a person, a request for help, an ending."""

    requests: list[str]
    openings: list[str]
    closings: list[str]


class Grammar(Strict):
    """Sentence forms of all tiers and the names of the languages."""

    detailed: dict[Language, Detailed]
    concise: dict[Language, list[str]]
    user: dict[Language, User]
    languages: dict[str, dict[Language, str]]


@cache
def grammar(folder: Path | None = None) -> Grammar:
    """Read the sentence forms; raises TemplateError naming file and key."""
    root = (folder or shipped("templates")) / "instructions"
    return Grammar(
        detailed=read_yaml(root / "detailed.yaml", dict[Language, Detailed]),
        concise=read_yaml(root / "concise.yaml", dict[Language, list[str]]),
        user=read_yaml(root / "user.yaml", dict[Language, User]),
        languages=read_yaml(root / "languages.yaml", dict[str, dict[Language, str]]),
    )


def instruction(
    edit: Edit, read: Templates, forms: Grammar, *, tier: Tier, language: Language, random: Random
) -> str:
    """One instruction for an edit; equal random states give equal sentences."""
    made = read.filters[edit.filter]
    words = slot_words(edit, read, forms, language)
    names = [forms.detailed[language].kept[aspect] for aspect in made.measure.keeps]
    kept = forms.detailed[language].listing.joined(names)
    clauses = clauses_for(edit, made, language)
    return sentence(clauses, words, kept, forms, tier=tier, language=language, random=random)


def sentence(
    clauses: Clauses,
    words: Mapping[str, str],
    kept: str,
    forms: Grammar,
    *,
    tier: Tier,
    language: Language,
    random: Random,
) -> str:
    """One sentence of a tier from clauses whose slots these words fill; `kept` is what must stay, '' for nothing."""
    if tier == "detailed":
        change = large_first(_pick(clauses.detailed, random).format_map(words))
        form = forms.detailed[language]
        if not kept:
            return form.alone.format(Change=change)
        return _pick(form.patterns, random).format(Change=change, kept=kept)
    request = _pick(clauses.concise, random).format_map(words)
    if tier == "concise":
        return _pick(forms.concise[language], random).format(request=request, Request=large_first(request))
    return _user(request, forms.user[language], language, random)


def clauses_for(edit: Edit, made: Filter, language: Language) -> Clauses:
    """Clauses that say this edit: undo for such inverses, less for negative amounts, else more."""
    words = made.words[language]
    if edit.inverse and words.undo is not None:
        return words.undo
    if made.sense is not None and edit.arguments[made.sense] < 0:
        assert words.less is not None, made.name
        return words.less
    return words.more


def slot_words(edit: Edit, read: Templates, forms: Grammar, language: Language) -> dict[str, str]:
    """What each slot of a clause becomes in a language."""
    made = read.filters[edit.filter]
    words = {name: _word(made, name, value, read, forms, language) for name, value in edit.arguments.items()}
    if edit.text is not None:
        words |= {"before": quoted(edit.text.before, language), "after": quoted(edit.text.after, language)}
    return words


def quoted(text: str, language: Language) -> str:
    """Text in the quotation marks of a language."""
    opening, closing = QUOTES[language]
    return f"{opening}{text}{closing}"


def number(value: float) -> str:
    """A number as people write it: no trailing zeros."""
    return f"{value:g}"


def large_first(text: str) -> str:
    """Text with its first letter large."""
    return text[:1].upper() + text[1:]


# --- checks on texts ----------------------------------------------------------------------------


def keeps_intent(detailed: str, rewritten: str) -> list[str]:
    """What a rewritten instruction lost or changed: numbers, quoted strings, sides; [] where nothing."""
    found = []
    for what, parts in (("numbers", numbers), ("quoted strings", quotations), ("sides", sides)):
        wanted, got = parts(detailed), parts(rewritten)
        if wanted != got:
            found.append(f"{what}: {got} instead of {wanted}")
    return found


def numbers(text: str) -> list[str]:
    """Numbers outside of quotation marks, sorted."""
    return sorted(_NUMBER.findall(_QUOTED.sub(" ", text)))


def quotations(text: str) -> list[str]:
    """Strings inside quotation marks, sorted."""
    return sorted(part[1:-1] for part in _QUOTED.findall(text))


def sides(text: str) -> list[str]:
    """Words of side and turn outside of quotation marks, in order: left before right is not right before left."""
    return [side.lower() for side in _SIDE.findall(_QUOTED.sub(" ", text))]


def foreign_letters(text: str, language: Language) -> str:
    """Letters of the other script outside of quotation marks; '' in a clean text."""
    other = _LATIN if language == "zh" else _HAN
    return "".join(other.findall(_QUOTED.sub(" ", text)))


# --- tiers --------------------------------------------------------------------------------------


def _user(request: str, form: User, language: Language, random: Random) -> str:
    opening, frame, closing = (_pick(part, random) for part in (form.openings, form.requests, form.closings))
    careless = random.random() < _CARELESS
    if careless:
        opening, closing = _careless(opening, language), _careless(closing, language)
        frame = _careless(frame, language).rstrip("?？")
    said = frame.format(request=request)
    if language == "zh":
        return opening + _ended(said, closing, "，") + closing
    # After a comma or a colon the sentence goes on; careless people start small anyhow.
    started = said if careless or opening.rstrip().endswith((",", ":")) else large_first(said)
    return opening + _ended(started, closing, ".") + closing


def _ended(said: str, closing: str, mark: str) -> str:
    """Sentence with an end mark where another sentence follows."""
    return said + mark if closing and said[-1] not in "?!.？！。" else said


def _careless(text: str, language: Language) -> str:
    """Frame of a sentence as typed in a hurry; never applied to the request itself."""
    if language == "zh":
        return text.replace("。", "").replace("！", "!")
    return text.lower().replace("'", "").rstrip(".")


def _word(made: Filter, name: str, value: Any, read: Templates, forms: Grammar, language: Language) -> str:
    parameter = made.parameters[name]
    if isinstance(parameter, Number):
        return amount(abs(value) if name == made.sense else value, parameter.unit, read, language)
    if isinstance(parameter, Choice):
        return str(getattr(parameter.options[value], language))
    if isinstance(parameter, FromLanguages):
        return forms.languages[value][language]
    if isinstance(parameter, FromLexicon) and parameter.source == "layouts":
        return read.layouts[value].words[language]
    if isinstance(parameter, FromInks | FromLexicon) and value in read.colors:
        return str(getattr(read.colors[value], language))
    return str(value)


def amount(value: float, unit: str, read: Templates, language: Language) -> str:
    """A number with its unit, as a language writes it."""
    forms = read.units[unit][language]
    return (forms[0] if value == 1 else forms[-1]).format(n=number(value))


def _pick(options: list[str], random: Random) -> str:
    return options[random.randrange(len(options))]
