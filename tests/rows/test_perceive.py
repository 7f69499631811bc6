"""Perception as rows: what operators write, with fixed models, tiny checkpoints, and (slow) the real weights."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from firered.descriptors import rle
from firered.errors import ModelError
from firered.models import packaged, regions, registry
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, id_of_sha256
from firered.templating.filters import Phrase, read_yaml
from tiny_perception import (
    depth_folder,
    detector_folder,
    grounding_folder,
    hed_folder,
    openpose_folder,
    sam2_folder,
    sam3_folder,
    sam_file,
    vitpose_folder,
)

BOXES = [(0.1, 0.1, 0.6, 0.8), (0.5, 0.2, 0.9, 0.9)]
LEXICON = Path(__file__).parents[2] / "templates" / "lexicon"


def stored(pictures: Pictures, pixels: np.ndarray) -> KeptPhoto:
    """Photograph with these pixels."""
    sha256, size = pictures.save(pixels, codec="png")
    height, width = pixels.shape[:2]
    return KeptPhoto(id_of_sha256(sha256), sha256, width, height, size, "PNG", "RGB", 1, "photo", "CC0-1.0")


def balls(height: int = 120, width: int = 160) -> np.ndarray:
    """A red ball before a plain, grainy ground, (H, W, 3) uint8."""
    random = np.random.default_rng(4)
    picture = np.full((height, width, 3), (200, 205, 210), np.uint8)
    cv2.circle(picture, (width // 2, height // 2), height // 3, (190, 30, 40), -1, cv2.LINE_AA)
    return np.clip(picture + random.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(120, 160), (30, 600), (1, 1)])
def test_edges_are_stored_as_a_grey_picture_of_the_photograph(pictures, size):
    row = stored(pictures, cv2.resize(balls(), size[::-1]))
    ((found,),) = load("structure")([row], pictures)
    assert (found.kind, found.model) == ("edges", "canny")
    plane = pictures.plane(found.sha256)
    assert plane.shape == pictures.scaled(row.sha256, 512).shape[:2]
    assert set(np.unique(plane)) <= {0, 255}


@pytest.mark.slow
def test_depth_has_sixteen_bits(pictures, tmp_path):
    row = stored(pictures, balls())
    operator = load("structure", {"kind": "depth", "model": f"path:{depth_folder(tmp_path)}"})
    operator.setup()
    ((found,),) = operator([row], pictures)
    plane = pictures.plane(found.sha256)
    assert plane.dtype == np.uint16
    assert (plane.min(), plane.max()) == (0, 65535)


@pytest.mark.slow
def test_a_detector_in_the_format_of_transformers_gives_detections(pictures, tmp_path):
    settings = {"model": f"path:{detector_folder(tmp_path)}", "min_score": 0.0, "second_look": False}
    (found,) = load("objects", settings)([stored(pictures, balls())], pictures)
    assert found
    assert {each.label for each in found} <= {"cat", "dog", "hat"}
    assert all(0 <= each.left <= each.right <= 1 and 0 <= each.top <= each.bottom <= 1 for each in found)


@pytest.mark.slow
def test_another_revision_than_the_named_one_is_refused(tmp_path):
    settings = {"model": f"path:{detector_folder(tmp_path)}", "revision": "abc", "second_look": False}
    with pytest.raises(ModelError, match="set revision"):
        load("objects", settings).setup()


def test_a_file_of_segment_anything_cuts_boxes_whatever_its_size(tmp_path):
    cutter = regions.load_cutter(f"path:{sam_file(tmp_path / 'sam.pth')}")
    found = cutter.cut(balls(), BOXES)
    assert [each.matte.shape for each in found] == [(120, 160)] * 2
    again = regions.load_cutter(f"path:{tmp_path / 'sam.pth'}")
    assert again.revision == cutter.revision
    assert np.array_equal(again.cut(balls(), BOXES)[1].matte, found[1].matte)
    assert isinstance(regions.load(f"path:{tmp_path / 'sam.pth'}").find(balls(48, 64)), list)


def test_weights_that_are_not_sam_are_refused_with_the_reason(tmp_path):
    import torch

    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"pos_embed.*segment-anything"):
        regions.load_cutter(f"path:{tmp_path / 'other.pth'}")


@pytest.mark.slow
def test_sam_2_cuts_boxes(tmp_path):
    found = regions.load_cutter(f"path:{sam2_folder(tmp_path)}").cut(balls(), BOXES)
    assert [each.matte.shape for each in found] == [(120, 160)] * 2
    assert all(0 <= each.score <= 1 for each in found)


@pytest.mark.slow
def test_grounding_dino_looks_for_words(tmp_path):
    spec = f"path:{grounding_folder(tmp_path)}"
    with pytest.raises(ModelError, match="set labels"):
        regions.load(spec)
    found = regions.load(spec, labels=("a cat", "hat")).find(balls())
    assert all(0 <= each.box[0] <= each.box[2] <= 1 for each in found)


@pytest.mark.slow
def test_sam_3_cuts_out_what_words_name(tmp_path):
    found = regions.load(f"path:{sam3_folder(tmp_path)}", labels=("a cat",)).find(balls(70, 90))
    assert all(each.label == "a cat" and each.matte.shape == (70, 90) for each in found)
    with pytest.raises(ModelError, match="takes no boxes"):
        regions.load_cutter(f"path:{tmp_path}")


@pytest.mark.slow
def test_vitpose_gives_joints_in_boxes(tmp_path):
    model = regions.load(f"path:{vitpose_folder(tmp_path)}")
    persons = [regions.Region(0.9, box, "person") for box in BOXES]
    found = model.joints(balls(), persons)
    assert [each.points.shape for each in found] == [(17, 3)] * 2
    for person, each in zip(persons, found, strict=True):
        middle = each.points[:, :2].mean(axis=0)
        assert person.box[0] - 0.3 < middle[0] < person.box[2] + 0.3


@pytest.mark.slow
def test_detectors_of_controlnet_aux_are_run_by_their_names(tmp_path):
    hed = regions.load(f"path:{hed_folder(tmp_path / 'hed')}", detector="HEDdetector")
    (found,) = hed.find(balls())
    assert found.matte.shape == (120, 160)
    assert 0 <= found.matte.min() <= found.matte.max() <= 1
    assert regions.load(f"path:{tmp_path}", detector="CannyDetector").find(balls())[0].matte.shape == (
        120,
        160,
    )
    openpose = regions.load(f"path:{openpose_folder(tmp_path / 'openpose')}", detector="OpenposeDetector")
    assert isinstance(openpose.find(balls(64, 64)), list)


@pytest.mark.slow
def test_a_detector_without_its_weights_says_which_file_is_missing(tmp_path):
    with pytest.raises(ModelError, match=r"no .ControlNetHED\.pth"):
        regions.load(f"path:{tmp_path}", detector="HEDdetector")
    with pytest.raises(ModelError, match="choose another detector"):
        regions.load(f"path:{tmp_path}", detector="DWposeDetector")
    with pytest.raises(ModelError, match="not in controlnet-aux"):
        regions.load(f"path:{tmp_path}", detector="NoSuchDetector")


def test_every_label_of_the_detector_has_words_in_both_languages():
    from firered.models.human import COCO

    words = read_yaml(LEXICON / "objects.yaml", dict[str, Phrase])
    assert list(words) == list(COCO)
    assert len({each.zh for each in words.values()}) == len(words)
    kinds = read_yaml(LEXICON / "object_kinds.yaml", dict[str, list[str]])
    assert {label for labels in kinds.values() for label in labels} == set(COCO)


# --- with the weights of isnet, human, face-api and mediapipe-weights -------------------------------------


@pytest.fixture
def astronaut(pictures) -> KeptPhoto:
    """A smiling woman in an orange suit before a flag (NASA, public domain)."""
    (entry,) = (each for each in registry.entries() if each.name == "scikit-image-photos")
    path = next(path for path in packaged.check(entry) if path.name == "astronaut.png")
    return stored(pictures, cv2.imread(str(path))[:, :, ::-1])


@pytest.mark.slow
def test_masks_of_a_person_agree_with_each_other(pictures, astronaut):
    operator = load("masks")
    operator.setup()
    (found,) = operator([astronaut], pictures)
    by_kind = {each.kind: each for each in found}
    assert {"salient", "person"} <= set(by_kind)
    masks = {kind: rle.decode(each.counts, each.height, each.width) for kind, each in by_kind.items()}
    assert (masks["salient"] & masks["person"]).sum() / (masks["salient"] | masks["person"]).sum() > 0.6
    for each in found:
        assert each.area == pytest.approx(rle.area(each.counts) / (each.height * each.width))
        assert pictures.plane(each.matte).shape == (each.height, each.width)


@pytest.mark.slow
def test_the_face_of_a_person_is_described(pictures, astronaut):
    operator = load("face_shapes")
    operator.setup()
    ((face,),) = operator([astronaut], pictures)
    assert (face.face, face.emotion) == (0, "happy")
    assert len(face.points) == 936
    assert len(face.identity) == 128
    assert 20 < face.age < 60
    points = np.array(face.points).reshape(-1, 2)
    middle = points.mean(axis=0)
    assert face.left < middle[0] < face.right
    assert face.top < middle[1] < face.bottom


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "scheme", "nose"), [("mediapipe-pose", "mediapipe33", 0), ("movenet", "coco17", 0)]
)
def test_joints_lie_on_the_body(pictures, astronaut, model, scheme, nose):
    ((pose,),) = load("poses", {"model": f"embedded:{model}", "min_score": 0.1})([astronaut], pictures)
    points = np.array(pose.points).reshape(-1, 3)
    assert pose.scheme == scheme
    assert points[nose, :2] == pytest.approx((0.44, 0.22), abs=0.04)


@pytest.mark.slow
def test_the_same_face_is_near_and_another_one_far(pictures, astronaut):
    pixels = pictures.pixels(astronaut.sha256)
    variants = [
        (pixels * 0.7).astype(np.uint8),
        np.ascontiguousarray(pixels[:, ::-1]),
        cv2.GaussianBlur(pixels, (0, 0), 1.5),
    ]
    rows = [astronaut, *(stored(pictures, each) for each in variants)]
    found = [np.array(faces[0].identity) for faces in load("face_shapes")(rows, pictures)]
    assert all(np.linalg.norm(each - found[0]) < 0.5 for each in found[1:])


@pytest.mark.slow
def test_objects_are_found_and_misnamed_animals_are_not(pictures, astronaut):
    (found,) = load("objects")([astronaut], pictures)
    assert found[0].label == "person"
    assert found[0].score > 0.5
