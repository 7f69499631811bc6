"""Images: the files they come from, their blobs, and the views of them that operators read."""

from dataclasses import dataclass
from typing import ClassVar

from firered.rows.base import Row, id_of


@dataclass(frozen=True)
class File(Row):
    """A file that was listed; a changed file (size or time) is another row."""

    file_id: int
    path: str
    source: str  # the folder or package that was added
    licence: str
    bytes: int
    modified_ns: int
    once: ClassVar[bool] = True

    @classmethod
    def of(cls, path: str, source: str, licence: str, size: int, modified_ns: int) -> "File":
        """Make the row of a file as it is now."""
        return cls(id_of("file", path, size, modified_ns), path, source, licence, size, modified_ns)


@dataclass(frozen=True)
class Image(Row):
    """A picture in the blob store, upright (EXIF orientation applied)."""

    image_id: int
    sha256: str
    width: int  # pixels
    height: int
    bytes: int
    format: str  # JPEG PNG WEBP ...
    mode: str  # Pillow's mode of the original: RGB L RGBA CMYK ...
    orientation: int  # EXIF orientation that was applied, 1 is upright
    origin: str  # 'photo', or the operator that made it
    licence: str
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class Ingested(Row):
    """Which image a file became; several files of one image are exact duplicates."""

    file_id: int
    image_id: int


@dataclass(frozen=True)
class Header(Row):
    """What a file says of itself, read without a decode; the metadata tier of Sec. 2.2.5."""

    file_id: int
    format: str  # JPEG PNG WEBP ..., by content
    extension: str  # of the name, lower case without the dot
    width: int  # pixels, before any turn
    height: int
    mode: str  # Pillow's: RGB L RGBA CMYK P I;16 ...
    orientation: int  # EXIF, 1 is upright
    frames: int  # more than 1: animated, or several pages
    progressive: bool
    camera: str  # EXIF make and model, '' where none
    software: str  # what wrote the file, by EXIF, PNG text or XMP, '' where none
    generator: str  # generative model that the metadata name, '' where none
    c2pa: str  # '' no manifest, 'present', or its digital source type
    evidence: str  # which tag said so, and what


@dataclass(frozen=True)
class Corrected(Row):
    """A photograph that was turned by geometric cues: a new image with its lineage."""

    image_id: int  # of the corrected image
    parent_id: int
    turn: int  # degrees clockwise: 0 90 180 270
    tilt: float  # degrees clockwise, besides
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class TurnedPhoto(Row):
    """A photograph that the filter turned rejects, and what makes it upright (view)."""

    image_id: int
    sha256: str
    licence: str
    turn: int  # degrees clockwise: 0 90 180 270
    tilt: float  # degrees clockwise, besides


@dataclass(frozen=True)
class Photo(Image):
    """A photograph that came in, not the product of an edit (view)."""


@dataclass(frozen=True)
class KeptImage(Image):
    """An image that no filter of the latest run rejects (view)."""


@dataclass(frozen=True)
class KeptPhoto(Image):
    """A kept image that is a photograph, not the product of an edit (view)."""
