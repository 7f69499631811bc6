"""Every row of the catalog: a frozen dataclass is a table (or a view); field order is column order.

The name of the table is the class name in snake case. `key()` is the first field. Ids are 63-bit
integers cut from a sha256, because joins on integers cost a third of joins on text.
"""

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from typing import ClassVar, Self


def id_of(*parts: object) -> int:
    """Make the 63-bit id of these parts; equal parts give equal ids on every machine."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def id_of_sha256(sha256: str) -> int:
    """Make the 63-bit id of content whose sha256 (64 hex digits) is known."""
    return int(sha256[:16], 16) >> 1


@dataclass(frozen=True)
class Row:
    """Base of all rows."""

    # Rows with their own identity are stored once however often they are made; measurements are
    # stored once per operator that made them.
    once: ClassVar[bool] = False

    @classmethod
    def table(cls) -> str:
        """Name of the table or view."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns, in order."""
        return [field.name for field in dataclasses.fields(cls)]

    @classmethod
    def key_column(cls) -> str:
        """Name of the column that identifies a row."""
        return cls.columns()[0]

    def key(self) -> int:
        """Id of this row."""
        value = getattr(self, self.key_column())
        assert isinstance(value, int), (type(self), value)
        return value

    def with_changes(self, **changes: object) -> Self:
        """Copy with some fields replaced."""
        return dataclasses.replace(self, **changes)


# --- what comes in ------------------------------------------------------------------------------


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


# --- measurements of an image -------------------------------------------------------------------


@dataclass(frozen=True)
class Photometry(Row):
    """Photometric and statistical measurements, Sec. 2.2.2."""

    image_id: int
    brightness: float  # mean luma, 0..1
    saturation: float  # mean HSV saturation, 0..1
    rgb_entropy: float  # bits, mean over the channels, 0..8
    texture: float  # mean local standard deviation of luma over 8x8 blocks, 0..1
    sharpness: float  # variance of the Laplacian of luma at full resolution


@dataclass(frozen=True)
class ImageHash(Row):
    """64-bit perceptual hashes (as signed integers) of the image and its mirror image."""

    image_id: int
    phash: int
    mirrored: int


@dataclass(frozen=True)
class TextBox(Row):
    """A line of text read in an image; no row where none was read."""

    image_id: int
    text: str
    score: float  # 0..1
    left: float  # all four relative to the image, 0..1
    top: float
    right: float
    bottom: float


# --- pairs and their words ----------------------------------------------------------------------


@dataclass(frozen=True)
class Pair(Row):
    """An edit: source image, target image, further reference images, task, and how it was made."""

    pair_id: int
    source_id: int
    target_id: int
    reference_ids: list[int]
    task: str
    subtask: str
    strategy: str  # template expert control invert split import
    maker: str  # name of the template, expert, ...
    parameters: str  # JSON, everything needed to make the target again
    seed: int
    parent_id: int | None  # pair this one was made from
    photo_id: int | None  # photograph it goes back to, which no split of a manifest may share
    step: int  # k-th step of a split request, 0 for a whole one
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class Text(Row):
    """A caption of an image or an instruction of a pair."""

    text_id: int
    subject_id: int  # image_id or pair_id
    tier: str  # original structured | detailed concise user
    language: str  # en zh
    text: str
    phrase_id: int  # equal texts in one language share it, so nothing is embedded twice
    once: ClassVar[bool] = True

    @classmethod
    def of(cls, subject_id: int, tier: str, language: str, text: str) -> "Text":
        """Make the row of a text."""
        text_id = id_of("text", subject_id, tier, language, text)
        return cls(text_id, subject_id, tier, language, text, id_of("phrase", language, text))


@dataclass(frozen=True)
class PixelScore(Row):
    """Model-free judgement of a pair against its stored parameters (pixel truth)."""

    pair_id: int
    property: str  # what was asked to change: brightness, hue, crop, text, ...; "blur undone" for an inverse
    asked: float  # amount asked, in the property's unit
    measured: float  # amount found in the pixels
    followed: float  # 0..1, 1 is exactly as asked
    kept: float  # 0..1, how well the rest is kept
    changed_area: float  # share of pixels that changed, 0..1
    psnr: float  # dB between source and target (100 where identical or of unequal size)


@dataclass(frozen=True)
class EditScore(Row):
    """How a trained model edited a held-out pair."""

    score_id: int
    run_name: str
    pair_id: int
    phase: str  # before after (training)
    psnr: float  # dB, edit against target
    psnr_copy: float  # dB, source against target
    followed: bool | None  # nearer to its own target than to the source's other targets
    once: ClassVar[bool] = True


# --- views that operators read ------------------------------------------------------------------


@dataclass(frozen=True)
class Photo(Image):
    """A photograph that came in, not the product of an edit (view)."""


@dataclass(frozen=True)
class KeptImage(Image):
    """An image that no filter of the latest run rejects (view)."""


@dataclass(frozen=True)
class KeptPhoto(Image):
    """A kept image that is a photograph, not the product of an edit (view)."""


@dataclass(frozen=True)
class KeptPair(Pair):
    """A pair that no filter of the latest run rejects (view)."""


@dataclass(frozen=True)
class PairImages(Row):
    """A pair with the blobs of its source and target (view)."""

    pair_id: int
    source_id: int
    target_id: int
    task: str
    subtask: str
    strategy: str
    maker: str
    parameters: str
    seed: int
    parent_id: int | None
    photo_id: int | None
    source_sha256: str
    target_sha256: str


@dataclass(frozen=True)
class KeptPhrase(Row):
    """A distinct instruction of kept pairs, in one language (view)."""

    phrase_id: int
    language: str
    text: str


# --- vectors (kept in Lance, not in DuckDB) -----------------------------------------------------


@dataclass(frozen=True)
class Vector(Row):
    """An embedding; `space` names the encoder and what was embedded, and is the Lance table."""

    subject_id: int
    space: str
    vector: list[float]  # unit length
