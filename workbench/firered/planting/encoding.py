"""Files as cameras and sites write them: JPEG of several qualities and samplings, through Pillow."""

import io
from typing import Any

import numpy as np

from firered.templating.planes import Pixels

QUALITY = (75, 96)  # drawn from, the end excluded
PROGRESSIVE = 0.1  # share of the files


def settings(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the quality (75 to 95), the sampling (4:2:0 or 4:4:4) and whether it is progressive (one in ten)."""
    return {
        "quality": int(rng.integers(*QUALITY)),
        "subsampling": "4:2:0" if rng.random() < 0.7 else "4:4:4",
        "progressive": bool(rng.random() < PROGRESSIVE),
    }


def jpeg(
    pixels: Pixels,
    *,
    quality: int,
    subsampling: str = "4:2:0",
    progressive: bool = False,
    exif: bytes = b"",
    xmp: bytes = b"",
) -> bytes:
    """Encode (H, W, 3) uint8 pixels as JPEG."""
    from PIL import Image

    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        written,
        "JPEG",
        quality=quality,
        subsampling=subsampling,
        progressive=progressive,
        exif=exif,
        xmp=xmp,
    )
    return written.getvalue()
