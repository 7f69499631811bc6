"""One edit: the arguments drawn for a filter, what the pixel function gets, and the inverse of it.

An `Edit` is what `Pair.parameters` stores as JSON. It holds everything that is needed to make the
target again from the source's blob, to write its instruction, and to measure it.
"""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from firered.templating.filters import (
    Box,
    CharBox,
    Choice,
    Filter,
    FromInks,
    FromLanguages,
    FromLexicon,
    Inverse,
    Number,
    Parameter,
    Strict,
    Templates,
)


class TextTruth(Strict):
    """What the letters say: the string in the source (or '') and in the target, and where they are."""

    before: str
    after: str
    box: Box  # the layout's box, or its plate
    before_chars: list[CharBox]
    after_chars: list[CharBox]


class Edit(Strict):
    """Parameters of a pair made by a template or by inverting one."""

    filter: str
    version: int
    function: str
    arguments: dict[str, Any]  # as the words name them; of an inverse, the inverse amounts
    values: dict[str, Any]  # as the pixel function got them, always of the forward edit
    asked: float  # amount of the measured property, always of the forward edit
    unit: str
    quality: int  # of the JPEG
    inverse: bool = False
    text: TextTruth | None = None


def draw(
    made: Filter,
    random: Random,
    read: Templates,
    languages: Sequence[str],
    allowed: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Draw the arguments of a filter; `allowed` narrows named options to those that a picture offers."""
    arguments: dict[str, Any] = {}
    for name, parameter in made.parameters.items():
        options = _options(parameter, arguments, read, languages)
        if name in allowed:
            options = [option for option in options if option in allowed[name]]
        arguments[name] = options[random.randrange(len(options))] if options else random.getrandbits(31)
    return arguments


def values_of(made: Filter, arguments: dict[str, Any], read: Templates, font: str) -> dict[str, Any]:
    """Turn named arguments into what the pixel function takes."""
    values = {name: _value(made.parameters[name], argument, read) for name, argument in arguments.items()}
    if made.function != "draw_text":
        return values
    text = getattr(read.phrases[arguments["phrase"]], arguments["language"])
    return {"text": text, "ink": values["ink"], "layout": values["layout"], "font": font}


def arguments_before(made: Filter, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Arguments that draw what the source already shows; None where the source is the plain photo."""
    if not made.before:
        return None
    return arguments | {name: arguments[other] for name, other in made.before.items()}


def asked(made: Filter, arguments: dict[str, Any]) -> float:
    """Amount of the measured property that these arguments ask for."""
    wanted = made.measure.asked
    return float(arguments[wanted] if isinstance(wanted, str) else wanted)


def inverted(edit: Edit, rule: Inverse) -> Edit:
    """The edit that leads back; its `values` and `asked` stay those of the forward edit."""
    arguments = edit.arguments | _inverse_arguments(edit.arguments, rule)
    return edit.model_copy(update={"arguments": arguments, "inverse": True, "text": _swapped(edit.text)})


def _inverse_arguments(arguments: dict[str, Any], rule: Inverse) -> dict[str, Any]:
    if rule.rule == "negate":
        assert rule.argument is not None
        return {rule.argument: -arguments[rule.argument]}
    if rule.rule == "reciprocal":
        assert rule.argument is not None
        return {rule.argument: reciprocal(arguments[rule.argument])}
    if rule.rule == "swap":
        assert rule.arguments is not None
        first, second = rule.arguments
        return {first: arguments[second], second: arguments[first]}
    return {}


def reciprocal(percent: float) -> int:
    """Percent change that takes a percent change back, to a whole percent; percent > -100."""
    return round(100 / (1 + percent / 100) - 100)


def _swapped(text: TextTruth | None) -> TextTruth | None:
    if text is None:
        return None
    return TextTruth(
        before=text.after,
        after=text.before,
        box=text.box,
        before_chars=text.after_chars,
        after_chars=text.before_chars,
    )


def _value(parameter: Parameter, argument: Any, read: Templates) -> Any:
    if isinstance(parameter, Choice):
        return parameter.options[argument].value
    if isinstance(parameter, FromInks) or (
        isinstance(parameter, FromLexicon) and parameter.source == "colors"
    ):
        return list(read.colors[argument].rgb)
    if isinstance(parameter, FromLexicon) and parameter.source == "layouts":
        return read.layouts[argument].model_dump(mode="json")
    return argument


def _options(
    parameter: Parameter, drawn: dict[str, Any], read: Templates, languages: Sequence[str]
) -> Sequence[Any]:
    """Options of a parameter, given those drawn before it; none for a seed."""
    if isinstance(parameter, Number):
        return parameter.values()
    if isinstance(parameter, Choice):
        return list(parameter.options)
    if isinstance(parameter, FromLexicon):
        return _lexicon_options(parameter, drawn, read)
    if isinstance(parameter, FromLanguages):
        return _without(languages, parameter.differs_from, drawn)
    if isinstance(parameter, FromInks):
        return _without(read.layouts[drawn["layout"]].inks, parameter.differs_from, drawn)
    return ()


def _lexicon_options(parameter: FromLexicon, drawn: dict[str, Any], read: Templates) -> list[str]:
    names = parameter.only or list(getattr(read, parameter.source))
    if parameter.plate is not None:
        names = [name for name in names if (read.layouts[name].plate is not None) == parameter.plate]
    names = _without(names, parameter.differs_from, drawn)
    if parameter.apart:
        assert parameter.differs_from is not None
        other = read.colors[drawn[parameter.differs_from]].rgb
        names = [name for name in names if _hue_distance(read.colors[name].rgb, other) >= parameter.apart]
    return names


def _without(options: Sequence[str], name: str | None, drawn: dict[str, Any]) -> list[str]:
    return [option for option in options if name is None or option != drawn[name]]


def _hue_distance(first: Sequence[int], second: Sequence[int]) -> float:
    """Degrees between the hues of two colours, 0..180, on the plane of opponent colours."""
    angles = [math.atan2(math.sqrt(3) * (g - b), 2 * r - g - b) for r, g, b in (first, second)]
    return abs((math.degrees(angles[0] - angles[1]) + 180) % 360 - 180)
