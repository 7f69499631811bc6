"""The table of pixel functions: the name that a filter gives, and the pure function behind it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from firered.templating import damage, film, paint, place, style, text, tone
from firered.templating.planes import Pixels

FUNCTIONS: dict[str, Callable[..., Pixels]] = {
    function.__name__: function
    for function in (
        tone.brightness,
        tone.exposure,
        tone.contrast,
        tone.saturation,
        tone.warmth,
        tone.grayscale,
        tone.hue,
        tone.tint,
        tone.recolor,
        tone.channels,
        tone.negative,
        tone.posterize,
        tone.fade,
        tone.sepia,
        damage.vignette,
        damage.sharpen,
        damage.blur,
        damage.motion_blur,
        damage.noise,
        damage.jpeg,
        damage.low_resolution,
        damage.scratches,
        style.pencil,
        style.pixelate,
        style.halftone,
        style.emboss,
        place.zoom,
        place.rotate,
        place.turn,
        place.mirror,
        film.gamma,
        film.curve,
        film.white_balance,
        film.low_light,
        film.grain,
        film.lens_blur,
        film.zoom_blur,
        film.salt_pepper,
        film.speckle,
        film.fringes,
        film.moire,
        film.old_photo,
        film.degraded,
        paint.duotone,
        paint.solarize,
        paint.only_color,
        paint.watercolor,
        paint.oil,
        paint.cartoon,
        paint.tile,
        paint.keystone,
        text.draw_text,
    )
}


def apply(function: str, pixels: Pixels, values: dict[str, Any]) -> Pixels:
    """Make the target of (H, W, 3) uint8 pixels; equal values give equal bytes."""
    made = FUNCTIONS[function](pixels, **values)
    assert made.dtype == np.uint8 and made.ndim == 3, (function, made.dtype, made.shape)
    return made
