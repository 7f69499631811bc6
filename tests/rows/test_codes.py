"""Finding QR codes and barcodes, and not finding them in photographs of other things."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firered.descriptors import codes
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import Photo, id_of_sha256
from firered.store import BlobStore

zxingcpp = pytest.importorskip("zxingcpp")
GATE = load("codes").settings()["gate"]


def symbol(text, symbology, *, module=4):
    """A code (h, w) uint8 with a quiet zone, `module` pixels a module."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology))
    drawn = np.array(made.to_image(scale=module))
    if symbology in codes.SQUARE.split():
        return drawn
    bars = np.repeat(drawn[len(drawn) // 2][None], drawn.shape[1] // 2, axis=0)
    return np.pad(bars, ((3 * module, 3 * module), (0, 0)), constant_values=255)


def meadow(height=480, width=640):
    """Pixels (height, width, 3) of soft noise, without any code."""
    coarse = np.random.default_rng(0).integers(60, 180, (height // 8, width // 8, 3), np.uint8)
    return np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)


def on_meadow(drawn, left=60, top=40, height=480, width=640):
    """Pixels (480, 640, 3) with a code, and where it stands, relative."""
    pixels = meadow(height, width)
    tall, wide = drawn.shape
    pixels[top : top + tall, left : left + wide] = drawn[..., None]
    return pixels, (left / width, top / height, (left + wide) / width, (top + tall) / height)


def inside(inner, outer, slack=0.02):
    """Whether a box lies in another, but for `slack` of the picture."""
    return all(a >= b - slack for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b + slack for a, b in zip(inner[2:], outer[2:], strict=True)
    )


@pytest.mark.parametrize(
    ("symbology", "text", "kind"),
    [
        ("QRCode", "https://example.org/menu", "qr"),
        ("DataMatrix", "PART 1182", "qr"),
        ("Aztec", "SEAT 12A, COACH 7", "qr"),
        ("EAN13", "4006381333931", "barcode"),
        ("Code128", "PKG-118204", "barcode"),
        ("Code39", "A118204", "barcode"),
    ],
)
def test_a_code_is_read_where_it_stands(symbology, text, kind):
    pixels, box = on_meadow(symbol(text, symbology, module=3))
    (found,) = codes.find(pixels, gate=GATE)
    assert (found.kind, found.text) == (kind, text)
    assert inside(found.box, box)


@settings(max_examples=10, deadline=None)
@given(left=st.integers(0, 300), top=st.integers(0, 200), module=st.integers(3, 9))
def test_a_square_code_is_found_anywhere_in_any_size(left, top, module):
    drawn = symbol("https://example.org/menu", "QRCode", module=module)
    pixels, box = on_meadow(
        drawn[: 480 - top, : 640 - left],
        left=min(left, 640 - drawn.shape[1]),
        top=min(top, 480 - drawn.shape[0]),
    )
    (found,) = codes.find(pixels, gate=GATE)
    assert inside(found.box, box)


def test_bars_on_their_side_are_read():
    drawn = np.ascontiguousarray(symbol("PKG-118204", "Code128", module=2).T)
    pixels, _ = on_meadow(drawn)
    assert [found.text for found in codes.find(pixels, gate=GATE)] == ["PKG-118204"]


def test_two_codes_are_two_rows():
    pixels, _ = on_meadow(symbol("https://example.org/menu", "QRCode", module=5))
    bars = symbol("4006381333931", "EAN13", module=2)
    pixels[340 : 340 + len(bars), 300 : 300 + bars.shape[1]] = bars[..., None]
    assert len(codes.find(pixels, gate=GATE)) == 2


def test_bars_that_cannot_be_read_are_a_barcode_without_a_text():
    drawn = symbol("PKG-118204", "Code128", module=2)
    body = drawn[:, 20:-20]
    middle = body.shape[1] // 2
    drawn[:, 20:-20] = np.hstack([body[:, middle:], body[:, :middle]])
    pixels, box = on_meadow(drawn)
    (found,) = codes.find(pixels, gate=GATE)
    assert (found.kind, found.symbology, found.text) == ("barcode", "", "")
    assert inside(found.box, box)


@pytest.mark.parametrize("height", [1, 2, 15, 400])
def test_a_plain_picture_has_no_code(height):
    assert codes.find(np.full((height, 300, 3), 130, np.uint8), gate=GATE) == []


def test_a_fence_is_no_barcode():
    across = (127 + 120 * np.sign(np.sin(np.arange(640) / 4))).astype(np.uint8)
    drift = np.random.default_rng(1).normal(0, 25, (480, 640))
    fence = np.clip(across[None] + np.cumsum(drift, axis=0) / 4, 0, 255).astype(np.uint8)
    assert codes.find(np.repeat(fence[..., None], 3, axis=2), gate=GATE) == []


def test_each_photograph_gets_the_rows_of_its_codes(tmp_path):
    pictures = Pictures(BlobStore(tmp_path))
    rows = []
    for pixels in (on_meadow(symbol("PART 1182", "QRCode"))[0], meadow()):
        sha256, size = pictures.save(pixels)
        rows.append(Photo(id_of_sha256(sha256), sha256, 640, 480, size, "JPEG", "RGB", 1, "photo", "CC0-1.0"))
    first, second = load("codes")(rows, pictures)
    assert [(code.image_id, code.kind, code.symbology, code.text) for code in first] == [
        (rows[0].image_id, "qr", "QRCode", "PART 1182")
    ]
    assert second == []
