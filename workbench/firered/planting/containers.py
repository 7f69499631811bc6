"""Files as they come: cut off, empty, not pictures at all, animated, in unusual colour modes."""

import io
import random
from typing import Any

import cv2
import numpy as np

from firered.planting.base import Base, Planted, between, one_of

PAGE = "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>The picture has moved.</body></html>\n"
FRAME_SIDE = 320  # pixels: animations are small


def truncated(base: Base, rng: np.random.Generator) -> Planted:
    """The first 30 to 98 % of the file's bytes, as a broken download leaves them."""
    share = between(rng, 0.3, 0.98)
    return base.data[: int(len(base.data) * share)], {"share": share}


def not_an_image(base: Base, rng: np.random.Generator) -> Planted:
    """A web page, random bytes, or an archive's header under the name of a picture."""
    kind = one_of(rng, ("page", "random", "archive"))
    noise = random.Random(int(rng.integers(2**32))).randbytes(4000)
    return {
        "page": PAGE.encode() + noise[:8].hex().encode(),
        "random": noise,
        "archive": b"PK\x03\x04" + noise,
    }[kind], {"kind": kind}


def empty(base: Base, rng: np.random.Generator) -> Planted:
    """No bytes at all."""
    return b"", {}


def animated(base: Base, rng: np.random.Generator) -> Planted:
    """GIF, WebP or PNG of three to six frames of a slow zoom."""
    kind, count = one_of(rng, ("GIF", "WEBP", "PNG")), int(rng.integers(3, 7))
    first, *rest = [_zoomed(base, 1 + 0.04 * number) for number in range(count)]
    data = _saved(first, kind, save_all=True, append_images=rest, duration=120, loop=0)
    return data, {"format": kind, "frames": count}


def _zoomed(base: Base, zoom: float) -> Any:
    from PIL import Image

    height, width = (round(side / zoom) for side in base.pixels.shape[:2])
    scale = min(1.0, FRAME_SIDE / max(base.height, base.width))
    size = (round(base.width * scale), round(base.height * scale))
    return Image.fromarray(cv2.resize(base.pixels[:height, :width], size, interpolation=cv2.INTER_AREA))


# --- unusual modes, which must come in fine -----------------------------------------------------


def mode_cmyk(base: Base, rng: np.random.Generator) -> Planted:
    """A JPEG of four inks, as printers' software writes it."""
    from PIL import Image

    return _saved(Image.fromarray(base.pixels).convert("CMYK"), "JPEG", quality=92), {"mode": "CMYK"}


def mode_16_bit(base: Base, rng: np.random.Generator) -> Planted:
    """A PNG of 16 bits a channel, in colour or grey."""
    grey = bool(rng.random() < 0.5)
    shown = cv2.cvtColor(base.pixels, cv2.COLOR_RGB2GRAY if grey else cv2.COLOR_RGB2BGR)
    written = cv2.imencode(".png", shown.astype(np.uint16) * 257)[1]
    return written.tobytes(), {"mode": "I;16" if grey else "RGB;16"}


def mode_palette(base: Base, rng: np.random.Generator) -> Planted:
    """A PNG of 256 colours."""
    from PIL import Image

    fast = Image.Quantize.FASTOCTREE
    return _saved(Image.fromarray(base.pixels).quantize(256, fast), "PNG"), {"mode": "P"}


def mode_alpha(base: Base, rng: np.random.Generator) -> Planted:
    """A PNG with alpha, clear in a rounded margin of 3 % and opaque elsewhere."""
    from PIL import Image, ImageDraw

    alpha = Image.new("L", (base.width, base.height))
    margin = round(min(base.height, base.width) * 0.03)
    box = (margin, margin, base.width - margin, base.height - margin)
    ImageDraw.Draw(alpha).rounded_rectangle(box, 4 * margin, fill=255)
    picture = Image.fromarray(base.pixels)
    picture.putalpha(alpha)
    return _saved(picture, "PNG"), {"mode": "RGBA"}


def _saved(picture: Any, kind: str, /, **settings: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **settings)
    return written.getvalue()
