"""The defects by name: how each is planted, its group, and what counts as finding it.

Every defect is a function `(base, rng) -> (pixels or bytes, parameters)`. Its strengths are drawn from the
range in its docstring: visible to a person, not absurd. Nothing here knows how a defect is detected.

    pixels, parameters = plant("blur", Base(photograph), np.random.default_rng(1))
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from firered.planting import (
    containers,
    copies,
    covers,
    generated,
    layouts,
    orientation,
    overlays,
    photometric,
)
from firered.planting.base import Base, Planted

STRICT = (0.95, 0.02)  # aim: least recall, most false positives
FAIR = (0.9, 0.05)


@dataclass(frozen=True)
class Defect:
    """A kind of plant.

    `found` says what counts: 'rejected' (by one of `filters`; `named`: the reason matches one of these patterns),
    'duplicate' (one of its family is left), 'same image' (as its base), 'failed' (at ingest), 'upright'
    (stored as its base), 'angle' (rejected by `turned`, with the planted angle), 'came in' (stored whole).
    """

    plant: Callable[[Base, np.random.Generator], Planted]
    group: str
    found: str = "rejected"
    filters: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    aim: tuple[float, float] | None = None  # none: as measured

    @property
    def name(self) -> str:
        """Name of the defect: that of its function."""
        return self.plant.__name__

    @property
    def decided(self) -> bool:
        """Whether a filter has to say that it was found."""
        return self.found in ("rejected", "duplicate", "angle")

    @property
    def about(self) -> str:
        """What is planted, one sentence."""
        return (self.plant.__doc__ or "").strip()


def _copy(
    function: Callable[..., Planted], aim: tuple[float, float] | None, found: str = "duplicate"
) -> Defect:
    return Defect(function, "near duplicate", found, ("near_duplicate",), aim=aim)


def _exposure(function: Callable[..., Planted], *named: str) -> Defect:
    return Defect(function, "photometric", filters=("photometric",), named=named, aim=STRICT)


def _texture(function: Callable[..., Planted], aim: tuple[float, float] | None, *named: str) -> Defect:
    return Defect(function, "photometric", filters=("photometric", "quality"), named=named, aim=aim)


def _content(function: Callable[..., Planted], aim: tuple[float, float] | None, *filters: str) -> Defect:
    return Defect(function, "content", filters=filters, aim=aim)


def _file(function: Callable[..., Planted], found: str, aim: tuple[float, float] | None) -> Defect:
    return Defect(function, "file", found, aim=aim)


@cache
def defects() -> dict[str, Defect]:
    """All defects by name, in the order of the tables."""
    found = [
        _copy(copies.exact_copy, STRICT, "same image"),
        _copy(copies.reencode, STRICT),
        _copy(copies.resize, STRICT),
        _copy(copies.crop, FAIR),
        _copy(copies.mirror, None),
        _copy(copies.brightness_shift, None),
        _texture(photometric.blur, STRICT, r"(focus|sharpness) \S+ below", "brisque"),
        _texture(photometric.motion_blur, None, r"(focus|sharpness) \S+ below", "brisque"),
        _texture(photometric.noise, None, r"(noise|texture|sharpness) \S+ above", "brisque"),
        _exposure(photometric.dark, r"(brightness|highlights) \S+ below"),
        _exposure(photometric.bright, r"(brightness|highlights) \S+ above"),
        _exposure(photometric.flat, r"(contrast|rgb_entropy|texture) \S+ below"),
        _content(overlays.watermark_word, FAIR, "watermark", "text_overlay"),
        _content(overlays.watermark_tiled, FAIR, "watermark", "text_overlay"),
        _content(overlays.text_overlay, FAIR, "text_overlay"),
        _content(covers.mosaic, FAIR, "mosaic"),
        _content(covers.privacy_mask, None, "mosaic"),
        _content(layouts.collage, FAIR, "collage"),
        _content(covers.border, FAIR, "border"),
        _content(covers.qr, STRICT, "code"),
        _content(covers.barcode, STRICT, "code"),
        _content(layouts.screenshot, None, "screenshot"),
        Defect(orientation.rotate_90, "orientation", "angle", ("turned",)),
        Defect(orientation.rotate_180, "orientation", "angle", ("turned",)),
        Defect(orientation.rotate_270, "orientation", "angle", ("turned",)),
        Defect(orientation.exif_rotated, "orientation", "upright", aim=STRICT),
        Defect(orientation.tilt, "orientation", "angle", ("turned",)),
        _file(containers.truncated, "failed", STRICT),
        _file(containers.not_an_image, "failed", STRICT),
        _file(containers.empty, "failed", STRICT),
        Defect(generated.generated_metadata, "generated", filters=("generated",)),
        Defect(generated.upsampled, "generated", filters=("generated_statistics",)),
        Defect(containers.animated, "file", filters=("animated",)),
        _file(containers.mode_cmyk, "came in", None),
        _file(containers.mode_16_bit, "came in", None),
        _file(containers.mode_palette, "came in", None),
        _file(containers.mode_alpha, "came in", None),
    ]
    return {defect.name: defect for defect in found}


def plant(name: str, base: Base, rng: np.random.Generator) -> Planted:
    """Plant a defect by name; returns pixels (to be encoded) or a file's bytes, and the parameters."""
    return defects()[name].plant(base, rng)
