"""Pixel functions of tone and colour: one table or one matrix each, so that they vanish beside the codec."""

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.planes import LUMA, Pixels, rotation_of_hue, turn_of_hue

_LEVELS = np.arange(256, dtype=np.float32)
_SEPIA = np.array(
    [(0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131)],
    dtype=np.float32,
)
_FADED = np.array((242, 224, 190))  # old paper


def brightness(pixels: Pixels, *, amount: float) -> Pixels:
    """Multiply every value; amount in percent, 30 is a mean 1.3 times as high where nothing clips."""
    return _mix_channels(pixels, (1 + amount / 100) * np.eye(3))


def exposure(pixels: Pixels, *, stops: float) -> Pixels:
    """Multiply the light (linear sRGB) by 2 ** stops."""
    values = _LEVELS / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    linear = np.minimum(linear * 2.0**stops, 1)
    curved = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _look_up(pixels, curved * 255)


def contrast(pixels: Pixels, *, amount: float) -> Pixels:
    """Stretch values about mid-grey; amount in percent, 30 is a spread 1.3 times as wide."""
    gain = 1 + amount / 100
    return _mix_channels(pixels, gain * np.eye(3), np.full(3, 128 * (1 - gain)))


def saturation(pixels: Pixels, *, amount: float) -> Pixels:
    """Multiply the chroma at equal luma; amount in percent, -100 is grey."""
    return _mix_channels(pixels, _saturation(1 + amount / 100))


def warmth(pixels: Pixels, *, amount: float) -> Pixels:
    """Shift red against blue; amount in percent of a doubled red-to-blue ratio."""
    gain = 2.0 ** (amount / 200)
    return _mix_channels(pixels, np.diag([gain, 1, 1 / gain]))


def grayscale(pixels: Pixels) -> Pixels:
    """Replace every colour by its luma."""
    return _mix_channels(pixels, _saturation(0))


def hue(pixels: Pixels, *, degrees: float) -> Pixels:
    """Turn every hue by an angle at equal luma."""
    return _mix_channels(pixels, rotation_of_hue(degrees))


def tint(pixels: Pixels, *, amount: float, color: list[int]) -> Pixels:
    """Mix in a colour (RGB); amount in percent, 100 is the colour alone."""
    share = amount / 100
    return _mix_channels(pixels, (1 - share) * np.eye(3), share * np.array(color))


def fade(pixels: Pixels, *, amount: float) -> Pixels:
    """Fade like an old print: lose range and colour toward paper; amount in percent."""
    share = amount / 100
    return _mix_channels(pixels, (1 - share) * _saturation(1 - share), share * 0.75 * _FADED)


def sepia(pixels: Pixels, *, amount: float) -> Pixels:
    """Mix in the brown of an old print; amount in percent."""
    share = amount / 100
    return _mix_channels(pixels, share * _SEPIA + (1 - share) * np.eye(3))


def negative(pixels: Pixels) -> Pixels:
    """Invert every value."""
    inverted: Pixels = cv2.bitwise_not(pixels)
    return inverted


def channels(pixels: Pixels, *, order: list[int]) -> Pixels:
    """Reorder the channels; [2, 1, 0] exchanges red and blue."""
    return _mix_channels(pixels, np.eye(3)[order])


def posterize(pixels: Pixels, *, levels: int) -> Pixels:
    """Leave `levels` equally spaced values a channel."""
    step = 255 / (levels - 1)
    return _look_up(pixels, np.rint(_LEVELS / step) * step)


def recolor(pixels: Pixels, *, color: list[int], new_color: list[int]) -> Pixels:
    """Turn what has the hue of one colour (RGB) to the hue of another; the rest stays as it is."""
    turned = _mix_channels(pixels, rotation_of_hue(turn_of_hue(color, new_color)))
    weight = hue_weight(pixels, color)
    return _blend(pixels, turned, weight)


def hue_weight(pixels: Pixels, color: list[int]) -> Pixels:
    """How much each pixel has the hue of a colour (RGB), (H, W) uint8: 255 inside, soft at the border."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    centre = cv2.cvtColor(np.array([[color]], dtype=np.uint8), cv2.COLOR_RGB2HSV)[0, 0, 0]
    distance = np.abs((np.arange(256) - float(centre) + 90) % 180 - 90) * 2  # degrees
    by_hue = np.clip((_reach(float(centre) * 2) + 6 - distance) / 12, 0, 1)
    by_chroma = np.clip((_LEVELS - 105) / 40, 0, 1)
    by_value = np.clip((_LEVELS - 50) / 30, 0, 1)
    tables = np.stack([by_hue, by_chroma, by_value], axis=-1) * 255
    parts = cv2.split(cv2.LUT(hsv, np.rint(tables)[None].astype(np.uint8)))
    # Averaged, so that single pixels of noisy hue do not stand out.
    weight: Pixels = cv2.blur(cv2.min(cv2.min(parts[0], parts[1]), parts[2]), (5, 5))
    return weight


def _reach(degrees: float) -> float:
    """Degrees of HSV hue to either side that go by the same name."""
    # Red, orange and yellow share sixty degrees; green and blue have as much each.
    return 18 if degrees < 75 or degrees > 330 else 36


def _blend(below: Pixels, above: Pixels, weight: Pixels) -> Pixels:
    share = cv2.merge([weight] * 3)
    rest = cv2.bitwise_not(share)
    mixed: Pixels = cv2.add(
        cv2.multiply(below, rest, scale=1 / 255), cv2.multiply(above, share, scale=1 / 255)
    )
    return mixed


def _saturation(share: float) -> NDArray[np.floating]:
    """Matrix (3, 3) that multiplies the chroma and keeps the luma."""
    return share * np.eye(3) + (1 - share) * np.array([LUMA] * 3)


def _look_up(pixels: Pixels, table: NDArray[np.floating]) -> Pixels:
    """Apply a table of 256 values."""
    mapped: Pixels = cv2.LUT(
        pixels.reshape(len(pixels), -1), np.clip(np.rint(table), 0, 255).astype(np.uint8)
    )
    return mapped.reshape(pixels.shape)


def _mix_channels(
    pixels: Pixels, matrix: NDArray[np.floating], offset: NDArray[np.floating] | None = None
) -> Pixels:
    """Multiply each pixel by a matrix (3, 3) and add an offset (3,)."""
    if offset is not None:
        matrix = np.column_stack([matrix, offset])
    mixed: Pixels = cv2.transform(pixels, matrix.astype(np.float32))
    return mixed
