"""Cards of experts: what an editing model can do, what it costs, and how it is asked. One file an expert.

They lie in `templates/experts/`, in the folder `experts` of the user's data, and in the folders that the
environment variable FIRERED_EXPERTS names.
"""

import os
import string
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from firered.errors import ModelError, TemplateError
from firered.models import editor, registry
from firered.models.settings import checked
from firered.paths import data_home, shipped
from firered.synthesis import damage
from firered.synthesis.making import Said
from firered.synthesis.primitives import primitives
from firered.templating.filters import Language, Strict, read_yaml

if TYPE_CHECKING:
    from firered.synthesis.makers import Maker

Chance = float  # 0..1
# What is known of an editor's settings before it is loaded, by the kind of its spec.
SETTINGS = {
    "http": "firered.models.editors.endpoint:EndpointSettings",
    "https": "firered.models.editors.endpoint:EndpointSettings",
    "comfyui+http": "firered.models.editors.comfyui:ComfySettings",
    "comfyui+https": "firered.models.editors.comfyui:ComfySettings",
    "hf": "firered.models.editors.assembly:PipelineSettings",
}
VARIABLE = "FIRERED_EXPERTS"  # names further folders of cards, as PATH does


class Limits(Strict):
    """Pictures that an expert takes; sides in pixels."""

    min_side: int = Field(default=64, ge=1)
    max_side: int = Field(default=2048, ge=1)
    multiple: int = Field(default=1, ge=1)  # of which both sides must be one
    languages: list[Language] = ["en", "zh"]  # that its instructions may be in


class Seconds(Strict):
    """Time of a pair whose longer side is 512 pixels, as measured; None where it was not."""

    cpu: float | None = None
    gpu: float | None = None


class Prompt(Strict):
    """How an expert is spoken to."""

    language: Language = "en"
    text: str = "{instruction}"
    negative: str = ""


class Damage(Strict):
    """A filter that the photograph is sent through first; numbers given as [low, high] are drawn between."""

    function: str
    values: dict[str, Any] = {}


class StyleName(Strict):
    """A style that is known by a number, and by what one sees."""

    index: int
    en: str
    zh: str
    clear: bool = True  # enough of the picture is left to know it again


class Card(Strict):
    """An expert: an editor, and for which primitives it is good."""

    name: str
    version: int = 1  # raised when its results change
    editor: str  # spec
    settings: dict[str, Any] = {}
    primitives: dict[str, Chance] = Field(
        min_length=1
    )  # with the share of pairs that is expected to be accepted
    slots: dict[str, Said] = {}  # what is always the same for this expert, such as its factor
    needs: list[str] = []  # names in the registry of models
    limits: Limits = Limits()
    batch: int = Field(default=1, ge=1)  # pairs that are made at a time
    seconds: Seconds = Seconds()
    money: float = Field(default=0.0, ge=0)  # for a pair
    licence: str
    prompt: Prompt | None = None  # None: the plain instruction; nothing for an embedded network
    degrade: list[Damage] = []  # the photograph, damaged, becomes the source, and is itself the clean truth
    reference: Literal["none", "plain", "styled"] = (
        "none"  # Fig 2: another photograph, as it is or in the style
    )
    faces: bool = True  # whether it may be given photographs with small faces
    texts: bool = True  # whether it may be given photographs with lettering

    @property
    def spoken(self) -> Prompt | None:
        """How it is spoken to: as its card says, else the plain instruction; None for networks without words."""
        silent = self.prompt is None and editor.kind_of(self.editor) == "embedded"
        return None if silent else self.prompt or Prompt()


def cards(folder: Path | None = None) -> dict[str, Card]:
    """Read and check all cards, the user's own too, or those of one templates folder; raises TemplateError."""
    roots = folders() if folder is None else [folder / "experts"]
    return _read(tuple(path for root in roots for path in sorted(root.glob("*.yaml"))))


def folders() -> list[Path]:
    """Folders of cards: shipped, the user's, and those of FIRERED_EXPERTS; raises TemplateError for a missing one."""
    named = [Path(each).expanduser() for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]
    for each in named:
        if not each.is_dir():
            raise TemplateError(f"{VARIABLE}: no folder {str(each)!r} (make it, or take it out)")
    found = [shipped("templates") / "experts", data_home() / "experts", *named]
    return list({each.resolve(): each for each in found}.values())


def card(name: str) -> Card:
    """The card of a name; raises TemplateError that lists the names."""
    known = cards()
    if name not in known:
        raise TemplateError(f"no expert {name!r} (one of: {', '.join(known)})")
    return known[name]


def maker(name: str) -> "Maker":
    """The maker of a card; raises TemplateError that lists the names."""
    from firered.synthesis.expert import Expert

    return Expert(card(name))


@cache
def _read(paths: tuple[Path, ...]) -> dict[str, Card]:
    first: dict[str, Path] = {}
    found: dict[str, Card] = {}
    for path in paths:
        if path.stem in first:
            raise TemplateError(
                f"{path}: expert {path.stem!r} is there already, in {first[path.stem]} (rename one)"
            )
        first[path.stem] = path
        found[path.stem] = read_yaml(path, Card)
        for problem in _problems(path.stem, found[path.stem]):
            raise TemplateError(f"{path.parent.name}/{path.name}: {problem}")
    return found


@cache
def styles() -> dict[str, StyleName]:
    """Styles of the lexicon, by name."""
    found: dict[str, StyleName] = read_yaml(
        shipped("templates") / "lexicon" / "styles.yaml", dict[str, StyleName]
    )
    return found


def _problems(stem: str, card: Card) -> Iterator[str]:
    if card.name != stem:
        yield f"name: is {card.name!r} (name it {stem!r}, as the file)"
    try:
        editor.kind_of(card.editor)
        for need in card.needs:
            registry.entry(need)
    except ModelError as error:
        yield f"editor, needs: {error}"
    else:
        yield from _setting_problems(card)
    yield from _primitive_problems(card)
    yield from _prompt_problems(card)
    for place, each in enumerate(card.degrade):
        yield from _damage_problems(f"degrade.{place}", each)


def _setting_problems(card: Card) -> Iterator[str]:
    module, _, kind = SETTINGS.get(editor.kind_of(card.editor), "").partition(":")
    if not module:
        return
    try:
        checked(getattr(import_module(module), kind), card.settings, what="settings")
    except ModelError as error:
        yield str(error)


def _primitive_problems(card: Card) -> Iterator[str]:
    known = primitives()
    for name, chance in card.primitives.items():
        if name not in known:
            yield f"primitives: no primitive {name!r} (one of: {', '.join(known)})"
        if not 0 <= chance <= 1:
            yield f"primitives.{name}: {chance} is no share (0 to 1)"
    taken = {slot for name in card.primitives if name in known for slot in known[name].slots}
    for slot in set(card.slots) - taken:
        yield f"slots: no slot {slot!r} in its primitives (one of: {', '.join(sorted(taken)) or 'none'})"


def _prompt_problems(card: Card) -> Iterator[str]:
    text = card.prompt.text if card.prompt else ""
    try:
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        yield f"prompt.text: {str(error).lower()} (write {{{{ and }}}} for braces)"
        return
    if named - {"instruction"}:
        yield f"prompt.text: no {min(named - {'instruction'})!r} (one of: instruction)"


def _damage_problems(where: str, each: Damage) -> Iterator[str]:
    if each.function not in damage.FUNCTIONS:
        yield f"{where}.function: no damage {each.function!r} (one of: {', '.join(sorted(damage.FUNCTIONS))})"
        return
    wanted = damage.wanted(each.function) - {"seed"}
    if wanted != set(each.values):
        yield f"{where}.values: {each.function!r} takes {', '.join(sorted(wanted))}, not {', '.join(sorted(each.values))}"
