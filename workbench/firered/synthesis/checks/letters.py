"""Lettering: whether letters stand where the truth says, by their boxes and the colour of their ink."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.checks.evidence import Evidence, Found, ramp, window
from firered.synthesis.checks.local import changed
from firered.templating.planes import Pixels, Plane

LETTER = 24  # levels between a letter and its ground
INK = 90.0  # levels from the ink's colour at which nothing of it is left
CHANGED = 0.04  # share of a character's box
FITS = (-0.25, -0.08)  # how much better the boxes fit than they fitted before; digits fit as well as digits


def lettering(evidence: Evidence) -> Found:
    """Letters stand in their boxes: each changed, has ink, and fills its box; measured is the share that was drawn."""
    boxes = [box for box in evidence.truth.get("chars", ()) if str(box[0]).strip()]
    if not boxes:
        return changed(evidence)
    share = float(np.mean([_is_drawn(evidence, box) for box in boxes]))
    parts = {"drawn": ramp(share, 0.3, 0.95)}
    if gains := list(_fits(evidence)):
        parts["fits"] = ramp(float(np.mean(gains)), *FITS)
    return Found(share, min(parts.values()), parts)


def _is_drawn(evidence: Evidence, box: Any) -> bool:
    part = window((box[1], box[2], box[3], box[4]), evidence.target.shape)
    low, high = np.percentile(evidence.lumas[1][part], (5, 95))
    return bool(evidence.faint[part].mean() > CHANGED) and float(high - low) >= LETTER


def _fits(evidence: Evidence) -> Iterator[float]:
    """How much better each character of the lines that changed fills its box in the target than in the source."""
    for line in _lines(evidence.truth):
        before, after = (_inked(pixels, line["color"]) for pixels in (evidence.source, evidence.target))
        for char, *box in line["chars"]:
            if str(char).strip():
                yield _filled(after, box) - _filled(before, box)


def _lines(truth: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Lines of the target whose letters are other ones, or of another size, than in the source."""
    old, new = (_state(truth, side) for side in ("before", "after"))
    return [line for name, line in new.items() if "color" in line and not _same_letters(old.get(name), line)]


def _state(truth: Mapping[str, Any], side: str) -> dict[str, Mapping[str, Any]]:
    """Changed lines of one side, by the name of their node and their place in it."""
    state = truth.get(side)
    lines = state.get("lines", []) if isinstance(state, Mapping) else []
    names = truth.get("changed")
    kept = [line for line in lines if names is None or line["node"] in names]
    return {f"{line['node']} {place}": line for place, line in enumerate(kept)}


def _same_letters(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """Whether letters only look different, such as bold ones, or are of another script, so that boxes tell little."""
    if old is None:
        return False
    if old.get("language") != new.get("language"):
        return True
    if old["text"] != new["text"]:
        return False
    return abs(float(old["size_px"]) - float(new["size_px"])) < 0.03 * float(new["size_px"])


def _inked(pixels: Pixels, rgb: list[int]) -> Plane:
    """Nearness to the ink's colour, (H, W), 0..1."""
    away = np.linalg.norm(pixels.astype(np.float32) - np.array(rgb, np.float32), axis=-1)
    near: NDArray[np.float32] = np.clip(1 - away / INK, 0, 1).astype(np.float32)
    return near


def _filled(ink: Plane, box: list[float]) -> float:
    """How well ink fills a box, -1..1: it touches all four sides, and leaves free what is above and below."""
    height = ink.shape[0]
    rows, columns = window((box[0], box[1], box[2], box[3]), ink.shape)
    part = ink[rows, columns]
    touched = [part[:2].max(), part[-2:].max(), part[:, :2].max(), part[:, -2:].max()]
    above = ink[max(0, rows.start - 4) : max(0, rows.start - 2), columns]
    below = ink[min(height, rows.stop + 2) : min(height, rows.stop + 4), columns]
    beyond = [float(each.mean()) for each in (above, below) if each.size]
    return float(np.mean(touched)) - (float(np.mean(beyond)) if beyond else 0.0)
