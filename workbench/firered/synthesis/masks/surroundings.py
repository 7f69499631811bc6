"""What lies around a mask, and whether a hole there can be filled so that nobody sees it."""

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.descriptors.contour import Contour, seam
from firered.synthesis.masks.color import to_oklab
from firered.synthesis.masks.shape import Mask, grown, ring, shrunk
from firered.templating.planes import Pixels, luma

NEAR = 0.05  # width of the ring, share of the longer side
BAND = 0.02  # width of the bands on both sides of a seam
BINS = 24  # sectors around the middle of the mask
PLAIN, OTHER = 0.06, 0.16  # distances in OKLab: four fifths of a plain ground, another thing
STRONG = 18.0  # levels a pixel of slope that make an edge


@dataclass(frozen=True)
class Surroundings:
    """Numbers of the ring around a mask."""

    spread: float  # deviation of OKLab in the ring, about 0..0.4
    patchwork: float  # deviation of the means of its sectors: different grounds meet in the hole
    crossing: float  # share of the mask's border that strong edges cross, 0..1
    open: float  # share of the sectors that are inside of the picture, 0..1

    def numbers(self) -> dict[str, float]:
        """All of them, rounded, by name."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def surroundings(pixels: Pixels, mask: Mask, *, barred: Mask | None = None) -> Surroundings:
    """Measure the ring around a mask (H, W); what is barred, such as other objects, is left out."""
    around = ring(mask, NEAR)
    if barred is not None:
        around &= ~barred
    if around.sum() < 16:
        return Surroundings(1.0, 1.0, 1.0, 0.0)
    colors = to_oklab(pixels)[around]
    sectors = _sectors(mask, around)
    means, filled = _means(colors, sectors)
    return Surroundings(
        float(np.sqrt(colors.var(axis=0).sum())),
        float(np.sqrt(means.var(axis=0).sum())),
        _crossing(pixels, mask, around),
        filled / BINS,
    )


def adjoining(pixels: Pixels, mask: Mask) -> float:
    """Share of the mask's rim where something else adjoins it on a plain ground, 0..1; 0 where it is not plain.

    Often it is a part of the thing that the mask has missed.
    """
    rim = ring(grown(mask, BAND / 2), BAND)
    if rim.sum() < 16:
        return 0.0
    colors = to_oklab(pixels)[rim]
    apart = np.linalg.norm(colors - np.median(colors, axis=0), axis=-1)
    plain = float(np.percentile(apart, 80)) < PLAIN
    return float((apart > OTHER).mean()) if plain else 0.0


def seam_of(pixels: Pixels, mask: Mask) -> float:
    """Step across the mask's border over that around it, about 1 where nothing shows."""
    return round(seam(luma(pixels), Contour(mask)), 4)


def tone_step(pixels: Pixels, mask: Mask) -> float:
    """Mean distance in OKLab between the two sides of the mask's border, sector by sector, 0..1."""
    colors = to_oklab(pixels)
    bands = (ring(mask, BAND), mask & ~shrunk(mask, BAND))
    sides = [_by_sector(colors, mask, band) for band in bands]
    both = np.isfinite(sides[0][:, 0]) & np.isfinite(sides[1][:, 0])
    if not both.any():
        return 0.0
    return round(float(np.linalg.norm(sides[0][both] - sides[1][both], axis=-1).mean()), 4)


def _by_sector(colors: NDArray[np.float32], mask: Mask, band: Mask) -> NDArray[np.float64]:
    """Mean colour (BINS, 3) of a band in each sector, not a number where it has none."""
    sectors = _sectors(mask, band)
    counts = np.bincount(sectors, minlength=BINS).astype(np.float64)
    sums = np.stack([np.bincount(sectors, colors[band][:, axis], BINS) for axis in range(3)], axis=-1)
    return np.where((counts > 3)[:, None], sums / np.maximum(counts, 1)[:, None], np.nan)


def _sectors(mask: Mask, around: Mask) -> NDArray[np.int64]:
    """Sector around the middle of the mask, 0 to BINS - 1, of each pixel of a band (N,)."""
    middle = np.argwhere(mask).mean(axis=0)
    down, right = (np.argwhere(around) - middle).T
    turns = (np.arctan2(down, right) / (2 * np.pi)) % 1
    return np.asarray(np.minimum(turns * BINS, BINS - 1), np.int64)


def _means(colors: NDArray[np.float32], sectors: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    counts = np.bincount(sectors, minlength=BINS)
    sums = np.stack([np.bincount(sectors, colors[:, axis], BINS) for axis in range(3)], axis=-1)
    filled = counts > 3
    return sums[filled] / counts[filled][:, None], int(filled.sum())


def _crossing(pixels: Pixels, mask: Mask, around: Mask) -> float:
    """Share of the ring that lies on strong edges which run toward the mask."""
    smooth = cv2.GaussianBlur(luma(pixels), (0, 0), 1.5)
    right, down = (cv2.Sobel(smooth, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    across, along = Contour(mask).normals
    # An edge that runs toward the mask has its slope along the border.
    tangent = np.abs(right * along - down * across)
    return float((tangent[around] > STRONG).mean())
