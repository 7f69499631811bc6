"""Take files into the catalog as upright images; an unreadable or truncated file costs one row."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firered.operator import Operator
from firered.pictures import Pictures, decode, flat_rgb
from firered.rows import File, Image, Ingested, Row, id_of_sha256

ORIENTATION = 0x0112  # EXIF tag


@dataclass(frozen=True, kw_only=True)
class Ingest(Operator):
    """Check that a file decodes, turn it upright, store its bytes.

    An upright file is stored as it is. A turned one is stored as a new JPEG of quality 95, because
    readers differ in whether they obey EXIF.
    """

    reads = File
    writes = (Image, Ingested)

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield an Image and an Ingested row for each file."""
        for row in rows:
            image = ingest(Path(row.path).read_bytes(), row.licence, pictures)
            yield [image, Ingested(row.file_id, image.image_id)]


def ingest(data: bytes, licence: str, pictures: Pictures) -> Image:
    """Store a photograph; raises ValueError where the bytes are no picture."""
    pixels = decode(data)
    kind, mode, orientation = facts(data)
    stored = data
    if orientation != 1:
        pixels, stored = turned(data)
        kind, mode = "JPEG", "RGB"
    sha256 = pictures.save_bytes(stored)
    height, width = pixels.shape[:2]
    return Image(
        id_of_sha256(sha256), sha256, width, height, len(stored), kind, mode, orientation, "photo", licence
    )


def facts(data: bytes) -> tuple[str, str, int]:
    """Format, Pillow mode and EXIF orientation (1..8) from the header."""
    from PIL import Image as Pillow

    with Pillow.open(io.BytesIO(data)) as opened:
        orientation = opened.getexif().get(ORIENTATION, 1)
        upright = orientation if orientation in range(1, 9) else 1
        return str(opened.format), opened.mode, upright


def turned(data: bytes) -> tuple[Any, bytes]:
    """Upright (H, W, 3) uint8 pixels and their JPEG bytes."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL import ImageOps

    from firered.pictures import encode_jpeg

    with Pillow.open(io.BytesIO(data)) as opened:
        pixels = np.array(flat_rgb(ImageOps.exif_transpose(opened)))
    return pixels, encode_jpeg(pixels, quality=95)


OPERATOR = Ingest
