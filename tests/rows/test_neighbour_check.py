"""Neighbours laid over each other: copies are alike, different pictures are not."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from conftest import scene
from firered import mappers, operator
from firered.catalog import Catalog
from firered.descriptors.alignment import Likeness, likeness
from firered.neighbours import clusters
from firered.pictures import Pictures, decode, encode_jpeg
from firered.rows import Image, Neighbour, NeighbourImages, NeighbourScore, id_of_sha256
from firered.run import run


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Turn about the centre and cut the corners away."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cut = int(np.sin(np.radians(abs(degrees))) * max(height, width) / 2) + 1
    return cv2.warpAffine(pixels, matrix, (width, height))[cut:-cut, cut:-cut]


COPIES = {
    "itself": lambda pixels: pixels,
    "encoded": lambda pixels: decode(encode_jpeg(pixels, quality=30)),
    "smaller": lambda pixels: cv2.resize(pixels, (100, 80), interpolation=cv2.INTER_AREA),
    "mirrored": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
    "brighter": lambda pixels: cv2.convertScaleAbs(pixels, beta=30),
    "paler": lambda pixels: cv2.convertScaleAbs(pixels, alpha=0.6, beta=40),
    "cropped": lambda pixels: pixels[12:, 10:-6],
    "mirrored and cropped": lambda pixels: np.ascontiguousarray(pixels[8:, :-14][:, ::-1]),
    "turned": lambda pixels: turned(pixels, 3),
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_copy_is_alike(name: str, seed: int) -> None:
    original = scene(seed)
    found = likeness(original, COPIES[name](original))
    assert found.correlation > 0.93
    assert found.ssim > 0.7


@pytest.mark.parametrize("seed", range(4))
def test_another_picture_is_not(seed: int) -> None:
    assert likeness(scene(seed), scene(seed + 10)).correlation < 0.85


def test_a_picture_is_wholly_like_itself() -> None:
    assert likeness(scene(0), scene(0)) == pytest.approx(Likeness(1, 1, 1), abs=1e-3)


def test_a_flat_picture_is_like_nothing() -> None:
    flat = np.full((60, 60, 3), 128, np.uint8)
    assert likeness(flat, scene(0)).correlation == 0


def test_both_directions_agree() -> None:
    original, copy = scene(3), scene(3)[12:, 10:]
    there, back = likeness(original, copy), likeness(copy, original)
    assert there.correlation == pytest.approx(back.correlation, abs=0.05)


def test_neighbours_are_scored(pictures: Pictures) -> None:
    first, second = (pictures.save(pixels)[0] for pixels in (scene(0), COPIES["mirrored"](scene(0))))
    row = NeighbourImages(5, 1, 2, "mirrored", 0.0, first, second)
    ((score,),) = operator.load("neighbour_check")([row], pictures)
    assert isinstance(score, NeighbourScore)
    assert (score.neighbour_id, score.correlation > 0.95, score.ssim > 0.9) == (5, True, True)


def test_a_chain_of_thirty_pictures_does_not_end_in_one_cluster(catalog: Catalog) -> None:
    """Each picture is a window that moved on by a twentieth of its width."""
    wide = np.concatenate([scene(seed, 200, 260) for seed in range(3)], axis=1)
    windows = [wide[:, 13 * step : 13 * step + 260] for step in range(30)]
    hashes = [Pictures(catalog.blobs).save(window)[0] for window in windows]
    images = [
        Image(id_of_sha256(sha256), sha256, 260, 200, 1, "JPEG", "RGB", 1, "photo", "") for sha256 in hashes
    ]
    ends = [sorted((left.image_id, right.image_id)) for left, right in pairwise(images)]
    links = [Neighbour(number, *pair, "phash", 4.0) for number, pair in enumerate(ends)]
    catalog.append([*images, *links])
    run([operator.load("neighbour_check")], catalog, mapper=mappers.here)
    clusters.update(catalog, clusters.ClusterRule(correlation=0.5, ssim=0))
    found = catalog.sql("select image_id, cluster_id from current_cluster").to_pylist()
    cluster_of = {line["image_id"]: line["cluster_id"] for line in found}
    together = [
        abs(one - two)
        for one, first in enumerate(images)
        for two, second in enumerate(images)
        if cluster_of.get(first.image_id, one) == cluster_of.get(second.image_id, -1)
    ]
    assert max(together) < 12
