"""Pose, expression and appearance by a ControlNet or inpainting pipeline of diffusers, steered by structure.

Presets name the pipeline; without one they offer nothing, and `control_presets.lacking` says what to set.
"""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from firered.models import editor as editors
from firered.paths import shipped
from firered.synthesis import words
from firered.synthesis.control.adjust_material import materials
from firered.synthesis.control_presets import Crop, Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import editing, prior, shape, skeleton, stitch
from firered.synthesis.masks.maker import MaskMaker
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.masks.shape import Mask
from firered.synthesis.scene import Scene, ScenePose
from firered.templating.filters import Strict, read_yaml
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


class Pose(Strict):
    """A pose in words and as turned joints, degrees clockwise from straight down."""

    en: str
    zh: str
    turns: dict[str, float] = {}


@cache
def poses() -> dict[str, Pose]:
    """Poses and expressions by name."""
    return dict(read_yaml(shipped("templates") / "lexicon" / "redirections.yaml", dict[str, Pose]))


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    if not preset.editor:
        return
    options = preset.options
    if options.poses:
        yield from _pose_wishes(preset, target, scene, random)
    if options.expressions:
        said = {"expression": _said(random.choice(options.expressions))}
        yield Wish(primitive=preset.primitive, slots=said, control=prior.control(preset, target.mask))
    if options.materials:
        name = random.choice(options.materials)
        material = materials()[name]
        said = {"object": target.said, "material": Said(en=material.en, zh=material.zh, value=name)}
        yield Wish(primitive=preset.primitive, slots=said, control=prior.control(preset, target.mask))


def _pose_wishes(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    people = [pose for pose in scene.poses if pose.scheme == "coco17"]
    if len(people) != 1:  # which of several is meant, words could not say
        return
    name = random.choice(preset.options.poses)
    points = skeleton.turned(_points(people[0]), poses()[name].turns, ratio=scene.width / scene.height)
    control = prior.control(preset, target.mask, points=[round(float(each), 5) for each in points.ravel()])
    yield Wish(primitive=preset.primitive, slots={"pose": _said(name)}, control=control)


def _points(pose: ScenePose) -> skeleton.Points:
    return np.array(pose.points, np.float64).reshape(17, 3)


def _said(name: str) -> Said:
    return Said(en=poses()[name].en, zh=poses()[name].zh, value=name)


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del pictures
    preset, crop = given.preset, given.preset.crop or Crop()
    mask = shape.grown(_reached(given.mask, wish), preset.mask.grow)
    control = _control_image(preset, wish, source)
    window = shape.with_context(mask, crop.context).slices
    request = editors.EditRequest(
        images=(np.ascontiguousarray(source[window]),),
        instruction=words.canonical(wish),
        mask=mask[window],
        control_image=None if control is None else np.ascontiguousarray(control[window]),
        seed=seed,
        strength=preset.options.strength,
    )
    target = source.copy()
    target[window] = editing.edited(preset, request)
    if preset.mask.feather:
        soft = shape.feathered(shape.shrunk(mask, preset.mask.feather), preset.mask.feather)
        target = stitch.blended(source, target, soft * mask)
    truth: dict[str, Any] = {**editing.told(preset)}
    if "points" in wish.control:
        truth["keypoints"] = wish.control["points"]
    return Made(target, mask=mask, truth=truth)


def _reached(mask: Mask, wish: Wish) -> Mask:
    """The mask, with the places that the limbs of a new pose reach."""
    if "points" not in wish.control:
        return mask
    points = np.array(wish.control["points"]).reshape(17, 3)
    limbs = skeleton.drawn(points, *mask.shape).max(axis=-1) > 0
    return mask | shape.grown(limbs, 0.03)


def _control_image(preset: Preset, wish: Wish, source: Pixels) -> Pixels | None:
    if preset.control_image == "skeleton":
        points = np.array(wish.control["points"]).reshape(17, 3)
        return skeleton.drawn(points, *source.shape[:2])
    if preset.control_image == "edges":
        return np.repeat(cv2.Canny(source, 80, 160)[..., None], 3, axis=-1)
    return None


MAKER = MaskMaker("redirect", _draw, _work)
