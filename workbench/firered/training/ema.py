"""Exponential moving average of the weights, Sec. 3.5 and 3.7."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


class Average:
    """Moving average, in 32 bit, of the parameters that are trained."""

    def __init__(self, model: Any, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.weights = [parameter.detach().float().clone() for parameter in trained(model)]

    def update(self, model: Any) -> None:
        """Move towards the model's weights; early on faster, so that the first weights are forgotten."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        now = [parameter.detach().float() for parameter in trained(model)]
        torch._foreach_lerp_(self.weights, now, 1 - decay)
        self.updates += 1

    @contextmanager
    def swapped_in(self, model: Any) -> Iterator[None]:
        """Put the average into the model for a while; the model's own weights come back bit by bit."""
        own = [parameter.detach().clone() for parameter in trained(model)]
        try:
            fill(model, self.weights)
            yield
        finally:
            fill(model, own)


def trained(model: Any) -> list[Any]:
    """Parameters of the model that are trained, in order."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def fill(model: Any, weights: list[Tensor]) -> None:
    """Copy weights into the trained parameters, in order."""
    with torch.no_grad():
        for parameter, weight in zip(trained(model), weights, strict=True):
            parameter.copy_(weight)
