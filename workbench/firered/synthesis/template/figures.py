"""Figures: things of the reference pictures Fig 2 .. Fig n are put into the photograph, which is Fig 1."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from firered.synthesis.composite import cutouts, ground, staging
from firered.synthesis.composite.ground import Spot
from firered.synthesis.composite.staging import Stage
from firered.synthesis.composite.stamper import Stamper
from firered.synthesis.makers import Made
from firered.synthesis.making import Other, Region, Said, Wish
from firered.synthesis.masks import matte, prior
from firered.synthesis.scene import Box, Scene, SceneMask, SceneOther

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]

COUNTS = {"compose_one_figure": 1, "compose_two_figures": 2, "compose_three_figures": 3}
SURE, SAME = 0.4, 0.6  # score of a detection, and overlap from which on it is what a mask covers
SIDE = 384  # pixels of a reference
LARGEST_DOUBT = 0.25  # share of a matte that is neither in nor out
WORDS = ("first", "second", "third")


@dataclass(frozen=True)
class Figures(Stamper):
    """Composition of a photograph and one to three references, in the order of their numbers."""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish for each number of references."""
        if min(scene.width, scene.height) < 128:
            return []
        avoid = staging.obstacles(scene)
        wishes = [_wish(primitive, scene, avoid, random) for primitive in COUNTS]
        cut = [
            _cut_wish(other, mask, label, avoid)
            for other, mask, label in _known_things(scene)
            if any(staging.stands(cutouts.things()[label], where) for where in staging.places(scene))
        ]
        wishes = [wish for wish in wishes if wish.control["stamps"]]
        return [*wishes, *random.sample(cut, min(1, len(cut)))]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where the photograph has too little room."""
        if "thing" in wish.others:
            return _from_photograph(wish, source, seed, pictures)
        made, spot, random = staging.stage(source, wish.control, seed)
        cast = _cast(made, spot, COUNTS[wish.primitive], random)
        pixels, touched = source, None
        truths: list[dict[str, Any]] = []
        slots: dict[str, Said] = {}
        for number, (stage, place) in enumerate(cast):
            drawn = stage.draw(stage.actor(place, random), pixels)
            pixels = drawn.pixels
            touched = drawn.touched if touched is None else touched | drawn.touched
            figure = number + 2
            truths.append(
                {"figure": figure, "box": drawn.box, "stamp": stage.path, "object": drawn.region.model_dump()}
            )
            slots |= _said(WORDS[number], stage, place, figure)
        references = [cutouts.on_plain(stage.cutout, SIDE, SIDE) for stage, _ in cast]
        truth: dict[str, Any] = {"figures": truths}
        return Made(pixels, references=references, mask=touched, truth=truth, slots=slots)


def _wish(primitive: str, scene: Scene, avoid: list[list[float]], random: Random) -> Wish:
    slots: dict[str, Said] = {}
    for number in range(COUNTS[primitive]):
        figure = number + 2
        slots |= {
            WORDS[number]: Said(en="thing", zh="东西"),
            f"{WORDS[number]}_figure": _figure(figure),
            f"{WORDS[number]}_place": Said(en="somewhere in the picture", zh="画面中"),
        }
    return Wish(
        primitive=primitive,
        slots=slots,
        control={"stamps": staging.candidates(scene, random), "avoid": avoid},
    )


# --- things of other photographs ------------------------------------------------------------------


def _known_things(scene: Scene) -> Iterator[tuple[SceneOther, SceneMask, str]]:
    """Things of other photographs that are whole, have a matte, and can be named."""
    for other in scene.others:
        for mask in prior.whole_things(other):
            label = _label(mask, other)
            if label in cutouts.things():
                yield other, mask, label


def _label(mask: SceneMask, other: SceneOther) -> str:
    """Class of the detected thing of the same extent as a mask, '' where there is none."""
    sure = (found for found in other.objects if found.score >= SURE)
    same = [found for found in sure if _overlap(found.box, mask.box) >= SAME]
    return mask.label or (max(same, key=lambda found: found.score).label if same else "")


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(wide, 0.0) * max(high, 0.0)
    return shared / max(one.area + other.area - shared, 1e-9)


def _cut_wish(other: SceneOther, mask: SceneMask, label: str, avoid: list[list[float]]) -> Wish:
    control = {"region": mask.region.model_dump(), "matte": mask.matte, "label": label, "avoid": avoid}
    slots = {
        "first": cutouts.things()[label].one,
        "first_figure": _figure(2),
        "first_place": Said(en="somewhere in the picture", zh="画面中"),
    }
    others = {"thing": Other(image_id=other.image_id, sha256=other.sha256)}
    return Wish(primitive="compose_one_figure", slots=slots, control=control, others=others)


def _from_photograph(wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
    """The thing of another photograph, which is the reference, in this one."""
    reference = pictures.scaled(wish.others["thing"].sha256, 2 * SIDE)
    region = Region.model_validate(wish.control["region"])
    raw = prior.read_alpha(region, wish.control["matte"], reference.shape[:2], pictures)
    if (doubt := matte.doubt(raw)) > LARGEST_DOUBT:
        raise ValueError(f"the matte of the thing is vague: {doubt:.2f}, {LARGEST_DOUBT} allowed")
    alpha = np.asarray(matte.cleaned(raw), np.float32)
    cutout = cutouts.trimmed(matte.foreground(reference, alpha), alpha)
    word = cutouts.things()[wish.control["label"]]
    stage, spot, random = staging.stage_for(source, word, cutout, wish.control, seed)
    drawn = stage.draw(stage.actor(spot, random))
    truth = {"figures": [{"figure": 2, "box": drawn.box, "object": drawn.region.model_dump()}]}
    slots = _said(WORDS[0], stage, spot, 2)
    return Made(drawn.pixels, references=[reference], mask=drawn.touched, truth=truth, slots=slots)


def _figure(number: int) -> Said:
    return Said(en=f"Fig {number}", zh=f"图{number}", value=number)


def _said(word: str, stage: Stage, spot: Spot, figure: int) -> dict[str, Said]:
    place = staging.place(stage.where, spot)
    return {word: stage.word.one, f"{word}_figure": _figure(figure), f"{word}_place": place}


def _cast(first: Stage, spot: Spot, count: int, random: Random) -> list[tuple[Stage, Spot]]:
    """Different stamps of one kind of ground, each with its own room; raises ValueError where there is too little."""
    cast, taken = [(first, spot)], [first.box(spot)]
    paths = [path for path, word in cutouts.words().items() if staging.stands(word, first.where)]
    random.shuffle(paths)
    for path in paths:
        if len(cast) == count:
            break
        if _known(path, cast):
            continue
        stage = first.recast(path)
        found = _room(stage, first, spot, taken, random)
        if found is not None:
            cast.append((stage, found))
            taken.append(stage.box(found))
    if len(cast) < count:
        raise ValueError(f"room for {len(cast)} things, {count} asked")
    # The farther one is drawn first, so that the nearer one stands before it.
    return sorted(cast, key=lambda each: each[1].y)


def _known(path: str, cast: list[tuple[Stage, Spot]]) -> bool:
    words = cutouts.words()
    return any(words[path].en == stage.word.en or path == stage.path for stage, _ in cast)


def _room(stage: Stage, first: Stage, spot: Spot, taken: list[ground.Box], random: Random) -> Spot | None:
    """A place for another thing, not far smaller or larger than the first; None where there is none."""
    for found in stage.spots(random, taken=taken):
        fitting = found if stage.where in staging.STANDING else replace(found, height=spot.height)
        box = stage.box(fitting)
        high = fitting.height * stage.pixels.shape[0]
        sharp = 24 <= high <= cutouts.MOST_ENLARGED * stage.cutout.alpha.shape[0]
        if 0.3 <= fitting.height / spot.height <= 3 and min(box) > 0 and max(box) < 1 and sharp:
            return fitting
    return None


MAKER = Figures("figures")
