"""A compound edit done: one step after another, each stored and judged before the next, with a stop rule."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firered.rows import Image
from firered.synthesis.making import Region
from firered.synthesis.scene import mask_of
from firered.synthesis.steps import Done, Step, do, judged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures
    from firered.synthesis.makers import Maker
    from firered.synthesis.produce import Saving

    Pixels = NDArray[np.uint8]

# Share of an earlier step's region that a later one may touch.
TOUCHED = 0.1


@dataclass(frozen=True)
class Rule:
    """When a chain stops: a step that is not followed, or that spoils the rest."""

    followed: float
    kept: float


@dataclass(frozen=True)
class Link:
    """A step that was done and passed: what came before and after it."""

    done: Done
    source: Image
    target: Image
    parameters: str
    followed: float
    kept: float
    seconds: float


@dataclass
class Chain:
    """Links so far, and why there are no more."""

    links: list[Link] = field(default_factory=list)
    stopped: str = ""

    @property
    def target(self) -> Image:
        """The last picture."""
        return self.links[-1].target

    def truth(self) -> dict[str, Any]:
        """Regions and truth of the steps, as the check of the whole takes them."""
        from firered.synthesis.primitives import primitive

        steps = []
        for link in self.links:
            wish = link.done.step.wish
            steps.append(
                {
                    "name": link.done.step.name,
                    "property": primitive(wish.primitive).measure.property if wish else "filter",
                    "mask": link.done.region.model_dump() if link.done.region else None,
                    "truth": link.done.truth,
                    "values": {
                        name: said.value for name, said in wish.slots.items() if said.value is not None
                    }
                    if wish
                    else {},
                    "followed": round(link.followed, 4),
                    "kept": round(link.kept, 4),
                }
            )
        return {"steps": steps} | ({"stopped": self.stopped} if self.stopped else {})


def run(
    steps: Sequence[Step],
    start: Image,
    rule: Rule,
    pictures: "Pictures",
    saving: "Saving",
    configure: "Callable[[Maker], Maker]",
) -> Chain:
    """Do the steps until one does not pass; the pictures between are stored."""
    chain = Chain()
    image = start
    for number, step in enumerate(steps, 1):
        before = pictures.pixels(image.sha256)
        started = time.monotonic()
        try:
            done = do(step, before, pictures, saving, configure)
        except ValueError as error:
            chain.stopped = f"step {number} ({step.name}): {error}"
            return chain
        spoilt = next((link for link in chain.links if _touches(done.region, link.done.region, before)), None)
        if spoilt:
            chain.stopped = f"step {number} ({step.name}): covers what {spoilt.done.step.name} changed"
            return chain
        target = saving.save(done.target, "split", start.licence, pictures)
        parameters = done.parameters(image.sha256)
        followed, kept = judged(parameters, before, pictures.pixels(target.sha256), pictures)
        if followed < rule.followed or kept < rule.kept:
            chain.stopped = f"step {number} ({step.name}): followed {followed:.2f}, kept {kept:.2f}"
            return chain
        seconds = time.monotonic() - started
        chain.links.append(Link(done, image, target, parameters, followed, kept, seconds))
        image = target
    return chain


def at_once(
    steps: Sequence[Step],
    pixels: "Pixels",
    pictures: "Pictures",
    saving: "Saving",
    configure: "Callable[[Maker], Maker]",
) -> "Pixels":
    """The same steps without storing and judging in between."""
    for step in steps:
        pixels = do(step, pixels, pictures, saving, configure).target
    return pixels


def _touches(later: Region | None, earlier: Region | None, pixels: "Pixels") -> bool:
    """Whether a local change lies on an earlier local one; changes of the whole picture may follow anything."""
    if later is None or earlier is None:
        return False
    height, width = pixels.shape[:2]
    first, second = mask_of(earlier, height, width), mask_of(later, height, width)
    if second.mean() > 0.9:
        return False
    return bool((first & second).sum() > TOUCHED * max(1, first.sum()))
