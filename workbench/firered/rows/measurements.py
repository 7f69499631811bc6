"""Measurements of an image, Sec. 2.2: columns, never decisions."""

from dataclasses import dataclass
from typing import ClassVar

from firered.rows.base import Row


@dataclass(frozen=True)
class Photometry(Row):
    """Photometric and statistical measurements, Sec. 2.2.2."""

    image_id: int
    brightness: float  # mean luma, 0..1
    saturation: float  # mean HSV saturation, 0..1
    rgb_entropy: float  # bits, mean over the channels, 0..8
    texture: float  # mean local standard deviation of luma over 8x8 blocks, 0..1
    sharpness: float  # variance of the Laplacian of luma at full resolution
    focus: float  # ln of the Laplacian's energy over the variance, in the busiest blocks; about 0, blurred below -2
    shadows: float  # 5th percentile of luma, 0..1
    highlights: float  # 95th percentile of luma, 0..1
    ground: float  # luma of the rim, 0..1, where it is of one tone: a thing on plain ground; else -1


@dataclass(frozen=True)
class ImageHash(Row):
    """64-bit perceptual hashes (as signed integers) of the image, its mirror image and two central crops."""

    image_id: int
    phash: int
    mirrored: int
    cropped: int  # of the central part, as a crop of a few per cent would leave it
    cropped_more: int


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
    contrast: float  # luma between the strokes and their ground, 0..1
    opacity: float  # 1: strokes of one even colour, 0: the ground shows through them, 0..1


@dataclass(frozen=True)
class Border(Row):
    """Bars of one colour along the edges: letterbox, pillarbox, frame."""

    image_id: int
    left: float  # width or height of each bar, relative to the image, 0..1
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Mosaic(Row):
    """Pixelated, blurred or blacked-out regions: mosaics and privacy masks."""

    image_id: int
    pixelated: float  # share of the image's area, 0..1
    block: float  # side of its blocks in pixels, 0 where none
    strength: float  # how clearly the blocks stand out, 0..1
    masked: float  # share of the area under plain or blurred boxes, 0..1


@dataclass(frozen=True)
class Collage(Row):
    """Straight seams across the image: collages, grids, before-and-after pictures."""

    image_id: int
    panels: int  # pictures that the seams make, 1 where none
    seam: float  # clearness of the first, which goes through the whole image, 0..1
    gutter: float  # width of plain stripes between panels, relative, 0 where they touch


@dataclass(frozen=True)
class Screenshot(Row):
    """How much an image looks drawn by a user interface."""

    image_id: int
    flat: float  # share of pixels equal to their right and lower neighbour, 0..1
    lines: float  # length of exact horizontal and vertical edges, in sides of the image
    score: float  # 0..1


@dataclass(frozen=True)
class Code(Row):
    """A QR code or barcode; no row where none was read."""

    image_id: int
    kind: str  # qr barcode
    symbology: str  # QRCode EAN13 Code128 ...
    text: str
    left: float  # all four relative to the image, 0..1
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Watermark(Row):
    """Signs of a mark that was laid over all of the image; single marks are found by the text that is read."""

    image_id: int
    repetition: float  # how strongly a faint pattern repeats on a grid, 0..1
    period: float  # from one mark to the nearest other, in longer sides of the image, 0 where none repeats


@dataclass(frozen=True)
class Face(Row):
    """A face, where the image is turned by `turn`; no row where none was found."""

    image_id: int
    score: float  # 0..1
    turn: int  # degrees clockwise that make it upright: 0 90 180 270
    left: float  # all four relative to the image as it is stored, 0..1
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Orientation(Row):
    """Which way is up, by geometric cues, Sec. 2.2.3."""

    image_id: int
    turn: int  # degrees clockwise that make it upright: 0 90 180 270
    turn_confidence: float  # 0..1
    tilt: float  # degrees clockwise that level it, besides
    tilt_confidence: float  # 0..1
    evidence: str  # cues and what each says


@dataclass(frozen=True)
class Quality(Row):
    """No-reference quality, Sec. 2.2.4."""

    image_id: int
    brisque: float  # about 0 (pristine) to 100 (poor); beyond 110 unlike anything that the model knows


@dataclass(frozen=True)
class Aesthetics(Row):
    """A transparent proxy of appeal: each part is stated, none is learned from ratings."""

    image_id: int
    composition: float  # 0..1
    harmony: float  # of the colours, 0..1
    light: float  # contrast and exposure, 0..1
    score: float  # 0..1


@dataclass(frozen=True)
class Spectrum(Row):
    """Statistics that generated images tend to show, Sec. 2.2.5."""

    image_id: int
    residual: float  # noise in the calm parts, in grey levels
    peaks: float  # height of the periodic peaks that upsampling leaves, ratio to their surroundings; 1 to 2 for none
    slope: float  # of the log power spectrum over log frequency
    light: float  # evenness of the light over the image, 0..1


@dataclass(frozen=True)
class ImageScore(Row):
    """What a model that was chosen by name says of an image."""

    image_id: int
    model: str  # spec with its revision
    label: str  # of a class, or the name of the metric
    score: float


# --- neighbours ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Neighbour(Row):
    """Two photographs that may be the same picture, Sec. 2.2.1 level 1; image_id < other_id."""

    neighbour_id: int
    image_id: int
    other_id: int
    method: str  # phash mirrored cropped..., or vector
    distance: float  # bits of the hash, or 1 - cosine
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class NeighbourImages(Row):
    """A pair of neighbours with both blobs (view)."""

    neighbour_id: int
    image_id: int
    other_id: int
    method: str
    distance: float
    sha256: str
    other_sha256: str


@dataclass(frozen=True)
class NeighbourScore(Row):
    """Whether two neighbours really show the same picture, from their pixels laid over each other."""

    neighbour_id: int
    correlation: float  # of the small luma pictures where both show the same part, aligned, -1..1
    ssim: float  # of the same, -1..1
    shared: float  # part of either picture that both show, 0..1
