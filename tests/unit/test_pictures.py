"""Pictures and blobs: every mode becomes RGB, broken bytes say so, the cache changes nothing."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import scene
from firered import pictures as module
from firered.errors import CatalogError
from firered.pictures import Pictures, decode, encode_jpeg, shrink
from firered.store import BlobStore


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = (
        Image.fromarray(np.full((4, 6), 30000, np.uint16))
        if mode == "I;16"
        else Image.new("RGB", (6, 4), (200, 200, 200)).convert(mode)
    )
    pixels = decode(encoded(image, "PNG"))
    assert pixels.shape == (4, 6, 3)
    assert pixels.dtype == np.uint8
    expected = 30000 / 256 if mode == "I;16" else 200 if mode != "1" else pixels.mean()
    assert abs(float(pixels.mean()) - expected) < 5  # a palette is coarse


def test_cmyk_jpeg_is_decoded() -> None:
    pixels = decode(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"))
    assert pixels.min() > 250


def test_alpha_lies_over_white() -> None:
    assert decode(encoded(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), "PNG")).min() == 255


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\xff\xd8\xff", encode_jpeg(scene(1))[:3000]],
    ids=["empty", "text", "head", "truncated"],
)
def test_bytes_that_are_no_whole_picture_say_so(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable"):
        decode(data)


def test_a_decompression_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS", 100)
    for kind in ("JPEG", "PNG"):
        with pytest.raises(ValueError, match="megapixels"):
            decode(encoded(Image.new("RGB", (20, 20)), kind))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 80))
def test_shrinking_bounds_the_longer_side_and_never_enlarges(height: int, width: int, side: int) -> None:
    small = shrink(np.zeros((height, width, 3), np.uint8), side)
    assert max(small.shape[:2]) == min(max(height, width), side)
    assert min(small.shape[:2]) >= 1


def test_the_cache_changes_nothing_but_speed(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [pictures.save(scene(number))[0] for number in range(4)]
    first = [pictures.pixels(name) for name in names]
    monkeypatch.setattr(module, "CACHE_BYTES", 1)
    narrow = Pictures(pictures.store)
    assert all(np.array_equal(narrow.pixels(name), pixels) for name, pixels in zip(names, first, strict=True))
    assert len(narrow._cache) == 1
    with pytest.raises(ValueError, match="read-only"):
        first[0][0, 0] = 0


def test_blobs_are_named_by_their_content(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put(b"abc")
    assert name == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert store.put(b"abc") == name
    assert store.get(name) == b"abc"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]
    with pytest.raises(CatalogError, match="blob 000000000000: missing"):
        store.get("0" * 64)
