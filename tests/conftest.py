"""Fixtures: pictures made here, a fresh catalog; tests without a mark are fast."""

from pathlib import Path

import numpy as np
import pytest

from firered.catalog import Catalog
from firered.pictures import Pictures, encode_jpeg
from firered.store import BlobStore

MARKS = {"slow", "ray", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything fast that says nothing else."""
    for item in items:
        if not MARKS & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.fast)


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    """A door to an empty blob store."""
    return Pictures(BlobStore(tmp_path / "blobs"))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """An empty catalog."""
    return Catalog.init(tmp_path / "catalog", wait=5)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of six small pictures, each of its own kind."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(scene(number)))
    return folder


def scene(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """A picture with a sky, ground, shapes and grain, (H, W, 3) uint8; equal seeds give equal pictures."""
    import cv2

    random = np.random.default_rng(seed)
    top, bottom = random.integers(60, 230, 3), random.integers(20, 200, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    canvas = np.ascontiguousarray(
        np.broadcast_to((1 - ramp) * top + ramp * bottom, (height, width, 3)), np.uint8
    )
    for _ in range(12):
        center = (int(random.integers(width)), int(random.integers(height)))
        color = tuple(int(value) for value in random.integers(0, 255, 3))
        cv2.circle(canvas, center, int(random.integers(8, 50)), color, -1, cv2.LINE_AA)
    grain = random.normal(0, 6, canvas.shape)
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)
