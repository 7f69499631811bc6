"""Makers: whatever turns a wish into pixels. One protocol; each maker is a file, or an expert's card."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Protocol

from firered.errors import TemplateError
from firered.synthesis.making import Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]
    Binary = NDArray[np.bool_]

Strategy = Literal["expert", "control", "template"]
GROUP = "firered.makers"  # entry points of packages that bring makers


@dataclass(frozen=True)
class Made:
    """What a maker made of a wish.

    Outside of `mask` the target must be bit-equal to the source before encoding; None: it may differ anywhere.
    `truth` is JSON with coordinates 0..1; each of `pictures` (a clean copy, a depth map) is stored without loss
    and its sha256 put into `truth`; `slots` replace those of the wish.
    """

    target: "Pixels"
    source: "Pixels | None" = None
    references: "Sequence[Pixels]" = ()
    mask: "Binary | None" = None
    truth: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, Said] = field(default_factory=dict)
    pictures: "Mapping[str, Pixels]" = field(default_factory=dict)


class Maker(Protocol):
    """Offers wishes for a scene, and makes them; equal wish, source and seed give equal bytes on a CPU."""

    name: str
    version: int
    strategy: Strategy
    needs: tuple[str, ...]  # names in the registry of models and data that must be installed

    @property
    def revision(self) -> str:
        """Digest of the weights and data, '' where there are none."""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """What could be made of a scene, without a look at pixels; [] where nothing."""

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it of the source's pixels (H, W, 3); raises ValueError with the reason where it cannot."""


@cache
def names() -> dict[str, str]:
    """Makers by name with the module behind each, ours and those of installed packages; imports none of them.

    Raises TemplateError where two have one name.
    """
    found: dict[str, str] = {}
    for strategy in ("control", "template"):
        folder = Path(__file__).parent / strategy
        for module in pkgutil.iter_modules([str(folder)]):
            found[module.name] = f"firered.synthesis.{strategy}.{module.name}"
    for point in entry_points(group=GROUP):
        if found.setdefault(point.name, point.value) != point.value:
            raise TemplateError(
                f"maker {point.name!r}: is there twice, as {found[point.name]} and {point.value} (remove one package)"
            )
    return found


def load(name: str) -> Maker:
    """The maker of a name; raises TemplateError for an unknown name."""
    from firered.synthesis import experts

    if name in names():
        made: Maker = importlib.import_module(names()[name]).MAKER
        return made
    if name in experts.cards():
        return experts.maker(name)
    raise TemplateError(f"no maker {name!r} (one of: {', '.join(sorted(all_names()))})")


def all_names() -> list[str]:
    """Names of all makers: files, then experts' cards; raises TemplateError where a card takes a maker's name."""
    from firered.synthesis import experts

    cards = sorted(experts.cards())
    for name in cards:
        if name in names():
            raise TemplateError(
                f"expert {name!r}: is the name of the maker {names()[name]} (rename the card)"
            )
    return [*sorted(names()), *cards]


def missing(maker: Maker) -> list[str]:
    """What must be installed before a maker works: the commands, [] where it is ready."""
    from firered.models import registry

    entries = (registry.entry(need) for need in maker.needs)
    return registry.commands([entry for entry in entries if registry.state(entry) == "missing"])
