"""Scores by a model of the user's choice: tiny classifiers and heads made here, and what is refused."""

import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from firered.errors import ModelError
from firered.models import judgement, registry
from firered.models.install import install
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, id_of_sha256
from firered.store import BlobStore

COMMIT = "a" * 40


class SameVector:
    """An encoder that gives every picture the same vector."""

    name, revision = "same", "1"

    def __init__(self, vector):
        self.vector = vector

    def embed_texts(self, texts):
        """Embeds none."""
        raise AssertionError(texts)

    def embed_images(self, images):
        """Vectors (B, D), all the same."""
        return np.array([self.vector] * len(images), dtype=np.float32)


def pictures_of():
    """Pixels of four pictures of unequal size."""
    random = np.random.default_rng(0)
    sizes = [(40, 60), (90, 50), (33, 33), (64, 200)]
    return [random.integers(0, 256, (*size, 3)).astype(np.uint8) for size in sizes]


@pytest.fixture
def kept(tmp_path):
    """Rows and pictures of the four pictures, saved as blobs."""
    pictures = Pictures(BlobStore(tmp_path / "blobs"))
    rows = []
    for pixels in pictures_of():
        sha256, size = pictures.save(pixels)
        height, width, _ = pixels.shape
        rows.append(
            KeptPhoto(id_of_sha256(sha256), sha256, width, height, size, "JPEG", "RGB", 1, "photo", "CC0-1.0")
        )
    return rows, pictures


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("embedded:clip", "judgement 'embedded:clip': unknown .*pyiqa:METRIC"),
        ("pyiqa:", "unknown"),
        ("http://host/v1", "unknown"),
        ("hf:someone/model", "pin a commit"),
        (f"hf:someone/model@{COMMIT}", f"missing .firered models install hf:someone/model@{COMMIT}"),
        ("path:/nowhere", "no config.json there"),
    ],
)
def test_a_spec_that_cannot_be_had_says_why(spec, said, tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=said):
        judgement.load(spec)


def test_without_a_model_the_operator_lists_the_forms():
    with pytest.raises(ModelError, match=r"no model is set .*hf:ID@COMMIT"):
        load("image_score").setup()


def test_an_unknown_precision_is_refused():
    with pytest.raises(ModelError, match=r"dtype 'int4': unknown .*float16"):
        judgement.Placement(dtype="int4")


def test_nudenet_is_installed_on_request_only(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "where", lambda entry: tmp_path)
    with pytest.raises(ModelError, match=r"'nudenet': not installed \(firered models install nudenet\)"):
        judgement.load("embedded:nudenet")


def test_pyiqa_is_named_where_it_is_absent(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(ModelError, match=r"pip install pyiqa; its licence forbids commercial use"):
        judgement.load("pyiqa:musiq")


def test_where_a_model_computes_is_no_part_of_the_identity():
    plain = load("image_score", {"model": "pyiqa:musiq"}).fingerprint()
    elsewhere = {"model": "pyiqa:musiq", "device": "cuda:1", "batch": 3}
    assert load("image_score", elsewhere).fingerprint() == plain
    assert load("image_score", {"model": "pyiqa:niqe"}).fingerprint() != plain
    assert load("image_score", {"model": "pyiqa:musiq", "dtype": "float16"}).fingerprint() != plain


# --- heads --------------------------------------------------------------------------------------


def write_head(path: Path, *sizes: int, prefix: str = "layers.") -> list[tuple[np.ndarray, np.ndarray]]:
    """Save linear layers of these widths in LAION's layout, with gaps where dropout was; return them."""
    from safetensors.numpy import save_file

    random = np.random.default_rng(1)
    shapes = list(zip(sizes[1:], sizes, strict=False))
    layers = [
        (random.normal(size=shape).astype(np.float32), random.normal(size=shape[0])) for shape in shapes
    ]
    named = {}
    for number, (weight, bias) in enumerate(layers):
        # Numbers 8, 10, 12 come in another order as texts.
        stem = f"{prefix}{8 + 2 * number}." if prefix else ""
        named |= {f"{stem}weight": weight, f"{stem}bias": bias.astype(np.float32)}
    save_file(named, path)
    return layers


def test_layers_of_a_head_follow_their_numbers(tmp_path):
    layers = write_head(tmp_path / "head.safetensors", 16, 8, 4, 1)
    read = judgement.read_head(tmp_path / "head.safetensors")
    assert [weight.shape for weight, _ in read] == [(8, 16), (4, 8), (1, 4)]
    assert all(
        np.allclose(found, made) for found, (made, _) in zip((w for w, _ in read), layers, strict=True)
    )


def test_a_head_of_one_layer_is_a_dot_product(tmp_path):
    ((weight, bias),) = write_head(tmp_path / "head.safetensors", 4, 1, prefix="")
    below = SameVector([0.5, 0.5, -0.5, 0.5])
    made = judgement.HeadJudgement(below, tmp_path / "head.safetensors", "path:clip")
    assert made.name == "path:clip+head.safetensors"
    expected = float(weight[0] @ np.array(below.vector) + bias[0])
    assert made.score(pictures_of()) == [{"score": pytest.approx(expected, rel=1e-5)}] * 4


def test_a_head_in_torchs_format_is_opened_for_its_tensors_only(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"layers.0.weight": torch.ones(1, 3), "layers.0.bias": torch.zeros(1)}, tmp_path / "head.pth")
    ((weight, bias),) = judgement.read_head(tmp_path / "head.pth")
    assert (weight.tolist(), bias.tolist()) == ([[1, 1, 1]], [0])
    torch.save({"layers.0.weight": Path("x")}, tmp_path / "bad.pth")
    with pytest.raises(ModelError, match=r"'bad.pth': not readable as tensors"):
        judgement.read_head(tmp_path / "bad.pth")


def test_a_head_of_another_width_names_both(tmp_path):
    write_head(tmp_path / "head.safetensors", 5, 1)
    made = judgement.HeadJudgement(SameVector([1.0, 0.0]), tmp_path / "head.safetensors", "path:clip")
    with pytest.raises(ModelError, match="takes 5 numbers, not 2"):
        made.score(pictures_of())


def test_what_is_no_head_is_refused(tmp_path):
    write_head(tmp_path / "wide.safetensors", 5, 2)
    with pytest.raises(ModelError, match=r"'wide.safetensors': does not end in one number"):
        judgement.read_head(tmp_path / "wide.safetensors")
    with pytest.raises(ModelError, match="no such file"):
        judgement.HeadJudgement(SameVector([1.0]), tmp_path / "none.pth", "path:clip")


# --- pyiqa and nudenet --------------------------------------------------------------------------


def test_a_metric_sees_pictures_in_full_size_and_in_0_to_1(monkeypatch):
    pytest.importorskip("torch")
    stand_in = ModuleType("pyiqa")
    stand_in.__version__ = "9.9"
    stand_in.list_models = lambda: ["mean"]
    stand_in.create_metric = lambda name, device: lambda pixels: pixels.mean() + pixels.shape[3]
    monkeypatch.setitem(sys.modules, "pyiqa", stand_in)
    made = judgement.load("pyiqa:mean", placement=judgement.Placement("cpu"))
    assert (made.name, made.revision) == ("pyiqa:mean", "9.9")
    expected = [
        {"mean": pytest.approx(pixels.mean() / 255 + pixels.shape[1], rel=1e-4)} for pixels in pictures_of()
    ]
    assert made.score(pictures_of()) == expected
    with pytest.raises(ModelError, match="'pyiqa:other': no such metric"):
        judgement.load("pyiqa:other")


@pytest.mark.slow
def test_nudenet_scores_every_part():
    if registry.state(registry.entry("nudenet")) == "missing":
        pytest.skip("firered models install nudenet")
    scores = judgement.load("embedded:nudenet").score(pictures_of())
    assert [set(each) for each in scores] == [set(judgement.BODY_PARTS)] * 4
    assert all(0 <= value < 0.3 for each in scores for value in each.values())


# --- classifiers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    """Folders of tiny classifiers: two classes, several labels at once, and a regressor."""
    pytest.importorskip("torch")
    from firered.models import torchvision_cpu

    torchvision_cpu.install()
    import torch
    import transformers

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("classifiers")
    kinds = {
        "nsfw": {"num_labels": 2, "id2label": {0: "normal", 1: "nsfw"}},
        "marks": {"num_labels": 3, "problem_type": "multi_label_classification"},
        "appeal": {"num_labels": 1},
    }
    size = {"height": 32, "width": 32}
    for name, settings in kinds.items():
        shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
        config = transformers.ViTConfig(**shape, image_size=32, patch_size=8, **settings)
        transformers.ViTForImageClassification(config).save_pretrained(root / name)
        transformers.ViTImageProcessor(size=size).save_pretrained(root / name)
    return root


@pytest.mark.slow
def test_probabilities_of_classes_sum_to_one_alone_as_in_a_batch(classifiers):
    made = judgement.load(f"path:{classifiers / 'nsfw'}")
    scores = made.score(pictures_of())
    assert [set(each) for each in scores] == [{"normal", "nsfw"}] * 4
    assert [sum(each.values()) for each in scores] == pytest.approx([1] * 4)
    assert made.score(pictures_of()[1:2])[0]["nsfw"] == pytest.approx(scores[1]["nsfw"], abs=1e-5)


@pytest.mark.slow
def test_labels_that_may_hold_at_once_each_have_a_probability(classifiers):
    scores = judgement.load(f"path:{classifiers / 'marks'}").score(pictures_of())
    assert all(0 < value < 1 for each in scores for value in each.values())
    assert abs(sum(scores[0].values()) - 1) > 0.01


@pytest.mark.slow
def test_a_regressor_gives_its_number(classifiers):
    import torch

    made = judgement.load(f"path:{classifiers / 'appeal'}", placement=judgement.Placement("cpu"))
    with torch.no_grad():
        made._model.classifier.weight.zero_()
        made._model.classifier.bias.fill_(7.5)
    assert made.score(pictures_of()) == [{"score": 7.5}] * 4


@pytest.mark.slow
def test_half_precision_gives_nearly_the_same(classifiers):
    spec = f"path:{classifiers / 'nsfw'}"
    exact = judgement.load(spec).score(pictures_of())[0]["nsfw"]
    half = judgement.load(spec, placement=judgement.Placement(dtype="bfloat16")).score(pictures_of())[0][
        "nsfw"
    ]
    assert half == pytest.approx(exact, abs=0.02)


@pytest.mark.slow
def test_the_operator_writes_the_best_labels_with_model_and_revision(classifiers, kept):
    rows, pictures = kept
    model = f"path:{classifiers / 'marks'}"
    revision = judgement.load(model).revision
    operator = load("image_score", {"model": model, "revision": revision, "top": 2, "batch": 3})
    operator.setup()
    made = list(operator(rows, pictures))
    assert [len(found) for found in made] == [2] * 4
    assert [row.image_id for found in made for row in found[:1]] == [row.image_id for row in rows]
    assert {row.model for found in made for row in found} == {f"{model}@{revision}"}
    assert all(first.score >= second.score for first, second in made)


@pytest.mark.slow
def test_weights_in_a_folder_must_be_named_by_their_revision(classifiers):
    model = f"path:{classifiers / 'nsfw'}"
    for revision in ("", "another"):
        with pytest.raises(ModelError, match=r"not .*\(set revision\)"):
            load("image_score", {"model": model, "revision": revision}).setup()


@pytest.mark.slow
def test_a_hub_model_is_pinned_by_its_commit(classifiers, tmp_path, monkeypatch, kept):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    spec = f"hf:someone/nsfw@{COMMIT}"
    install(
        spec, fetch=lambda entry, folder: Path(shutil.copytree(classifiers / "nsfw", folder / "snapshot"))
    )
    operator = load("image_score", {"model": spec})
    operator.setup()
    rows, pictures = kept
    (first, *_), *_ = operator(rows, pictures)
    assert first.model == spec


@pytest.mark.slow
def test_a_folder_that_holds_no_classifier_is_an_error(classifiers, tmp_path):
    shutil.copytree(classifiers / "nsfw", tmp_path / "broken")
    (tmp_path / "broken" / "preprocessor_config.json").unlink()
    with pytest.raises(ModelError, match=r"judgement 'path:.*broken'"):
        judgement.load(f"path:{tmp_path / 'broken'}")
