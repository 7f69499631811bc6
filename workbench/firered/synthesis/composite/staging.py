"""Staging: which stamp stands where in a photograph, chosen from what was offered and what the picture has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from firered.synthesis.composite import actors, cutouts, ground, light
from firered.synthesis.composite.actors import Actor, Drawn
from firered.synthesis.composite.cutouts import Cutout, Word
from firered.synthesis.composite.ground import Box, Ground, Spot
from firered.synthesis.composite.light import Light
from firered.synthesis.making import Said
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Player = tuple[str, str, Word, Cutout]  # kind of ground, path, word and cut-out of a thing
PLACES = ("grass", "bare", "sky", "surface")
LOOKED = "ground"  # kind of the mask that says that a photograph was searched for places
# On bare ground stands what stands on grass, but no grazer and no dustbin.
STAND = {"bare": "grass"}
STANDING = ("grass", "bare")  # a thing there is as high as its distance says
ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
LEFT, RIGHT = 0.38, 0.62
SURE = 0.3  # score of a detection that is kept clear
WHOLE = 0.6  # share of the picture; a mask that large is no obstacle but the picture itself
# English and Chinese, by the kind of ground and the side.
SIDES: dict[str, tuple[str, str]] = {
    "left": ("left", "左侧"),
    "middle": ("middle", "中间"),
    "right": ("right", "右侧"),
}
WORDS: dict[str, tuple[str, str]] = {
    "sky": ("in the sky {side}", "{side}的天空中"),
    "grass": ("on the grass {side}", "{side}的草地上"),
    "bare": ("on the ground {side}", "{side}的地面上"),
    "surface": ("{side} of the picture", "画面{side}"),
}


@dataclass(frozen=True)
class Stage:
    """A photograph, its ground and light, and the stamp that plays on it."""

    pixels: "Pixels"
    ground: Ground
    light: Light
    path: str
    word: Word
    cutout: Cutout
    where: str
    seed: int
    avoid: tuple[Box, ...]

    def spots(self, random: Random, *, taken: Sequence[Box] = (), metres: float | None = None) -> list[Spot]:
        """Places for the stamp, the lowest number of obstacles in the way."""
        high = metres or self.word.metres
        return ground.spots(self.ground, self.where, high, self.cutout.aspect, [*self.avoid, *taken], random)

    def actor(self, spot: Spot, random: Random) -> Actor:
        """The stamp at a spot."""
        return Actor(self.cutout, spot, self.where, lean=random.uniform(-0.3, 0.3))

    def draw(self, actor: Actor, onto: "Pixels | None" = None) -> Drawn:
        """Lay an actor on the photograph, or on what was already drawn."""
        return actors.draw(self.pixels if onto is None else onto, actor, self.light, self.seed)

    def box(self, spot: Spot) -> Box:
        """Box of the stamp at a spot, 0..1."""
        height, width = self.pixels.shape[:2]
        return ground.box_of(spot, spot.height * self.cutout.aspect * height / width)

    def recast(self, path: str) -> "Stage":
        """Same stage, another stamp."""
        return replace(self, path=path, word=cutouts.words()[path], cutout=cutouts.stamp(path))


def candidates(scene: Scene, random: Random, kinds: Sequence[str] = ()) -> dict[str, list[str]]:
    """Three stamps for each kind of ground that may be there, of some kinds of thing or of all, in a random order."""
    found = {}
    # Behind an animal there is no table, however plain it looks.
    wild = any(each.label in ANIMALS and each.score >= SURE for each in scene.objects)
    for where in places(scene):
        if wild and where == "surface":
            continue
        fitting = [path for path, word in cutouts.words().items() if stands(word, where)]
        fitting = [path for path in fitting if not kinds or cutouts.words()[path].kind in kinds]
        if fitting:
            found[where] = random.sample(fitting, min(3, len(fitting)))
    return found


def places(scene: Scene) -> list[str]:
    """Kinds of ground that a photograph has, as far as is known; all where nobody looked."""
    known = {mask.kind for mask in scene.masks if mask.kind in (*PLACES, LOOKED)}
    return [where for where in PLACES if where in known or not known]


def stands(word: Word, where: str) -> bool:
    """Whether a thing may stand on a kind of ground."""
    odd = where == "bare" and ("grazing" in word.en or word.kind == "thing_outside")
    return word.where == STAND.get(where, where) and not odd


def obstacles(scene: Scene) -> list[list[float]]:
    """Boxes that nothing may be put on: faces, objects, lines of text, masks that are not the whole picture."""
    boxes = [face.box for face in scene.faces] + [text.box for text in scene.texts]
    boxes += [each.box for each in scene.objects if each.score >= SURE and each.box.area < WHOLE]
    things = (mask for mask in scene.masks if mask.kind not in (*PLACES, LOOKED))
    boxes += [mask.box for mask in things if mask.area < WHOLE and mask.box.area < WHOLE]
    return [[round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)] for box in boxes]


def stage(pixels: "Pixels", control: dict[str, Any], seed: int) -> tuple[Stage, Spot, Random]:
    """Choose a stamp of the wish's candidates and a spot; raises ValueError where the photograph has no place."""
    random, seen = Random(seed), Ground(pixels)
    offered = _order(control["stamps"], seen, random)
    players = ((where, path, cutouts.words()[path], cutouts.stamp(path)) for where, path in offered)
    return *_first_fit(pixels, seen, players, control, seed, random), random


def stage_for(
    pixels: "Pixels", word: Word, cutout: Cutout, control: dict[str, Any], seed: int
) -> tuple[Stage, Spot, Random]:
    """A stage for one thing, cut out of anywhere; raises ValueError where the photograph has no place for it."""
    random, seen = Random(seed), Ground(pixels)
    there = [where for where in PLACES if stands(word, where) and where in seen.habitats()]
    players = ((where, "", word, cutout) for where in there)
    return *_first_fit(pixels, seen, players, control, seed, random), random


def _first_fit(
    pixels: "Pixels",
    seen: Ground,
    players: Iterable[Player],
    control: dict[str, Any],
    seed: int,
    random: Random,
) -> tuple[Stage, Spot]:
    avoid = tuple((box[0], box[1], box[2], box[3]) for box in control.get("avoid", ()))
    for where, path, word, cutout in players:
        mood = light.light(pixels, getattr(seen, where))
        made = Stage(pixels, seen, mood, path, word, cutout, where, seed, avoid)
        places = [spot for spot in made.spots(random) if _is_sharp(made, spot)]
        if places:
            return made, places[0]
    raise ValueError("no sky, lawn or plain surface with room for it")


def _is_sharp(made: Stage, spot: Spot) -> bool:
    high = spot.height * made.pixels.shape[0]
    return bool(24 <= high <= cutouts.MOST_ENLARGED * made.cutout.alpha.shape[0])


def _order(offered: dict[str, list[str]], seen: Ground, random: Random) -> Iterator[tuple[str, str]]:
    """Kinds of ground that the picture has, in a random order, with their stamps."""
    there = [where for where in PLACES if where in offered and where in seen.habitats()]
    random.shuffle(there)
    for where in there:
        for path in offered[where]:
            yield where, path


def place(where: str, spot: Spot) -> Said:
    """Where something stands: 'in the sky on the left', '左侧的天空中'."""
    side = "left" if spot.x < LEFT else "right" if spot.x > RIGHT else "middle"
    english, chinese = SIDES[side]
    said = f"in the {english}" if side == "middle" else f"on the {english}"
    return Said(en=WORDS[where][0].format(side=said), zh=WORDS[where][1].format(side=chinese), value=side)
