"""Priors of a scene: which masks a preset may use, what they are called, and how a wish carries them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.control_presets import Preset, Prior, preset_of
from firered.synthesis.making import Region, Said, Wish
from firered.synthesis.masks import matte, shape
from firered.synthesis.masks.shape import Alpha, Mask
from firered.synthesis.scene import Box, Scene, SceneMask, SceneOther, mask_of
from firered.templating.filters import Phrase, read_yaml
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures

SUBJECT = Said(en="the main subject", zh="画面主体")
EDGE = 0.012  # share of a side within which a box touches the border
SAME = 0.6  # overlap from which on a mask and a detected box are one thing
APART = 0.12  # share of the picture's width by which the outermost of several must stand apart
LEAST = 64  # pixels of a mask


@dataclass(frozen=True)
class Target:
    """A mask that is to be edited, and its name."""

    mask: SceneMask
    label: str  # COCO's name, '' where it is not known
    said: Said


@dataclass(frozen=True)
class Given:
    """What a wish carries, brought to the size of the source."""

    preset: Preset
    mask: Mask
    alpha: Alpha  # the matte, or the mask with a soft edge where there is none
    doubt: float  # share of the matte that is neither in nor out: glass, hair, or a model that is not sure
    vague: float  # width of its broadest such part, share of the longer side


def targets(scene: Scene, preset: Preset) -> Iterator[Target]:
    """Masks of the scene that a preset may use and that can be named without doubt, the best kinds first."""
    for kind in preset.prior.kinds:
        for mask in scene.masks:
            if mask.kind == kind and _meets(mask, preset.prior):
                label = _label(mask, scene)
                said = _said(mask, label, scene)
                if said and not _refused(label, scene, mask, preset.prior):
                    yield Target(mask, label, said)


def control(preset: Preset, mask: SceneMask, **more: Any) -> dict[str, Any]:
    """What a wish must hold so that it can be made without the scene."""
    return {
        "preset": preset.model_dump(mode="json"),
        "region": mask.region.model_dump(),
        "matte": mask.matte,
        **more,
    }


def given(wish: Wish, source: Pixels, pictures: "Pictures") -> Given:
    """Mask and matte of a wish at the source's size; raises ValueError where nothing is left of them."""
    height, width = source.shape[:2]
    if min(height, width) < 32:
        raise ValueError(f"too small: {width}x{height} pixels, 32 needed")
    preset = preset_of(wish)
    region, stored = Region(**wish.control["region"]), str(wish.control.get("matte", ""))
    raw = read_alpha(region, stored, (height, width), pictures)
    alpha = matte.cleaned(raw)
    mask = shape.main_parts(alpha > 0.5 if stored else mask_of(region, height, width))
    if mask.sum() < LEAST or mask.all():
        raise ValueError("the mask is empty, or all of the picture")
    return Given(preset, mask, alpha, matte.doubt(raw), matte.vagueness(raw))


def read_alpha(region: Region, stored: str, size: tuple[int, int], pictures: "Pictures") -> Alpha:
    """The matte of a region (H, W), 0..1: the stored one, or the region's mask with a soft edge."""
    height, width = size
    if not stored:
        return shape.feathered(shape.shrunk(mask_of(region, height, width), 0.002), 0.004)
    plane = pictures.pixels(stored)[..., 0].astype(np.float32) / np.float32(255)
    if plane.shape != size:
        plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return plane


def whole_things(other: SceneOther) -> Iterator[SceneMask]:
    """Salient things of another photograph that its border does not cut and that have a matte."""
    for mask in other.masks:
        if mask.kind == "salient" and mask.matte and sides_touched(mask.box) == 0 and 0.02 < mask.area < 0.4:
            yield mask


def sides_touched(box: Box) -> int:
    """On how many sides a box reaches the border of the picture, 0..4."""
    return sum((box.left < EDGE, box.top < EDGE, box.right > 1 - EDGE, box.bottom > 1 - EDGE))


def one(label: str) -> Said:
    """A thing that was not there before, by its label: `a dog`."""
    name = names()[label]
    if name.en.endswith("s") and not name.en.endswith("ss"):  # scissors, skis
        return Said(en=name.en, zh=name.zh)
    return Said(en=f"{'an' if name.en[0] in 'aeiou' else 'a'} {name.en}", zh=name.zh)


@cache
def names() -> dict[str, Phrase]:
    """Words for COCO's labels; none where the lexicon is not there."""
    path = shipped("templates") / "lexicon" / "objects.yaml"
    try:
        return dict(read_yaml(path, dict[str, Phrase]))
    except TemplateError:
        return {}


def _meets(mask: SceneMask, prior: Prior) -> bool:
    low, high = prior.area
    return (
        mask.score >= prior.score
        and low <= mask.area <= high
        and sides_touched(mask.box) <= prior.sides
        and mask.box.bottom >= prior.footing
        and (bool(mask.matte) or not prior.matte)
    )


def _refused(label: str, scene: Scene, mask: SceneMask, prior: Prior) -> bool:
    if label in prior.never or (prior.only and label not in prior.only):
        return True
    return not prior.people and (label == "person" or _has_person(scene, mask))


def _has_person(scene: Scene, mask: SceneMask) -> bool:
    """Whether a face, or a person that was detected, lies in the mask's box."""
    people = [face.box for face in scene.faces]
    people += [found.box for found in scene.objects if found.label == "person" and found.score > 0.3]
    people += [found.box for found in scene.masks if found.kind == "person" and found.area > 0.02]
    return any(_shared(box, mask.box) > 0.3 * min(box.area, mask.box.area) for box in people)


def _label(mask: SceneMask, scene: Scene) -> str:
    """COCO's name of what a mask covers: its own, or that of a detected box of the same extent."""
    if mask.label:
        return mask.label
    if mask.kind == "person":
        return "person"
    best = max(scene.objects, key=lambda found: _overlap(found.box, mask.box), default=None)
    sure = best is not None and best.score >= 0.4 and _overlap(best.box, mask.box) >= SAME
    return best.label if best is not None and sure else ""


def _said(mask: SceneMask, label: str, scene: Scene) -> Said | None:
    """What the mask is called in the picture; None where several things bear its name and none stands apart."""
    known = names().get(label)
    if known is None:
        return SUBJECT if mask.kind == "salient" else None
    if mask.kind == "person" and mask.score and len(_alike("person", scene)) > 1:
        return None  # one mask for all people
    places = sorted(box.centre[0] for box in _alike(label, scene) if _overlap(box, mask.box) < 0.5)
    if not places:
        return Said(en=f"the {known.en}", zh=known.zh)
    return _by_side(known, mask.box.centre[0], places)


def _alike(label: str, scene: Scene) -> list[Box]:
    return [found.box for found in scene.objects if found.label == label and found.score >= 0.3]


def _by_side(known: Phrase, place: float, others: list[float]) -> Said | None:
    if place < others[0] - APART:
        return Said(en=f"the leftmost {known.en}", zh=f"最左边的{known.zh}")
    if place > others[-1] + APART:
        return Said(en=f"the rightmost {known.en}", zh=f"最右边的{known.zh}")
    return None


def _shared(one: Box, two: Box) -> float:
    across = min(one.right, two.right) - max(one.left, two.left)
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    return max(across, 0.0) * max(down, 0.0)


def _overlap(one: Box, two: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    shared = _shared(one, two)
    return shared / max(one.area + two.area - shared, 1e-9)
