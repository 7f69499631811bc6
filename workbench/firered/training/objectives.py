"""Objectives, Sec. 3.2 and 3.7: tensors in, tensors out; losses are one value per sample, (B,)."""

import math

import torch
from torch import Tensor

# Densities are taken inside this margin: at the ends logit(sigma) is infinite.
SIGMA_MARGIN = 1e-4


def noised(x0: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """Mix data and noise: x_sigma = (1 - sigma) x0 + sigma noise; x0, noise (B, ...), sigma (B,)."""
    level = over_samples(sigma, x0)
    return (1 - level) * x0 + level * noise


def velocity_of(x0: Tensor, noise: Tensor) -> Tensor:
    """Velocity from data to noise, noise - x0; all (B, ...)."""
    return noise - x0


def x0_estimate(x_sigma: Tensor, velocity: Tensor, sigma: Tensor) -> Tensor:
    """Estimate the data in one step, Sec. 3.7: x_sigma - sigma velocity; (B, ...), sigma (B,)."""
    return x_sigma - over_samples(sigma, x_sigma) * velocity


def flow_matching(predicted: Tensor, x0: Tensor, noise: Tensor) -> Tensor:
    """Flow-matching loss: mean squared error of the velocity; all (B, ...), returns (B,)."""
    return (predicted - velocity_of(x0, noise)).square().flatten(1).mean(1)


def logit_normal_weight(sigma: Tensor, *, mean: float, std: float) -> Tensor:
    """Logit-normal loss weight: its density at sigma (B,) in [0, 1]; mean 1 under uniform sigma; (B,)."""
    inside = sigma.clamp(SIGMA_MARGIN, 1 - SIGMA_MARGIN)
    bell = torch.exp(-0.5 * ((torch.logit(inside) - mean) / std).square()) / (std * math.sqrt(2 * math.pi))
    return bell / (inside * (1 - inside))


def over_samples(values: Tensor, like: Tensor) -> Tensor:
    """Shape values (B,) as (B, 1, ...) so that they multiply a tensor (B, ...)."""
    return values.view(-1, *[1] * (like.dim() - 1))
