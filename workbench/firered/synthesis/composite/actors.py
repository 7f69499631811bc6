"""Actors: cut-outs that stand in a photograph, with its light and with shadows under their feet."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite import light
from firered.synthesis.composite.cutouts import FAINT, Cutout, mirrored, over, scaled
from firered.synthesis.composite.ground import Spot
from firered.synthesis.composite.light import Light
from firered.synthesis.making import Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Binary = NDArray[np.bool_]

FEET = 0.10  # share of its height, from below, that touches the ground
SQUASHED = 0.16  # height of the cast shadow by that of the thing
CAST, CONTACT = 0.30, 0.55  # darkness of the two shadows
SUNK = 0.05  # share of its height that blades of grass reach
DARKEST_SHADOW = 0.75


@dataclass(frozen=True)
class Actor:
    """A cut-out and where it stands; `where` is the kind of ground, `mirror` turns it round, `lean` its shadow."""

    cutout: Cutout
    spot: Spot
    where: str
    mirror: bool = False
    lean: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """A photograph with an actor: its pixels, the actor's alpha (H, W) 0..1, and what was touched at all (H, W)."""

    pixels: "Pixels"
    alpha: "Floats"
    touched: "Binary"
    colour: "Floats"  # of the actor (H, W, 3), 0..255, where it has alpha

    def repainted(self, colour: "Floats") -> "Pixels":
        """Same picture with other colours (H, W, 3) of the actor; where it has no alpha nothing changes."""
        mixed = self.pixels.astype(np.float32) + self.alpha[..., None] * (colour - self.colour)
        return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)

    @property
    def region(self) -> Region:
        """Where the actor is more than half opaque."""
        return Region.of(self.alpha >= 0.5)

    @property
    def box(self) -> list[float]:
        """Box of the actor: left, top, right, bottom, 0..1."""
        return box_of(self.alpha >= 0.5)


def box_of(mask: "Binary") -> list[float]:
    """Box of a mask (H, W): left, top, right, bottom, 0..1; raises ValueError for an empty one."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        raise ValueError("the thing is smaller than a pixel")
    height, width = mask.shape
    edges = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    return [round(float(edge), 5) for edge in edges]


def draw(pixels: "Pixels", actor: Actor, wanted: Light, seed: int) -> Drawn:
    """Lay an actor on a photograph (H, W, 3) uint8; what it and its shadow do not reach is bit-equal."""
    fitted = _fitted(actor, wanted, pixels.shape[0], seed)
    colour, alpha = _placed(fitted, actor.spot, pixels.shape[0], pixels.shape[1])
    if actor.where == "grass":
        alpha = _sunk(alpha, pixels, actor.spot)
    shade = np.zeros_like(alpha) if actor.where == "sky" else shadow(alpha, actor.spot, actor.lean)
    dark = over(pixels, np.zeros(pixels.shape, np.float32), shade)
    made = over(dark, colour, alpha)
    return Drawn(made, alpha, (alpha > 0) | (shade > 0), colour)


def _fitted(actor: Actor, wanted: Light, height: int, seed: int) -> Cutout:
    pixels_high = max(1, round(actor.spot.height * height))
    cutout = scaled(mirrored(actor.cutout) if actor.mirror else actor.cutout, pixels_high)
    return light.adapted(cutout, wanted, seed)


def _placed(cutout: Cutout, spot: Spot, height: int, width: int) -> tuple["Floats", "Floats"]:
    """Colour (H, W, 3) and alpha (H, W) of the whole picture."""
    high, wide = cutout.alpha.shape
    top, left = round(spot.y * height) - high, round(spot.x * width - wide / 2)
    if top < 0 or left < 0 or top + high > height or left + wide > width:
        raise ValueError("the thing does not fit into the picture there")
    colour, alpha = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    colour[top : top + high, left : left + wide] = cutout.colour
    alpha[top : top + high, left : left + wide] = cutout.alpha
    return colour, alpha


def _sunk(alpha: "Floats", pixels: "Pixels", spot: Spot) -> "Floats":
    """Alpha of feet among blades of grass: where the ground is brighter than usual, it is in front."""
    height = len(alpha)
    foot, reach = spot.y * height, max(3.0, SUNK * spot.height * height)
    depth = np.clip(1 - (foot - np.arange(height, dtype=np.float32)) / reach, 0, 1)[:, None]
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    blades = np.clip((luma - cv2.blur(luma, (15, 15))) / 12 + 0.5, 0, 1)
    sunk = alpha * (1 - depth * blades)
    sunk[sunk < FAINT] = 0
    return np.asarray(sunk, np.float32)


def shadow(alpha: "Floats", spot: Spot, lean: float) -> "Floats":
    """How much darker the ground is (H, W), 0..1: a soft cast shadow and a tight one where the feet touch."""
    height = alpha.shape[0]
    foot, high = spot.y * height, spot.height * height
    cast = _squashed(alpha, foot, lean)
    soft = cv2.GaussianBlur(cast, (0, 0), max(1.0, 0.035 * high))
    feet = alpha.copy()
    feet[: max(0, round(foot - FEET * high))] = 0
    tight = cv2.GaussianBlur(_squashed(feet, foot, 0.0, share=0.35), (0, 0), max(0.8, 0.015 * high))
    dark = 1 - (1 - CAST * soft) * (1 - CONTACT * np.clip(1.6 * tight, 0, 1))
    dark = np.minimum(dark, DARKEST_SHADOW)
    dark[dark < 2 / 255] = 0
    return np.asarray(dark, np.float32)


def _squashed(alpha: "Floats", foot: float, lean: float, *, share: float = SQUASHED) -> "Floats":
    """An alpha laid flat on the ground behind its feet."""
    # The shadow's point (x, y) comes from the thing's point (x - lean * up, foot - up), up = (foot - y) / share.
    middle = foot + 0.02 * len(alpha) * share
    back = np.array(
        [[1, lean / share, -lean / share * middle], [0, 1 / share, foot - middle / share]], np.float32
    )
    size = (alpha.shape[1], alpha.shape[0])
    flat = cv2.warpAffine(alpha, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(flat, np.float32)
