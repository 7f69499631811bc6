"""Presets of `templates/controls/`: read strictly, and all of them usable."""

import shutil

import pytest
import yaml

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.control_presets import control_presets, digest, lacking, of_maker
from firered.synthesis.makers import load
from firered.synthesis.primitives import primitives


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped("templates") / "controls", tmp_path / "controls")
    return tmp_path


def changed(folder, **changes):
    path = folder / "controls" / "remove_object.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")) | changes), "utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(control_presets()))
def test_each_preset_has_a_maker_and_asks_for_a_primitive_of_its_task(name):
    preset = control_presets()[name]
    assert load(preset.maker).strategy == "control"
    assert primitives()[preset.primitive].task == preset.task
    assert preset in of_maker(preset.maker)
    assert digest(preset.maker)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"primer": {}}, "controls/remove_object.yaml: primer: extra inputs"),
        ({"mask": {"grown": 0.1}}, "controls/remove_object.yaml: mask.grown: extra inputs"),
        ({"mask": {"grow": 3}}, "controls/remove_object.yaml: mask.grow: input should be less"),
        ({"limits": {"seams": 1}}, "controls/remove_object.yaml: limits.seams: extra inputs"),
        ({"prior": {"kinds": ["dog"]}}, "controls/remove_object.yaml: prior.kinds.0: input should be"),
        ({"name": "other"}, "name it 'remove_object'"),
    ],
)
def test_a_wrong_key_is_refused_with_file_and_key(folder, changes, said):
    with pytest.raises(TemplateError, match=said.replace(".", r"\.")):
        control_presets(changed(folder, **changes))


def test_what_needs_a_checkpoint_says_what_to_set():
    assert set(lacking()) >= {"pose_transfer", "expression_transfer", "appearance_redirection"}
    assert all("set hf:ID@COMMIT" in said for said in lacking().values())
