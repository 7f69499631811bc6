"""Presets of structure with real pipelines of diffusers, tiny and with random weights."""

from random import Random

import numpy as np
import pytest
import torch

import tiny_pipelines
from conftest import scene as drawn
from firered.synthesis.control import outpaint, redirect, remove_object
from firered.synthesis.control_presets import control_presets
from firered.synthesis.making import Region, Wish
from firered.synthesis.masks.prior import targets
from firered.synthesis.scene import Box, Scene, SceneMask, ScenePose

pytestmark = pytest.mark.slow

SIZE = (96, 128)
SMALL = {"steps": 2, "max_side": 64, "multiple": 8}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def person(kind: str) -> Scene:
    """A person, or the main thing, in the middle of a drawn picture."""
    inside = np.zeros(SIZE, bool)
    inside[20:80, 44:84] = True
    box = Box(left=44 / 128, top=20 / 96, right=84 / 128, bottom=80 / 96)
    mask = SceneMask(
        kind=kind, label="", score=0.9, area=float(inside.mean()), box=box, height=96, width=128,
        counts=Region.of(inside).counts, matte="",
    )  # fmt: skip
    points = np.ones((17, 3))
    points[:, 0] = [0.5 if place == 0 else 0.5 + (0.08 if place % 2 else -0.08) for place in range(17)]
    points[:, 1] = np.linspace(0.25, 0.8, 17)
    pose = ScenePose(person=0, scheme="coco17", score=0.9, points=points.ravel().tolist())
    return Scene(image_id=1, sha256="", width=128, height=96, masks=[mask], poses=[pose])


def wish_of(name: str, seen: Scene, **settings) -> Wish:
    preset = control_presets()[name].model_copy(update=settings)
    (target,) = targets(seen, preset)
    maker = redirect.MAKER if preset.maker == "redirect" else remove_object.MAKER
    wish = next(iter(maker.draw(preset, target, seen, Random(1))))
    return Wish.model_validate_json(wish.model_dump_json())


def controlled(tmp_path) -> dict:
    plain, control = tmp_path / "plain", tmp_path / "control"
    tiny_pipelines.text_to_image(plain)
    tiny_pipelines.controlnet(control)
    pipeline = "StableDiffusionControlNetInpaintPipeline"
    return {
        "editor": f"path:{plain}",
        "settings": {**SMALL, "pipeline": pipeline, "controlnet": f"path:{control}"},
    }


@pytest.mark.parametrize(
    ("name", "kind"), [("pose_transfer", "person"), ("appearance_redirection", "salient")]
)
def test_a_controlnet_repaints_the_mask_and_nothing_else(name, kind, tmp_path):
    seen = person(kind)
    source = drawn(0, *SIZE)
    wish = wish_of(name, seen, **controlled(tmp_path))
    made, again = (redirect.MAKER.make(wish, source, 3, None) for _ in range(2))
    assert (made.target == again.target).all()
    assert (made.target[~made.mask] == source[~made.mask]).all()
    assert (made.target != source)[made.mask].mean() > 0.5
    assert ("keypoints" in made.truth) == (name == "pose_transfer")


def test_an_inpainting_pipeline_removes_and_extends(tmp_path):
    folder = tiny_pipelines.inpainting(tmp_path / "inpainting")
    settings = {"editor": f"path:{folder}", "settings": SMALL}
    source = drawn(0, *SIZE)
    limits = type(control_presets()["remove_object"].limits)()
    wish = wish_of("remove_object", person("salient"), **settings, limits=limits)
    removed = remove_object.MAKER.make(wish, source, 1, None)
    assert (removed.target[~removed.mask] == source[~removed.mask]).all()
    preset = control_presets()["outpaint"].model_copy(update=settings)
    asked = outpaint.MAKER.offers(person("salient"), Random(2))[0]
    asked = asked.model_copy(update={"control": asked.control | {"preset": preset.model_dump(mode="json")}})
    extended = outpaint.MAKER.make(asked, source, 1, None)
    assert extended.target.size > source.size
    assert (extended.target[~extended.mask].reshape(source.shape) == source).all()
