"""Recolouring: how far the colour inside the mask went towards the one that was named, in CIE Lab."""

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.checks.evidence import Evidence, Found, Mask, ramp
from firered.templating.planes import Pixels

NAMED = ("new_color", "to", "after", "color")  # slots that name the wanted colour, the surest first
GREY = 14.0  # chroma in Lab below which a colour has no hue to speak of
HUES = (55.0, 18.0)  # degrees between the wanted and the found hue: another colour, that one
WAY = (0.25, 0.55)  # share of the way to the named colour: too little, enough
APART = (4.0, 14.0)  # Lab units between before and after: no change, a new colour


def recolored(evidence: Evidence) -> Found:
    """The mask's colour went towards the named one; measured is the share of the way."""
    wanted_rgb = wanted(evidence)
    where = _where(evidence)
    if wanted_rgb is None or where.sum() < 16:
        return Found(0.0, 0.0)
    goal = lab(np.array([[wanted_rgb]], np.uint8))[0, 0]
    core = where & _changed_most(evidence, where)
    before, after = _mean(evidence.source, core), _mean(evidence.target, core)
    parts = {
        "colour": _nearness(after, goal),
        "moved": ramp(float(np.linalg.norm((after - before) * (0.5, 1, 1))), *APART),
        "share": ramp(evidence.share_changed(where), 0.4, 0.75),
    }
    progress = _progress(before, after, goal)
    parts["progress"] = ramp(progress, *WAY)
    return Found(progress, min(parts.values()), parts)


def wanted(evidence: Evidence) -> tuple[int, int, int] | None:
    """The colour that the slots name, RGB 0..255; None where none does."""
    return next(
        (found for name in (*NAMED, *evidence.values) for found in _rgb(evidence.values.get(name))), None
    )


def lab(pixels: Pixels) -> NDArray[np.float32]:
    """CIE Lab of (H, W, 3) uint8 RGB pixels, float32: 0..100 and about -110..110."""
    planes: NDArray[np.float32] = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return planes


def _where(evidence: Evidence) -> Mask:
    """The thing that takes the colour, by its outline where there is one, else by the mask."""
    outline = evidence.subject if evidence.thing is None else evidence.thing
    return evidence.mask if outline is None else evidence.mask & outline


def _changed_most(evidence: Evidence, where: Mask) -> Mask:
    """The half that changed most: the inside of thin letters, whose rims are half ground."""
    most: Mask = evidence.change.difference >= np.median(evidence.change.difference[where])
    return most


def _rgb(value: Any) -> Iterable[tuple[int, int, int]]:
    if (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(isinstance(each, int | float) for each in value)
    ):
        yield int(value[0]), int(value[1]), int(value[2])


def _mean(pixels: Pixels, where: Mask) -> NDArray[np.float64]:
    """Middle of lightness, and mean of the two colour axes without the dark pixels, which have no colour."""
    planes = lab(pixels)[where].astype(np.float64)
    lit = planes[:, 0] > min(15.0, float(np.median(planes[:, 0])))
    colours = planes[lit] if lit.any() else planes
    return np.array([np.median(planes[:, 0]), *colours[:, 1:].mean(axis=0)])


def _nearness(found: NDArray[Any], goal: NDArray[Any]) -> float:
    """How well a colour answers to a name, 0..1: by its hue, or its lightness where the name is a grey."""
    chroma, wanted_chroma = (float(np.hypot(*color[1:])) for color in (found, goal))
    if wanted_chroma < GREY:
        return min(ramp(chroma, 26, 10), ramp(abs(float(found[0] - goal[0])), 60, 25))
    turn = np.degrees(np.arctan2(found[2], found[1]) - np.arctan2(goal[2], goal[1]))
    away = abs((float(turn) + 180) % 360 - 180)
    return min(ramp(away, *HUES), ramp(chroma, 5, min(18.0, 0.4 * wanted_chroma)))


def _progress(before: NDArray[Any], after: NDArray[Any], goal: NDArray[Any]) -> float:
    """Share of the way from the old colour to the new one; lightness counts where the new one is a grey."""
    weight = np.array([0.5 if np.hypot(*goal[1:]) < GREY else 0.0, 1, 1])
    way, went = (goal - before) * weight, (after - before) * weight
    length = float(way @ way)
    return float(way @ went) / length if length > 1 else 0.0
