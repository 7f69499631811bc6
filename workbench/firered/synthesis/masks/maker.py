"""Makers that work on one mask of a scene: what they share, so that each is two functions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from firered.synthesis.control_presets import Preset, digest, of_maker
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Region, Wish
from firered.synthesis.masks import prior, shape, stitch
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.masks.surroundings import adjoining
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures

Draw = Callable[[Preset, Target, Scene, Random], Iterable[Wish]]
Work = Callable[[Given, Wish, Pixels, int, "Pictures"], Made]

TARGETS = 2  # masks of a scene for which a preset offers something


@dataclass(frozen=True)
class MaskMaker:
    """A maker by presets: `draw` offers wishes for a mask, `work` makes one."""

    name: str
    draw: Draw
    work: Work
    version: int = 1
    strategy: Strategy = "control"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Digest of its presets."""
        return digest(self.name)

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """Wishes for the scene's masks that its presets allow."""
        found: list[Wish] = []
        for preset in of_maker(self.name):
            for target in list(prior.targets(scene, preset))[:TARGETS]:
                found += self.draw(preset, target, scene, random)
        return found

    def make(self, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
        """Make a wish; what the mask does not cover is put back bit for bit. Raises ValueError where it cannot."""
        given = prior.given(wish, source, pictures)
        refuse("soft part of the matte", given.doubt, given.preset.limits.soft)
        refuse("broadest soft part of the matte", given.vague, given.preset.limits.vague)
        if given.preset.limits.adjoining is not None:
            share = adjoining(source, given.mask)
            refuse("part of the rim where something adjoins", share, given.preset.limits.adjoining)
        made = self.work(given, wish, source, seed, pictures)
        if made.mask is None or not given.preset.paste_back:
            return replace(made, mask=None, truth={**made.truth, "paste_back": False})
        target = stitch.pasted_back(source, made.target, made.mask)
        if not (target != source).any():
            raise ValueError("nothing changed")
        return replace(made, target=target, truth={**made.truth, "paste_back": True})


def region(mask: shape.Mask) -> dict[str, object]:
    """A mask as the truth stores it."""
    return Region.of(mask).model_dump()


def refuse(name: str, value: float, most: float | None) -> None:
    """Raise ValueError where a measured number is over its limit."""
    if most is not None and value > most:
        raise ValueError(f"{name} {value:.3g}, {most:g} allowed")


def refuse_less(name: str, value: float, least: float | None) -> None:
    """Raise ValueError where a measured number is under its limit."""
    if least is not None and value < least:
        raise ValueError(f"{name} {value:.3g}, {least:g} needed")
