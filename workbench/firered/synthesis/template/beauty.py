"""Beauty: blemishes put on clean skin and taken away again, make-up, whiter teeth, smoother skin, on meshes of faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.paths import shipped
from firered.synthesis.composite import blemishes, cosmetics, light
from firered.synthesis.composite.faces import POINTS, SMALLEST, Face, face_of
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Region, Said, Wish
from firered.synthesis.scene import Scene, SceneFace
from firered.templating.filters import Color, Strict, read_yaml

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

WORKING_SIDE = 512  # pixels of the longer side at which a photograph is edited at least
# Mean distance in CIELAB over what changed, below which nobody sees it; smoothing changes all skin a little.
LEAST_CHANGE, LEAST_SMOOTHED = 1.5, 1.3
SEEN = 0.4  # distance in CIELAB of a pixel that counts as touched


class Makeup(Strict):
    """A kind of make-up and its colours."""

    en: str
    zh: str
    colors: dict[str, Color]


class Blemish(Strict):
    """A kind of blemish: its name when it is there, and when it is to be added."""

    en: str
    zh: str
    some_en: str


class Words(Strict):
    """Names of make-up and blemishes."""

    makeup: dict[str, Makeup]
    blemishes: dict[str, Blemish]


@cache
def words() -> Words:
    """Names of make-up and blemishes; raises TemplateError where the lexicon is wrong."""
    found: Words = read_yaml(shipped("templates") / "lexicon" / "makeup.yaml", Words)
    return found


@dataclass(frozen=True)
class Beauty:
    """Edits of one face, on its skin, lips, lids or teeth alone."""

    name: str = "beauty"
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Nothing is learned here."""
        return ""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """Wishes for one face that is large enough: a blemish, each kind of make-up, teeth, skin."""
        faces = [face for face in scene.faces if len(face.points) == 2 * POINTS and _large(face, scene)]
        if not faces:
            return []
        face = random.choice(faces)
        control = {"points": [round(value, 5) for value in face.points]}
        who = {"who": _who(face, scene.faces)}
        wishes = [_blemished(random.choice(list(blemishes.BLEMISHES)), control, who)]
        wishes += [_made_up(kind, control, who, random) for kind in cosmetics.MAKEUP]
        wishes += [
            Wish(primitive=name, slots=who, control=control) for name in ("beauty_teeth", "beauty_smooth")
        ]
        return wishes

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError for a face that is too small or turned, or where nothing would be seen."""
        face = face_of(source, wish.control["points"])
        planes = _edited(wish, face, seed)
        change = np.sqrt(((planes - face.planes) ** 2).sum(axis=2))
        touched = change > SEEN
        least = LEAST_SMOOTHED if wish.primitive == "beauty_smooth" else LEAST_CHANGE
        if not touched.any() or float(change[touched].mean()) < least:
            raise ValueError("nothing of it would be seen on this face")
        target = source.copy()
        target[touched] = light.rgb(planes)[touched]
        truth = {"object": Region.of(touched).model_dump(), "points": wish.control["points"]}
        truth["kind"] = wish.control.get("kind", wish.primitive)
        return Made(target, mask=touched, truth=truth)


def _edited(wish: Wish, face: Face, seed: int) -> "Floats":
    """CIELAB planes (H, W, 3) of the edited photograph."""
    if wish.primitive == "beauty_add_blemish":
        added = blemishes.BLEMISHES[wish.control["kind"]](face, np.random.default_rng(seed))
        return np.asarray(face.planes + added, np.float32)
    if wish.primitive == "beauty_makeup":
        return cosmetics.MAKEUP[wish.control["kind"]](face, wish.slots["color"].value)
    return cosmetics.whiter_teeth(face) if wish.primitive == "beauty_teeth" else cosmetics.smooth_skin(face)


def _large(face: SceneFace, scene: Scene) -> bool:
    working = min(1.0, WORKING_SIDE / max(scene.width, scene.height))
    return (face.box.right - face.box.left) * scene.width * working >= 0.9 * SMALLEST


def _who(face: SceneFace, faces: Sequence[SceneFace]) -> Said:
    """The person, told apart by the side where there are several."""
    if len(faces) == 1:
        return Said(en="the person", zh="画面中的人")
    order = sorted(faces, key=lambda each: each.box.centre[0])
    place = order.index(face)
    if place == 0:
        return Said(en="the person on the far left", zh="最左边的人", value="left")
    if place == len(order) - 1:
        return Said(en="the person on the far right", zh="最右边的人", value="right")
    ordinals = {1: ("second", "二"), 2: ("third", "三"), 3: ("fourth", "四")}
    english, chinese = ordinals.get(place, (f"{place + 1}th", str(place + 1)))
    return Said(en=f"the {english} person from the left", zh=f"左起第{chinese}个人", value=place)


def _blemished(kind: str, control: Mapping[str, object], who: Mapping[str, Said]) -> Wish:
    said = words().blemishes[kind]
    slots = {"blemish": Said(en=said.some_en, zh=said.zh), "blemishes": Said(en=said.en, zh=said.zh)}
    return Wish(primitive="beauty_add_blemish", slots={**slots, **who}, control={**control, "kind": kind})


def _made_up(kind: str, control: Mapping[str, object], who: Mapping[str, Said], random: Random) -> Wish:
    makeup = words().makeup[kind]
    color = makeup.colors[random.choice(list(makeup.colors))]
    slots = {
        "makeup": Said(en=makeup.en, zh=makeup.zh),
        "color": Said(en=color.en, zh=color.zh, value=list(color.rgb)),
    }
    return Wish(primitive="beauty_makeup", slots={**slots, **who}, control={**control, "kind": kind})


MAKER = Beauty()
