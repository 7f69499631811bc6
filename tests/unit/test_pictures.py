"""Pictures and blobs: every mode becomes RGB, broken bytes say so, the cache changes nothing."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import scene
from firered import pictures as module
from firered import store as store_module
from firered.errors import CatalogError
from firered.pictures import Pictures, Rooms, decode, encode_jpeg, flat_rgb, shrink
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


def saved(kind: str, **options: object) -> bytes:
    return encoded(Image.fromarray(scene(1)), kind, **options)


JPEGS = {
    "baseline": saved("JPEG"),
    "progressive": saved("JPEG", progressive=True),
    "restarts": saved("JPEG", restart_marker_blocks=10),
    "grey": encoded(Image.fromarray(scene(1)).convert("L"), "JPEG"),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_that_ends_early_says_so(kind: str) -> None:
    data = JPEGS[kind]
    for length in (len(data) // 2, len(data) * 99 // 100, len(data) - 2, len(data) - 1):
        with pytest.raises(ValueError, match=r"^truncated JPEG: "):
            decode(data[:length])
    with pytest.raises(ValueError, match=r"^corrupt JPEG: "):
        decode(data[: len(data) // 2] + b"\xff\xd9")


@pytest.mark.parametrize("kind", JPEGS)
def test_what_follows_the_end_of_a_jpeg_and_padding_before_it_are_harmless(kind: str) -> None:
    data = JPEGS[kind]
    for harmless in (data + b"rubbish" * 50, data + data, data[:-2] + b"\xff\xff\xff\xd9"):
        assert np.array_equal(decode(harmless), decode(data))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_a_cut_file_of_another_format_names_the_format(kind: str) -> None:
    data = saved(kind)
    for length in (len(data) // 2, len(data) * 99 // 100):
        with pytest.raises(ValueError, match=rf"^(truncated|corrupt|unreadable) {kind}: "):
            decode(data[:length])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty file"),
        (b"\xff\xd8\xff", "truncated JPEG: it ends inside its header"),
        (JPEGS["baseline"][:300], "truncated JPEG: it ends inside its header"),
        (b"I am no picture", "not a picture: it begins like text"),
        ("{'naïve': '€'}".encode() * 99, "not a picture: it begins like text"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "not a picture: it begins like HTML"),
        (b"%PDF-1.7", "not a picture: it begins like a PDF"),
        (b"PK\x03\x04" + bytes(40), "not a picture: it begins like a zip archive"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "not a picture: it begins like an MP4 video"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(40), "not a picture: it begins like an AVI video"),
        (bytes(500), "not a picture: it begins like zeros"),
        (bytes(range(256)), "not a picture: it begins like nothing that is known"),
        (b"\0\0\0\x20ftypheic" + bytes(40), "unreadable HEIC"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_picture_say_what_they_begin_like(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=rf"^{says}"):
        decode(data)


def test_a_decompression_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS", 100)
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        with pytest.raises(ValueError, match=r"^too large: 20x20 pixels"):
            decode(encoded(Image.new("RGB", (20, 20)), kind))


@pytest.mark.parametrize("color", [2, 6])
def test_a_png_of_900_megapixels_is_refused_by_its_header(color: int) -> None:
    body = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, color, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    )
    with pytest.raises(ValueError, match=r"^too large: "):
        decode(data)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {}), ("WEBP", {"lossless": True}), ("WEBP", {"exif": b"Exif"})],
)
def test_both_readers_of_a_format_give_equal_pixels(kind: str, options: dict[str, object]) -> None:
    data = saved(kind, **options)
    assert np.array_equal(decode(data), np.array(flat_rgb(Image.open(io.BytesIO(data)))))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_picture(kind: str) -> None:
    first, second = Image.new("RGB", (30, 20), (250, 0, 0)), Image.new("RGB", (30, 20), (0, 0, 250))
    pixels = decode(encoded(first, kind, save_all=True, append_images=[second], lossless=True))
    assert tuple(pixels[10, 10]) == (250, 0, 0)


def test_what_is_admitted_is_stored_and_decoded_once(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = JPEGS["baseline"]
    sha256, pixels = pictures.admit(data)
    monkeypatch.setattr(module, "decode", lambda data: pytest.fail("decoded again"))
    assert pictures.store.get(sha256) == data
    assert pictures.pixels(sha256) is pixels
    assert pictures.luma(sha256).shape == pixels.shape[:2]
    assert pictures.luma(sha256) is pictures.luma(sha256)


def test_a_damaged_picture_is_not_stored(pictures: Pictures) -> None:
    with pytest.raises(ValueError, match="truncated"):
        pictures.admit(JPEGS["baseline"][:-100])
    assert not list(pictures.store.root.rglob("*"))


def test_what_is_admitted_together_is_synced_once_at_the_end(tmp_path: Path) -> None:
    calls: list[str] = []

    class Watched(BlobStore):
        def sync(self) -> None:
            calls.append("sync")
            super().sync()

    pictures = Pictures(Watched(tmp_path))
    with pytest.raises(ValueError, match="empty"), pictures.together():
        names = [pictures.admit(encode_jpeg(scene(number)))[0] for number in range(3)]
        pictures.admit(b"")
    assert calls == ["sync"]
    assert all(pictures.store.size(name) for name in names)


def test_what_a_crash_cut_short_is_stored_anew(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put(b"abc")
    store.path(name).write_bytes(b"")
    assert store.put(b"abc") == name
    assert store.get(name) == b"abc"


def test_without_a_way_to_sync_all_every_blob_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(store_module, "_syncfs", lambda: None)
    monkeypatch.setattr(store_module.os, "fsync", synced.append)
    store = BlobStore(tmp_path)
    store.put(b"abc", sync=False)
    store.sync()
    assert len(synced) == 3  # the blob, and the folders that name it


# --- memory that is used again --------------------------------------------------------------------


def test_memory_is_used_again_only_when_no_view_of_it_is_left() -> None:
    rooms = Rooms()
    first = rooms.take((40, 50, 3))
    first[:] = 7
    view = first[3:5, ::2]
    address = first.__array_interface__["data"][0]
    del first
    other = rooms.take((40, 50, 3))
    other[:] = 9
    assert (view == 7).all()
    del view, other
    assert address in {rooms.take((40, 50, 3)).__array_interface__["data"][0] for _ in range(2)}


def test_memory_in_use_is_never_shared() -> None:
    rooms = Rooms()
    held = [rooms.take((10, 10 + number % 3)) for number in range(20)]
    for number, each in enumerate(held):
        each[:] = number
    assert all((each == number).all() for number, each in enumerate(held))


def test_memory_beyond_the_limit_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHE_BYTES", 1000)
    rooms = Rooms()
    held = [rooms.take((400,)) for _ in range(10)]
    assert len(rooms._held) == 2
    assert len(held) == 10


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
