"""Portrait and background: the people stay, the scene behind them is that of Fig 2, and one garment is recoloured."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from firered.synthesis.composite import cutouts, light, paint, wearers
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Other, Region, Wish
from firered.synthesis.masks import matte, prior
from firered.synthesis.scene import Scene, SceneMask, SceneOther

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

AREA = (0.1, 0.75)  # share of the picture that the people take
LARGEST_DOUBT = 0.35  # share of the matte that is neither in nor out
BUSIEST = 0.08  # share of the new background that a thing of its own may take
DISTANCE = 0.006  # blur of the background, share of the longer side: it lies behind the people
MOST_ENLARGED = 2.0  # of the background, which is out of focus
TONE = 0.3  # share of the background's brightness that follows the old one's


@dataclass(frozen=True)
class PortraitBackground:
    """Two changes at once around people who stay: another background, and clothes of another colour."""

    name: str = "portrait_background"
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Nothing is learned here."""
        return ""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish for a person with joints, a soft matte of the people, and a photograph without a subject."""
        chosen, mask = wearers.wearer(scene, random), _people(scene)
        grounds = [other for other in scene.others if _is_ground(other)]
        if chosen is None or mask is None or not grounds:
            return []
        pose, person, who = chosen
        control = wearers.controlled(pose, person)
        control |= {"people": mask.region.model_dump(), "matte": mask.matte}
        other = random.choice(grounds)
        color = paint.colors()[random.choice(wearers.COLORS)]
        slots = {"who": who, "figure": wearers.FIGURE, "color": color}
        others = {"ground": Other(image_id=other.image_id, sha256=other.sha256)}
        return [Wish(primitive="portrait_background_clothes", slots=slots, control=control, others=others)]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where the matte is vague or the garment cannot be told."""
        alpha = _alpha(wish.control, source, pictures)
        _, share = wearers.clothed(wish.control, source)
        dressed = wearers.colored(source, share, wish.slots["color"].value)
        picture = pictures.scaled(wish.others["ground"].sha256, max(source.shape[:2]))
        ground = _behind(picture, source, alpha)
        target = matte.over(matte.foreground(dressed, alpha), ground, alpha)
        # Of what stays, edge and garment are not asked to be equal.
        kept = (alpha >= 1) & (share <= 0)
        target[kept] = source[kept]
        truth = {"subject": Region.of(kept).model_dump(), "garment": Region.of(share >= 0.5).model_dump()}
        truth["color"] = wish.slots["color"].value
        return Made(target, references=[picture], mask=~kept, truth=truth)


def _people(scene: Scene) -> SceneMask | None:
    """The matte of all people: salient, where it covers the persons' mask, else the persons' own."""
    person = scene.best("person")
    if person is None or not AREA[0] <= person.area <= AREA[1]:
        return None
    salient = scene.best("salient")
    if salient is not None and salient.matte and _same(salient, person):
        return salient
    return person if person.matte else None


def _same(one: SceneMask, other: SceneMask) -> bool:
    """Whether two masks cover about the same."""
    size = (128, 128)
    first, second = (
        cv2.resize(mask.region.decoded().astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        for mask in (one, other)
    )
    return float((first & second).sum()) >= 0.75 * float((first | second).sum())


def _is_ground(other: SceneOther) -> bool:
    subject = sum(mask.area for mask in other.masks if mask.kind in ("salient", "person"))
    return subject <= BUSIEST and min(other.width, other.height) >= 256


def _alpha(control: dict[str, Any], source: "Pixels", pictures: "Pictures") -> "Floats":
    region = Region.model_validate(control["people"])
    raw = prior.read_alpha(region, control["matte"], source.shape[:2], pictures)
    if (doubt := matte.doubt(raw)) > LARGEST_DOUBT:
        raise ValueError(f"the matte of the people is vague: {doubt:.2f}, {LARGEST_DOUBT} allowed")
    return np.asarray(matte.cleaned(raw), np.float32)


def _behind(picture: "Pixels", source: "Pixels", alpha: "Floats") -> "Pixels":
    """The other photograph as a background: filling the frame, a little out of focus, as bright as the light allows."""
    ground = cutouts.filled(picture, *source.shape[:2], most=MOST_ENLARGED)
    ground = cv2.GaussianBlur(ground, (0, 0), max(0.5, DISTANCE * max(source.shape[:2])))
    planes, people = light.lab(ground), light.lab(source)[alpha > 0.5]
    own = float(planes[..., 0].mean())
    wanted = own + TONE * (float(people[:, 0].mean()) - own)
    planes[..., 0] = np.clip(planes[..., 0] * wanted / max(own, 1.0), 0, 100)
    return light.rgb(planes)


MAKER = PortraitBackground()
