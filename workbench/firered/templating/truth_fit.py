"""Measurement by making it again: the amount at which a pixel function comes nearest to the target."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from firered.templating.findings import Finding
from firered.templating.planes import Pixels

# About so many amounts are tried first.
COARSE = 9


def fitted(target: Pixels, make: Callable[[Any], Pixels], amounts: Sequence[float]) -> float:
    """Amount of these between which the function comes nearest to the target."""
    tried = list(amounts[:: max(1, len(amounts) // COARSE)])
    misses = [_apart(make(amount), target) for amount in tried]
    if len(tried) == len(amounts):
        return tried[int(np.argmin(misses))]
    near = _between(amounts, tried, int(np.argmin(misses)))
    return min(near, key=lambda amount: _apart(make(amount), target))


def agreeing(source: Pixels, target: Pixels, amount: float, made: Pixels) -> Finding:
    """The amount, and how much of the change it explains, 0..1."""
    agreement = _agreement(_apart(made, target), _apart(source, target))
    return Finding(float(amount), agreement, agreement)


def remade(source: Pixels, target: Pixels, made: Pixels) -> Finding:
    """Share of the change, in percent, that the function with the stored values explains."""
    share = _agreement(_apart(made, target), _apart(source, target))
    return Finding(100 * share)


def _between(amounts: Sequence[float], tried: Sequence[float], best: int) -> Sequence[float]:
    low, high = tried[max(0, best - 1)], tried[min(len(tried) - 1, best + 1)]
    return [amount for amount in amounts if low <= amount <= high]


def _agreement(miss: float, changed: float) -> float:
    """1 where the target is what the function makes, to the codec; 0 where it is no nearer than the source."""
    # The codec alone moves values by a level or two.
    return float(np.clip(1 - max(0.0, miss - 1.5) / max(changed, 1e-6), 0, 1)) if changed > 1.5 else 0.0


def _apart(one: Pixels, other: Pixels) -> float:
    """Mean distance in levels."""
    if one.shape != other.shape:
        return 255.0
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size
