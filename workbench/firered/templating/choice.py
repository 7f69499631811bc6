"""Which filters suit a photograph, and a choice among them that is balanced over the tasks."""

from collections.abc import Mapping, Sequence
from random import Random

import cv2
import numpy as np

from firered.errors import TemplateError
from firered.templating.filters import Filter, FromLexicon, Language, Needs, Templates
from firered.templating.planes import Pixels, chroma, hue_share
from firered.templating.text import check_font
from firered.templating.tone import hue_weight

# Named options of a parameter that a picture offers; a filter that is not named takes any.
Offer = Mapping[str, Sequence[str]]
_STRONG = 0.6


def chosen_filters(names: Sequence[str], languages: Sequence[Language], read: Templates) -> list[Filter]:
    """Filters by name (all where none is named) that these languages allow; raises TemplateError."""
    for name in names:
        if name not in read.filters:
            raise TemplateError(f"no filter {name!r} (one of: {', '.join(read.filters)})")
        if lacking := _languages_lacking(read.filters[name], languages):
            raise TemplateError(
                f"filter {name!r}: needs {lacking} languages, not {len(languages)} (set languages: [en, zh])"
            )
    named = [read.filters[name] for name in names] or list(read.filters.values())
    return [made for made in named if not _languages_lacking(made, languages)]


def check_letters(
    filters: Sequence[Filter], languages: Sequence[Language], font: str, read: Templates
) -> None:
    """Raise TemplateError unless every phrase that these filters may set can be drawn."""
    if any(made.function == "draw_text" for made in filters):
        check_font(
            font, [getattr(phrase, language) for phrase in read.phrases.values() for language in languages]
        )


def offers(filters: Sequence[Filter], pixels: Pixels, read: Templates) -> dict[str, Offer]:
    """Filters (by name) that suit a picture, each with the options that the picture offers."""
    small: Pixels = cv2.resize(pixels, (96, 96), interpolation=cv2.INTER_AREA)
    strength = float(np.abs(chroma(small)).mean())
    found: dict[str, Offer] = {}
    for made in filters:
        offer = _hues_offered(made, small, read)
        if strength >= made.needs.chroma and all(offer.values()):
            found[made.name] = offer
    return found


def pick(found: Mapping[str, Offer], count: int, random: Random, read: Templates) -> list[Filter]:
    """Choose `count` different filters, one task after the other in random order, as long as any is left."""
    left: dict[str, list[Filter]] = {}
    for name in sorted(found):
        left.setdefault(read.filters[name].task, []).append(read.filters[name])
    picked: list[Filter] = []
    while left and len(picked) < count:
        for task in random.sample(sorted(left), len(left)):
            picked.append(left[task].pop(random.randrange(len(left[task]))))
        left = {task: filters for task, filters in left.items() if filters}
    return picked[:count]


def _hues_offered(made: Filter, small: Pixels, read: Templates) -> Offer:
    name = made.needs.hue_of
    if name is None:
        return {}
    parameter = made.parameters[name]
    assert isinstance(parameter, FromLexicon), name
    options = parameter.only or list(read.colors)
    return {
        name: [option for option in options if _has_hue(small, list(read.colors[option].rgb), made.needs)]
    }


def _has_hue(small: Pixels, rgb: list[int], needs: Needs) -> bool:
    """Whether enough of a picture has a hue, and most of what has it has it strongly."""
    strong = float(hue_weight(small, rgb).mean()) / 255
    # Else the edit would cut through the pale parts of the same things.
    return strong >= needs.hue_share and strong >= _STRONG * hue_share(small, rgb)


def _languages_lacking(made: Filter, languages: Sequence[Language]) -> int:
    """Number of languages that a filter needs, where that is more than there are; else 0."""
    needed = sum(parameter.kind == "language" for parameter in made.parameters.values())
    return needed if needed > len(languages) else 0
