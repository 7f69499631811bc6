"""Makers for the comparison of synth.py: pairs per CPU-second on scenes, and pictures per minute of the renderer."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from firered.operator import load
from firered.pictures import Pictures, decode, encode, encode_jpeg
from firered.rows import Detection, FaceShape, KeptPhoto, Mask, Pose, Row
from firered.store import BlobStore
from firered.synthesis import makers
from firered.synthesis.makers import Made, Maker
from firered.synthesis.making import Wish
from firered.synthesis.rig import shots, still
from firered.synthesis.scene import Scene, SceneFace, SceneMask, SceneObject, SceneOther, ScenePose
from firered.synthesis.template import thing
from harness import cpu_seconds

PERCEPTION = ("places", "masks", "objects", "face_shapes", "poses")
EXPERTS = ("styles_named", "styles_like", "realesrgan_x2")  # the cheap ones of those that are embedded
STEPS = ("decode", "make", "encode", "failed")
EDGES = ("left", "top", "right", "bottom")
SEEN: dict[type[Row], tuple[str, Any]] = {
    Mask: ("masks", SceneMask),
    Detection: ("objects", SceneObject),
    FaceShape: ("faces", SceneFace),
    Pose: ("poses", ScenePose),
}


def by_maker(
    photos: Sequence[KeptPhoto], store: BlobStore, count: int, wishes: int
) -> dict[str, dict[str, Any]]:
    """Pairs per CPU-second of each maker, wishes that came to nothing included.

    The codec's share is that of decoding the source and of encoding what was made; other photographs that a maker
    opens count as its own work.
    """
    named = [makers.load(name) for name in (*sorted(makers.names()), *EXPERTS)]
    ready = [maker for maker in named if not makers.missing(maker)]
    scenes = covering(scenes_of(photos, Pictures(store)), ready, count)
    return {maker.name: tried(maker, scenes, wishes, store).line() for maker in ready}


def covering(scenes: Sequence[Scene], ready: Sequence[Maker], count: int) -> list[Scene]:
    """A few scenes, each time the one that has most for the makers that had least (perception is not timed)."""
    offered = [{maker.name for maker in ready if maker.offers(scene, random.Random(0))} for scene in scenes]
    seen: Counter[str] = Counter()
    chosen: list[Scene] = []
    left = list(range(len(scenes)))
    while left and len(chosen) < count:
        best = max(left, key=lambda number: sum(1 / (1 + seen[name]) ** 2 for name in offered[number]))
        seen.update(offered[best])
        chosen.append(scenes[best])
        left.remove(best)
    return chosen


def scenes_of(photos: Sequence[KeptPhoto], pictures: Pictures) -> list[Scene]:
    """What perception finds in photographs, each with the others."""
    found: dict[int, list[Row]] = {photo.image_id: [] for photo in photos}
    for operator in map(load, PERCEPTION):
        operator.setup()
        for photo in photos:
            found[photo.image_id] += next(iter(operator([photo], pictures)))
    plain = [scene_of(photo, found[photo.image_id]) for photo in photos]
    return [
        scene.model_copy(update={"others": [other_of(each) for each in plain if each is not scene]})
        for scene in plain
    ]


def scene_of(photo: KeptPhoto, rows: Iterable[Row]) -> Scene:
    """Scene of a photograph from the rows about it, the surest first."""
    lists: dict[str, list[Any]] = {name: [] for name, _ in SEEN.values()}
    for row in rows:
        name, kind = SEEN[type(row)]
        values = vars(row) | {"box": {edge: vars(row).get(edge) for edge in EDGES}}
        lists[name].append(kind(**{key: values[key] for key in kind.model_fields}))
    ordered = {name: sorted(each, key=lambda one: -one.score) for name, each in lists.items()}
    plain = Scene(image_id=photo.image_id, sha256=photo.sha256, width=photo.width, height=photo.height)
    return plain.model_copy(update=ordered)


def other_of(scene: Scene) -> SceneOther:
    """A scene as others see it."""
    return SceneOther(**{key: getattr(scene, key) for key in SceneOther.model_fields})


@dataclass
class Tried:
    """CPU seconds and counts of a maker's wishes."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # reasons without their numbers

    def line(self) -> dict[str, Any]:
        """Figures of the table, failures included; `ms` is of all wishes together where none became a pair."""
        whole = sum(self.seconds.values())
        good = self.counts["pairs"]
        return {
            "offered": self.counts["offered"],
            "asked": self.counts["asked"],
            "pairs": good,
            "ms": 1000 * whole / max(good, 1),
            "pairs_per_cpu_s": good / max(whole, 1e-9),
            "codec_share": (self.seconds["decode"] + self.seconds["encode"]) / max(whole, 1e-9),
            "failing_share": self.seconds["failed"] / max(whole, 1e-9),
            "refusals": dict(self.refusals.most_common(3)),
        }


def tried(maker: Maker, scenes: Sequence[Scene], wishes: int, store: BlobStore) -> Tried:
    """Time a few wishes of each scene; the first one is made once before, so that models are loaded."""
    found = Tried()
    for number, scene in enumerate(scenes):
        offered = maker.offers(scene, random.Random(number))
        asked = random.Random(number).sample(offered, min(wishes, len(offered)))
        found.counts.update(offered=len(offered), asked=len(asked))
        for wish in asked:
            if not any(found.seconds.values()):
                timed(maker, wish, scene, store, Tried())
            timed(maker, wish, scene, store, found)
    return found


def timed(maker: Maker, wish: Wish, scene: Scene, store: BlobStore, found: Tried) -> None:
    """Decode, make, and encode all pictures of one pair."""
    pictures, marks = Pictures(store), [cpu_seconds()]
    source = pictures.pixels(scene.sha256)
    marks.append(cpu_seconds())
    try:
        made = maker.make(wish, source, 1, pictures)
    except ValueError as refusal:
        found.refusals[re.sub(r"[0-9.]+", "#", str(refusal))] += 1
        found.seconds["decode"] += marks[1] - marks[0]
        found.seconds["failed"] += cpu_seconds() - marks[1]
        return
    marks.append(cpu_seconds())
    stored(made)
    marks.append(cpu_seconds())
    for step, spent in zip(STEPS, np.diff(marks), strict=False):
        found.seconds[step] += float(spent)
    found.counts.update(pairs=1)


def stored(made: Made) -> None:
    """Encode whatever a pair's maker hands over."""
    for pixels in (made.target, *(() if made.source is None else (made.source,)), *made.references):
        encode_jpeg(pixels)
    for pixels in made.pictures.values():
        encode(pixels, codec="png")


def by_render(sources: list[bytes]) -> dict[str, dict[str, float]]:
    """Pictures per CPU-minute of the renderer: a person in each framing, and things."""
    pixels = [decode(data) for data in sources]
    ways: dict[str, Callable[[int], Any]] = {
        f"person, {framing}": partial(rendered_person, framing, pixels) for framing in shots.FRAMINGS
    }
    ways["thing"] = partial(rendered_thing, pixels)
    found = {}
    for name, way in ways.items():
        way(0)  # loads the body
        began = cpu_seconds()
        for number in range(len(pixels)):
            way(number)
        seconds = (cpu_seconds() - began) / len(pixels)
        found[name] = {"ms": 1000 * seconds, "renders_per_cpu_minute": 60 / seconds}
    return found


def rendered_person(framing: str, pixels: Sequence[Any], number: int) -> Any:
    """A person before a photograph."""
    return shots.take(shots.first_shot(number, framing, pixels[number]), pixels[number])


def rendered_thing(pixels: Sequence[Any], number: int) -> Any:
    """A thing on a studio floor, another one for each number."""
    words = thing.lexicon()
    name, material = (sorted(words[part])[number % len(words[part])] for part in ("things", "materials"))
    return still.take(still.first_still(number, name, material, pixels[number]))
