"""The album: thumbnails by blob, each made once, small enough to live inside the page."""

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from firered.errors import CatalogError
from firered.pictures import Pictures, decode, shrink

if TYPE_CHECKING:
    from firered.pictures import Pixels

SIDE = 192  # pixels, longer side
QUALITY = 72  # WebP; about 4 kB a picture
SCHEME = "data:image/webp;base64,"


@dataclass
class Album:
    """Thumbnails in order of their first use."""

    pictures: Pictures
    numbers: dict[str, int | None] = field(default_factory=dict)  # by sha256, None is unreadable
    thumbnails: list[str] = field(default_factory=list)  # base64
    length: int = 0  # characters of all thumbnails

    def number(self, sha256: str) -> int | None:
        """Place of a blob's thumbnail in the album; None where the blob is missing or unreadable."""
        if sha256 not in self.numbers:
            self.numbers[sha256] = self._add(sha256)
        return self.numbers[sha256]

    def uri(self, sha256: str | None) -> str | None:
        """Data URI of a blob's thumbnail; None where there is none."""
        number = self.number(sha256) if sha256 else None
        return None if number is None else SCHEME + self.thumbnails[number]

    def _add(self, sha256: str) -> int | None:
        # A report must open although a blob is gone; the audit is where that is an error.
        try:
            thumbnail = encode(self.pictures.scaled(sha256, SIDE))
        except (CatalogError, ValueError):
            return None
        self.thumbnails.append(thumbnail)
        self.length += len(thumbnail)
        return len(self.thumbnails) - 1


def encode(pixels: "Pixels") -> str:
    """Encode (H, W, 3) uint8 pixels as WebP in base64."""
    from PIL import Image

    data = io.BytesIO()
    # Effort 2 of 6: half the time of the default, 4 % more bytes.
    Image.fromarray(pixels).save(data, "WEBP", quality=QUALITY, method=2)
    return base64.b64encode(data.getvalue()).decode("ascii")


def uri_of_file(path: Path) -> str | None:
    """Data URI of the thumbnail of a picture file; None where it is missing or unreadable."""
    try:
        return SCHEME + encode(shrink(decode(path.read_bytes()), SIDE))
    except (OSError, ValueError):
        return None
