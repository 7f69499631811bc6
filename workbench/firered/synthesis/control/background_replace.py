"""Put the subject before another photograph: inverted matte, edge colours cleaned of the old background."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Other, Said, Wish
from firered.synthesis.masks import blur, color, matte, prior
from firered.synthesis.masks.maker import MaskMaker, refuse, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene, SceneOther
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures

FIGURE = Said(en="Fig 2", zh="图2", value=2)


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    for other in scene.others:
        if _is_ground(other, preset.limits.busy):
            radius = random.choice(preset.options.radii)
            control = prior.control(preset, target.mask, radius=radius, mirrored=random.random() < 0.5)
            yield Wish(
                primitive=preset.primitive,
                slots={"object": target.said, "figure": FIGURE},
                control=control,
                others={"ground": Other(image_id=other.image_id, sha256=other.sha256)},
            )


def _is_ground(other: SceneOther, busy: float | None) -> bool:
    """Whether a photograph has no subject of its own that the new one would stand before."""
    subject = sum(mask.area for mask in other.masks if mask.kind in ("salient", "person"))
    return subject <= (1.0 if busy is None else busy) and min(other.width, other.height) >= 256


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed
    picture = pictures.scaled(wish.others["ground"].sha256, max(source.shape[:2]))
    ground = covering(picture, source.shape[:2], mirrored=wish.control["mirrored"])
    behind = given.alpha < 0.1
    apart = float(np.linalg.norm(color.mean_of(ground, behind) - color.mean_of(source, behind)))
    refuse("distance of the new ground's colour from the old one's", apart, given.preset.limits.tone)
    reach = round(wish.control["radius"] * max(source.shape[:2]))
    if reach:
        ground = blur.blurred(ground, np.ones(ground.shape[:2], np.float32), reach)
    # The ground follows the subject's light, not the other way: the subject must stay as it is.
    full = np.ones(ground.shape[:2], np.float32)
    ground = color.harmonized(ground, full, source, behind, strength=given.preset.options.harmony)
    target = matte.over(matte.foreground(source, given.alpha), ground, given.alpha)
    truth = {"subject": region(given.alpha > 0.5), "soft": round(given.doubt, 4), "tone": round(apart, 4)}
    return Made(target, references=[picture], mask=given.alpha < 1, truth=truth)


def covering(picture: Pixels, size: tuple[int, int], *, mirrored: bool) -> Pixels:
    """The middle of a picture, scaled so that it covers (H, W)."""
    height, width = size
    scale = max(height / picture.shape[0], width / picture.shape[1])
    across, down = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(picture, (across, down), interpolation=way)
    left, top = (across - width) // 2, (down - height) // 2
    part = large[top : top + height, left : left + width]
    return np.ascontiguousarray(part[:, ::-1] if mirrored else part)


MAKER = MaskMaker("background_replace", _draw, _work)
