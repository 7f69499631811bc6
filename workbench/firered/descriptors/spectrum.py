"""Statistics that generated pictures tend to show: too little noise, traces of upsampling, a steep spectrum, even light.

Each is weak evidence by itself and all of them together still are: photographs that were denoised, enlarged or
compressed hard show them too, and a good generator followed by a JPEG shows none. Columns only; SQL decides.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Luma = NDArray[np.uint8]
    Floats = NDArray[np.float64]

# Blind to planes and ramps: what is left of a smooth area is noise (Immerkaer 1996).
BEND = np.array([1, -2, 1], np.float64)  # along both axes; unit noise comes out with a deviation of 6
LARGE = 2048  # pixels
BLOCK = 16  # pixels
CALM = 0.25  # share of the blocks, the calmest, that are taken to be flat
CLIPPED = (8, 247)  # grey levels; beyond them noise is cut off
SEGMENT = 192  # pixels; a multiple of all the periods below
TWICE, THRICE = 1 / 2, 1 / 3  # cycles a pixel: what enlarging by 2 and 3 leaves behind
# Where blocks of 8 (JPEG) and of 4 (WebP) have peaks besides 1/2; enlarging by 4 cannot be told from the latter.
BLOCKS = (1 / 8, 1 / 4, 3 / 8)
CHANCE = 2.0  # chance alone makes peaks in a line's spectrum so much higher than in the mean of many tiles
TILE = 128  # pixels
# Where transposed convolutions leave a pattern of one sign: places in units of half a cycle a pixel, down and across.
CHECKERS = ((1, 1), (1, 0), (0, 1), (0.5, 0.5), (0.5, 0), (0, 0.5))
BAND = (0.05, 0.4)  # cycles a pixel
UNEVEN = 80.0  # grey levels


@dataclass(frozen=True)
class Statistics:
    """The four numbers of one picture."""

    residual: float  # grey levels
    peaks: float  # ratio
    slope: float
    light: float  # 0..1


def statistics(pixels: Any) -> Statistics:
    """Measure (H, W, 3) uint8 RGB pixels at full resolution: scaling would leave traces of its own."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    middle = _middle(luma)
    return Statistics(noise(middle), peaks(middle), slope(middle), evenness(luma))


def noise(luma: "Luma") -> float:
    """Deviation of the noise in the calmest quarter of the blocks that are not clipped, grey levels."""
    residual = np.abs(cv2.sepFilter2D(luma, cv2.CV_16S, BEND, BEND)).astype(np.uint16)
    # Sixteen times, or the means of blocks would be whole numbers.
    level, strength = _block_means(luma), _block_means(residual * 16) / (16 * 6)
    open_ = (level > CLIPPED[0]) & (level < CLIPPED[1])
    calmest = np.sort(strength[open_] if open_.any() else strength.ravel())
    # The mean size of a gaussian is 0.8 of its deviation.
    return float(calmest[: max(1, round(CALM * calmest.size))].mean() * np.sqrt(np.pi / 2))


def _block_means(values: Any) -> Any:
    """Means of whole blocks; what is left over at the right and bottom edge is not counted."""
    rows, columns = (max(1, side // BLOCK) for side in values.shape)
    whole = values[: rows * BLOCK, : columns * BLOCK]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


def peaks(luma: "Luma") -> float:
    """Height of the strongest trace of upsampling over its surroundings, less what codecs leave; about 1 to 2 for none."""
    return max(_steps(luma), _checkers(luma))


def slope(luma: "Luma") -> float:
    """Slope of the log power over the log frequency, 0.05 to 0.4 cycles a pixel; about -2 to -3 in photographs."""
    frequency, power = _radial_power(luma)
    inside = (frequency >= BAND[0]) & (frequency <= BAND[1])
    return float(np.polyfit(np.log(frequency[inside]), np.log(power[inside] + 1e-3), 1)[0])


def evenness(luma: "Luma") -> float:
    """1 where all parts of the picture are as bright, 0 where eighths of it differ by 80 grey levels; 0..1."""
    parts = cv2.resize(luma, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float64)
    return max(0.0, 1 - float(parts.std()) / UNEVEN)


def _middle(luma: "Luma") -> "Luma":
    """The middle of a large picture: its statistics are those of the whole at a fraction of the cost."""
    top, left = (max(0, side - LARGE) // 2 for side in luma.shape)
    return np.ascontiguousarray(luma[top : top + LARGE, left : left + LARGE])


def _steps(luma: "Luma") -> float:
    """Peaks in how steps and bends between pixels vary in size along both axes: where a picture was interpolated they do."""
    # Enlarging by 2 shows in the steps, by 3 in the bends.
    whole = luma.astype(np.int16)
    spectra = [[_line_spectrum(whole, order, axis) for axis in (0, 1)] for order in (1, 2)]
    twice, thrice, *blocks = (
        max(float(np.sqrt(_height(down, place) * _height(across, place))) for down, across in spectra)
        for place in (TWICE, THRICE, *BLOCKS)
    )
    return max(thrice, twice / max(1.0, *blocks)) / CHANCE


def _line_spectrum(luma: Any, order: int, axis: int) -> "Floats":
    """Mean amplitude (SEGMENT / 2 + 1,) of the spectrum, along an axis, of the mean size of a difference along it."""
    if luma.shape[axis] < SEGMENT + order:
        # Too short to tell a period from chance.
        return np.zeros(SEGMENT // 2 + 1)
    size = np.abs(np.diff(luma, n=order, axis=axis))
    line = np.log(cv2.reduce(size, 1 - axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel() + 0.05)
    count = line.size // SEGMENT
    segments = line[: count * SEGMENT].reshape(count, SEGMENT)
    flat = segments - cv2.blur(segments, (9, 1))
    return np.asarray(np.sqrt((np.abs(np.fft.rfft(flat, axis=1)) ** 2).mean(axis=0)), dtype=np.float64)


def _checkers(luma: "Luma") -> float:
    """Highest of the places of `CHECKERS` in the mean log spectrum of the residual's tiles, as a ratio of amplitudes."""
    residual = [cv2.sepFilter2D(tile, -1, BEND, BEND) / 6 for tile in _tiles(luma)]
    # The mean of logarithms: a texture in some of the tiles weighs little.
    spectrum = np.mean([np.log(np.abs(np.fft.fft2(tile)) + 10) for tile in residual], axis=0)
    half = TILE // 2
    return max(_above(spectrum, round(down * half), round(across * half)) for down, across in CHECKERS)


def _above(spectrum: "Floats", row: int, column: int) -> float:
    near = np.roll(spectrum, (7 - row, 7 - column), axis=(0, 1))[:15, :15]
    return float(np.exp(near[7, 7] - np.median(near)))


def _height(spectrum: "Floats", place: float) -> float:
    """Amplitude at a frequency (cycles a pixel) over the median of its surroundings."""
    at = round(place * SEGMENT)
    around = np.r_[spectrum[max(1, at - 10) : max(1, at - 1)], spectrum[at + 2 : at + 11]]
    return float(spectrum[at] / (np.median(around) + 0.05))


def _radial_power(luma: "Luma") -> tuple["Floats", "Floats"]:
    """Mean power of windowed tiles by distance from the middle: frequencies in cycles a pixel, and power."""
    window = np.outer(np.hanning(TILE), np.hanning(TILE))
    power = np.mean(
        [np.abs(np.fft.rfft2((tile - tile.mean()) * window)) ** 2 for tile in _tiles(luma)], axis=0
    )
    distance = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None])
    ring = np.round(distance * TILE).astype(int).ravel()
    counts = np.bincount(ring)
    return np.arange(counts.size) / TILE, np.bincount(ring, weights=power.ravel()) / counts


def _tiles(luma: "Luma") -> list["Floats"]:
    """At most 16 tiles (TILE, TILE), spread over the picture; a smaller picture is mirrored to one."""
    height, width = luma.shape
    padded = np.pad(luma, ((0, max(0, TILE - height)), (0, max(0, TILE - width))), mode="symmetric")
    rows, columns = (
        np.linspace(0, size - TILE, min(4, max(1, size // TILE))).astype(int) for size in padded.shape
    )
    return [padded[y : y + TILE, x : x + TILE].astype(np.float64) for y in rows for x in columns]
