"""Noise levels of a step, Sec. 3.3 and 3.7: stratified over the whole batch, pure in (seed, step)."""

import torch
from torch import Tensor

from firered.recipe.stage import SigmaSettings
from firered.rows import id_of

# Sigma stays off 0 and 1, where the target or the input says nothing.
MARGIN = 1e-4


def generator(seed: int, purpose: str, step: int) -> torch.Generator:
    """Make the random generator of one purpose in one step; nothing random comes from elsewhere."""
    return torch.Generator().manual_seed(id_of(seed, purpose, step))


def stratified(count: int, source: torch.Generator) -> Tensor:
    """Draw one number from each of `count` equal parts of [0, 1], in random order; (count,).

    The parts are dealt anew each step, so no process keeps to one range of noise levels.
    """
    parts = torch.randperm(count, generator=source)
    return (parts + torch.rand(count, generator=source)) / count


def sigmas(settings: SigmaSettings, uniform: Tensor, progress: float) -> Tensor:
    """Map uniform numbers (B,) in [0, 1] to sigma (B,) by the law's inverse distribution.

    `progress` in [0, 1] is the share of the steps done; only the progressive law looks at it.
    """
    inside = uniform.clamp(MARGIN, 1 - MARGIN)
    if settings.law == "logit_normal":
        inside = torch.sigmoid(settings.mean + settings.std * torch.special.ndtri(inside))
    elif settings.law == "progressive":
        inside = progressive(inside, min(1.0, progress / settings.anneal))
    return inside.clamp(MARGIN, 1 - MARGIN)


def progressive(uniform: Tensor, evenness: float) -> Tensor:
    """Draw from the density `a + (1 - a) 2 sigma`; evenness a goes from 0 (high noise) to 1 (uniform).

    The paper gives no formula; this is the simplest density that does what Sec. 3.3 says.
    """
    tilt = 1 - evenness
    if tilt < 1e-6:
        return uniform
    return ((evenness**2 + 4 * tilt * uniform).sqrt() - evenness) / (2 * tilt)
