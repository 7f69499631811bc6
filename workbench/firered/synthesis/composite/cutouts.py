"""Cut-outs: a colour and an alpha for each pixel, however they were come by."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.models import stamps
from firered.paths import shipped
from firered.synthesis.making import Said
from firered.templating.filters import Strict, read_yaml

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

FAINT = 1.5 / 255  # alpha below it is nothing
# An enlarged cut-out looks soft beside the photograph.
MOST_ENLARGED = 1.6
FRINGE = 8  # levels that a rim is brighter than the inside
MOST_FILLED = 1.4  # the same of a photograph that fills a frame


class Word(Strict):
    """What a stamp is called, where it may stand and how high it is."""

    en: str
    plural: str = ""
    zh: str
    counter: str
    where: str  # grass sky surface
    metres: float
    kind: str

    @property
    def one(self) -> Said:
        """The thing itself: 'fox', '狐狸'."""
        return Said(en=self.en, zh=self.zh)

    @property
    def a(self) -> Said:
        """One of it: 'a fox', '一只狐狸'."""
        article = "an" if self.en[0].lower() in "aeiou" else "a"
        return Said(en=f"{article} {self.en}", zh=f"一{self.counter}{self.zh}")

    @property
    def many(self) -> Said:
        """More than one of it: 'foxes', '只狐狸' (after a number)."""
        return Said(en=self.plural or f"{self.en}s", zh=f"{self.counter}{self.zh}")


@dataclass(frozen=True)
class Cutout:
    """Colour (H, W, 3) uint8 and alpha (H, W) float32, 0..1, cut to what is not transparent."""

    colour: "Pixels"
    alpha: "Floats"

    @property
    def aspect(self) -> float:
        """Width by height."""
        return float(self.alpha.shape[1] / self.alpha.shape[0])


@cache
def words() -> dict[str, Word]:
    """Stamps that may be used, by path; raises TemplateError where the lexicon is wrong."""
    found: dict[str, Word] = read_yaml(shipped("templates") / "lexicon" / "stamps.yaml", dict[str, Word])
    return found


@cache
def things() -> dict[str, Word]:
    """Things of the classes of COCO that may be cut out of other photographs; raises TemplateError."""
    found: dict[str, Word] = read_yaml(shipped("templates") / "lexicon" / "things.yaml", dict[str, Word])
    return found


@cache
def stamp(path: str) -> Cutout:
    """Cut-out of a stamp; raises ValueError where it looks drawn, ModelError where the set is not installed."""
    pixels = stamps.read(path)
    if not stamps.photographic(pixels):
        raise ValueError(f"stamp {path!r} looks drawn, not photographed")
    return unfringed(trimmed(pixels[..., :3], pixels[..., 3].astype(np.float32) / np.float32(255)))


def trimmed(colour: "Pixels", alpha: "Floats") -> Cutout:
    """Cut away the transparent rim; raises ValueError where nothing is left."""
    rows, columns = np.nonzero(alpha.max(axis=1) > FAINT)[0], np.nonzero(alpha.max(axis=0) > FAINT)[0]
    if not len(rows):
        raise ValueError("the cut-out is empty")
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(np.ascontiguousarray(colour[box]), np.ascontiguousarray(alpha[box]))


def unfringed(cutout: Cutout) -> Cutout:
    """Same, with the colours of the inside where the rim is brighter: what shone through from the old background."""
    inside = cv2.erode((cutout.alpha > 0.95).astype(np.float32), np.ones((5, 5), np.uint8))
    near = cv2.GaussianBlur(inside, (0, 0), 2)
    colour = cutout.colour.astype(np.float32)
    inner = cv2.GaussianBlur(colour * inside[..., None], (0, 0), 2) / np.maximum(near, 1e-3)[..., None]
    brighter = (colour - inner).mean(axis=2) > FRINGE
    # Thin legs and wires have no inside to learn from.
    rim = (inside == 0) & (near > 0.03) & brighter
    return Cutout(
        np.where(rim[..., None], np.clip(np.rint(inner), 0, 255), colour).astype(np.uint8), cutout.alpha
    )


def scaled(cutout: Cutout, height: int) -> Cutout:
    """Same at a height in pixels, colours weighted with alpha; raises ValueError where it would be enlarged too much."""
    factor = height / cutout.alpha.shape[0]
    if factor > MOST_ENLARGED:
        raise ValueError(f"the cut-out would be enlarged {factor:.1f} times, {MOST_ENLARGED} allowed")
    size = (max(1, round(cutout.alpha.shape[1] * factor)), max(1, height))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    # Transparent pixels have any colour, which must not bleed into the edge.
    weighted = cv2.resize(cutout.colour.astype(np.float32) * cutout.alpha[..., None], size, interpolation=way)
    alpha = np.clip(cv2.resize(cutout.alpha, size, interpolation=way), 0, 1)
    alpha[alpha < FAINT] = 0
    colour = weighted / np.maximum(alpha, FAINT)[..., None]
    return Cutout(np.clip(np.rint(colour), 0, 255).astype(np.uint8), alpha)


def mirrored(cutout: Cutout) -> Cutout:
    """Same, seen in a mirror."""
    return Cutout(np.ascontiguousarray(cutout.colour[:, ::-1]), np.ascontiguousarray(cutout.alpha[:, ::-1]))


def on_plain(cutout: Cutout, height: int, width: int, *, margin: float = 0.1) -> "Pixels":
    """A cut-out in the middle of white ground (height, width, 3), as large as the margin allows."""
    room_high, room_wide = height * (1 - 2 * margin), width * (1 - 2 * margin)
    fitting = min(room_high, room_wide / cutout.aspect, MOST_ENLARGED * cutout.alpha.shape[0])
    fitted = scaled(cutout, max(1, int(fitting)))
    high, wide = fitted.alpha.shape
    top, left = (height - high) // 2, (width - wide) // 2
    ground = np.full((height, width, 3), 255, np.uint8)
    box = np.s_[top : top + high, left : left + wide]
    ground[box] = over(ground[box], fitted.colour.astype(np.float32), fitted.alpha)
    return ground


def over(ground: "Pixels", colour: "Floats", alpha: "Floats") -> "Pixels":
    """The composite equation, alpha colour + (1 - alpha) ground, (H, W, 3) uint8; alpha 0 leaves the ground as it is."""
    share = alpha[..., None]
    mixed = share * colour + (1 - share) * ground.astype(np.float32)
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def filled(pixels: "Pixels", height: int, width: int, *, most: float = MOST_FILLED) -> "Pixels":
    """The middle of a photograph, scaled to (height, width, 3); raises ValueError where it is too small."""
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    if scale > most:
        raise ValueError(f"another photograph would be enlarged {scale:.1f} times, {most} allowed")
    high, wide = round(height / scale), round(width / scale)
    top, left = (pixels.shape[0] - high) // 2, (pixels.shape[1] - wide) // 2
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = np.ascontiguousarray(pixels[top : top + high, left : left + wide])
    return np.asarray(cv2.resize(part, (width, height), interpolation=way))
