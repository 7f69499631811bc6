"""Parts of a photograph hidden or added to: mosaics, privacy boxes, borders, QR codes and barcodes."""

from functools import partial

import cv2
import numpy as np

from firered.planting.base import Base, Planted, between, clipped, corner, one_of
from firered.templating.planes import Pixels

FILLS = (
    (0, 0, 0),
    (0, 0, 0),
    (255, 255, 255),
    (255, 255, 255),
    (128, 128, 128),
    (235, 225, 205),
    (25, 60, 110),
)
PAYLOADS = (
    "https://example.org/menu?table={}", "https://example.com/p/{}", "WIFI:T:WPA;S:guest;P:{};;", "order {}",
    "https://u.example.cn/r/{}?from=timeline", "MECARD:N:Berg,Anna;TEL:{};;",
)  # fmt: skip


def mosaic(base: Base, rng: np.random.Generator) -> Planted:
    """Squares of 1.5 to 4 % of the longer side over 4 to 35 % of the picture, or (one in six) over all of it."""
    share = 1.0 if rng.random() < 1 / 6 else between(rng, 0.04, 0.35)
    block = max(8, round(max(base.pixels.shape) * rng.uniform(0.015, 0.04)))
    box = _box(base, share, rng)
    pixels = base.pixels.copy()
    pixels[box] = _pixelated(pixels[box], block)
    return pixels, {"share": share, "block": block, "box": _sides(box)}


def privacy_mask(base: Base, rng: np.random.Generator) -> Planted:
    """One to three boxes of 2 to 12 % of the picture each, plain or blurred beyond recognition."""
    kind, count = one_of(rng, ("black", "white", "blurred", "blurred")), int(rng.integers(1, 4))
    boxes = [_box(base, between(rng, 0.02, 0.12), rng) for _ in range(count)]
    sigma = max(base.pixels.shape) * between(rng, 0.02, 0.04)
    pixels = base.pixels.copy()
    for box in boxes:
        fills = {"black": 0, "white": 255}
        pixels[box] = fills[kind] if kind in fills else cv2.GaussianBlur(pixels[box], (0, 0), sigma)
    return pixels, {"kind": kind, "boxes": [_sides(box) for box in boxes]}


def _box(base: Base, share: float, rng: np.random.Generator) -> tuple[slice, slice]:
    """Draw a box of `share` of the area, sides within 1:2 of each other, where there is something to hide."""
    aspect = 1.0 if share == 1 else rng.uniform(0.6, 1.7)
    height = min(base.height, round(base.height * np.sqrt(share * aspect)))
    width = min(base.width, round(base.width * np.sqrt(share / aspect)))
    corners = [corner(rng, (base.height, base.width), (height, width)) for _ in range(6)]
    boxes = [(slice(top, top + height), slice(left, left + width)) for top, left in corners]
    # Nobody hides a piece of the sky, and nobody could see that it was hidden.
    return max(boxes, key=lambda box: float(base.pixels[box][::4, ::4].std(axis=(0, 1)).sum()))


def _sides(box: tuple[slice, slice]) -> list[int]:
    rows, columns = box
    return [columns.start, rows.start, columns.stop, rows.stop]


def _pixelated(pixels: Pixels, block: int) -> Pixels:
    height, width = pixels.shape[:2]
    down, across = -(-height // block), -(-width // block)
    padded = cv2.copyMakeBorder(
        pixels, 0, down * block - height, 0, across * block - width, cv2.BORDER_REPLICATE
    )
    small = cv2.resize(padded, (across, down), interpolation=cv2.INTER_AREA)
    return small.repeat(block, axis=0).repeat(block, axis=1)[:height, :width]  # type: ignore[no-any-return]


# --- borders ------------------------------------------------------------------------------------


def border(base: Base, rng: np.random.Generator) -> Planted:
    """Letterbox or pillarbox (5 to 15 % a bar) or a frame (2 to 8 % a side) of one colour, added around."""
    kind, rgb = one_of(rng, ("letterbox", "pillarbox", "frame")), one_of(rng, FILLS)
    share = between(rng, 0.02, 0.08) if kind == "frame" else between(rng, 0.05, 0.15)
    down = round(base.height * share) if kind != "pillarbox" else 0
    across = round(base.width * share) if kind != "letterbox" else 0
    if kind == "frame":
        down = across = min(down, across)
    pixels = cv2.copyMakeBorder(base.pixels, down, down, across, across, cv2.BORDER_CONSTANT, value=rgb)
    return pixels, {"kind": kind, "rgb": list(rgb), "bars": [across, down]}


# --- codes --------------------------------------------------------------------------------------


def qr(base: Base, rng: np.random.Generator) -> Planted:
    """A QR code with its quiet zone, 15 to 40 % of the shorter side, 3 pixels a module or more, turned up to 8 degrees."""
    text = one_of(rng, PAYLOADS).format(int(rng.integers(10**5, 10**8)))
    share = between(rng, 0.15, 0.4)
    modules = _written(text, "QRCode", level=one_of(rng, ("L", "M", "Q")))
    scale = max(3, round(min(base.height, base.width) * share / modules.shape[0]))
    label = modules.repeat(scale, axis=0).repeat(scale, axis=1)
    return _stuck(base, label, between(rng, -8, 8), rng), {"text": text, "pixels_a_module": scale}


def barcode(base: Base, rng: np.random.Generator) -> Planted:
    """EAN-13, EAN-8, Code 128 or Code 39 with quiet zones, 2 pixels a module or more, turned up to 4 degrees."""
    digits = "".join(str(digit) for digit in rng.integers(0, 10, 12))
    texts = {"EAN13": digits, "EAN8": digits[:7], "Code128": f"PKG-{digits[:8]}", "Code39": f"A{digits[:6]}"}
    symbology = one_of(rng, list(texts))
    line = _written(texts[symbology], symbology)[:1]
    quiet = np.full((1, 10), 255, np.uint8)
    line = np.hstack([quiet, line, quiet])
    scale = max(2, round(base.width * between(rng, 0.25, 0.5) / line.shape[1]))
    bars = line.repeat(scale, axis=1).repeat(round(line.shape[1] * scale * rng.uniform(0.25, 0.5)), axis=0)
    label = cv2.copyMakeBorder(bars, 6 * scale, 6 * scale, 0, 0, cv2.BORDER_CONSTANT, value=255)
    parameters = {"text": texts[symbology], "symbology": symbology, "pixels_a_module": scale}
    return _stuck(base, label, between(rng, -4, 4), rng), parameters


def _written(text: str, symbology: str, *, level: str = "") -> Pixels:
    """Modules of a code, (H, W) uint8, one pixel a module, black on white; a QR code with its quiet zone."""
    import zxingcpp

    options = f"EcLevel={level}" if level else ""
    write = partial(zxingcpp.create_barcode, text, getattr(zxingcpp.BarcodeFormat, symbology))
    made = write(options=options) if options else write()
    image = zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=True, add_hrt=False)
    return np.array(image)


def _stuck(base: Base, label: Pixels, degrees: float, rng: np.random.Generator) -> Pixels:
    """Lay a grey label over the picture, turned; a label that is too large is made to fit."""
    limit = min(0.9 * base.height / label.shape[0], 0.9 * base.width / label.shape[1])
    if limit < 1:
        label = cv2.resize(label, None, fx=limit, fy=limit, interpolation=cv2.INTER_AREA)
    height, width = label.shape
    top, left = corner(rng, (base.height, base.width), (height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    matrix[:, 2] += (left, top)
    size = (base.width, base.height)
    laid = cv2.warpAffine(label, matrix, size, flags=cv2.INTER_LINEAR)[..., None]
    share = cv2.warpAffine(np.full_like(label, 255), matrix, size)[..., None].astype(np.float32) / 255
    return clipped(base.pixels * (1 - share) + laid * share)
