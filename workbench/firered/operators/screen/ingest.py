"""Take files into the catalog as upright images; an unreadable or truncated file costs one row."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firered.descriptors import containers
from firered.descriptors.tags import exif_tags
from firered.operator import Operator
from firered.pictures import Pictures, decode, encode_jpeg
from firered.rows import File, Image, Ingested, Row, id_of_sha256


@dataclass(frozen=True, kw_only=True)
class Ingest(Operator):
    """Check that a file decodes, turn it upright, store its bytes.

    An upright file is stored as it is. A turned one is stored as a new JPEG of quality 95, because
    readers differ in whether they obey EXIF.
    """

    reads = File
    writes = (Image, Ingested)
    expected = (ValueError, OSError)

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield an Image and an Ingested row for each file."""
        for row in rows:
            image = ingest(contents(row.path), row.licence, pictures)
            yield [image, Ingested(row.file_id, image.image_id)]


def contents(path: str) -> bytes:
    """Bytes of a file; raises ValueError where its name, which is not UTF-8, could not be written down."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path object costs as much as the reading
            return file.read()
    except FileNotFoundError:
        if "\\x" in path:
            raise ValueError("the file's name is not UTF-8 (rename it)") from None
        raise


def ingest(data: bytes, licence: str, pictures: Pictures) -> Image:
    """Store a photograph; raises ValueError with the kind of damage where the bytes are no whole picture."""
    kind, mode, orientation = facts(data)
    if orientation != 1:
        data = encode_jpeg(upright(decode(data), orientation), quality=95)
        kind, mode = "JPEG", "RGB"
    sha256, pixels = pictures.admit(data)
    height, width = pixels.shape[:2]
    return Image(
        id_of_sha256(sha256), sha256, width, height, len(data), kind, mode, orientation, "photo", licence
    )


def facts(data: bytes) -> tuple[str, str, int]:
    """Format, mode and EXIF orientation (1..8) from the header; raises ValueError where there is none."""
    found = containers.read(containers.taking(data)) or _by_pillow(data)
    orientation = exif_tags(found.exif).get("Orientation", "1") if found.exif else "1"
    return found.format, found.mode, int(orientation) if orientation in tuple("12345678") else 1


def _by_pillow(data: bytes) -> containers.Facts:
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(data)) as opened:
            exif = opened.getexif().tobytes().removeprefix(containers.EXIF)
            return containers.Facts(str(opened.format), *opened.size, opened.mode, exif=exif)
    except (OSError, SyntaxError, EOFError, Pillow.DecompressionBombError):
        decode(data)  # says which kind of damage it is
        raise


def upright(pixels: Any, orientation: int) -> Any:
    """Turn (H, W, 3) pixels by an EXIF orientation (2..8)."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


OPERATOR = Ingest
