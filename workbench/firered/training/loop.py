"""The only training loop: a stage brings a loss and batches, hooks do the rest."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from firered.errors import RunError
from firered.recipe.stage import OptimSettings, StageRecipe
from firered.training import ema
from firered.training.batches import Batch
from firered.training.model import Model


@dataclass
class Learner:
    """A model with everything that changes while it learns."""

    model: Model
    optimizer: Any
    average: ema.Average | None
    step: int = 0  # steps done


@dataclass(frozen=True)
class Step:
    """What happened in one step."""

    step: int  # counted from 1
    loss: float
    lr: float
    sigma_mean: float
    seconds: float


Loss = Callable[[Model, Batch], Tensor]
Hook = Callable[[Step], None]


def new_learner(recipe: StageRecipe, model: Model) -> Learner:
    """Put a model together with a fresh optimiser and, where the recipe wants it, a moving average."""
    settings = recipe.optim
    optimizer = torch.optim.AdamW(
        ema.trained(model), lr=settings.lr, betas=settings.betas, weight_decay=settings.weight_decay
    )
    return Learner(model, optimizer, ema.Average(model, recipe.ema) if recipe.ema else None)


def fit(
    recipe: StageRecipe,
    learner: Learner,
    batches: Callable[[int], Batch],
    loss: Loss,
    *,
    accelerator: Any,
    after_step: Sequence[Hook] = (),
) -> None:
    """Train from the learner's step to the recipe's last; `loss` returns (B,), hooks run after each step.

    Raises RunError in the step in which the loss or the gradient is not finite, on all processes.
    """
    model, optimizer = accelerator.prepare(learner.model, learner.optimizer)
    model.train()
    while learner.step < recipe.steps:
        started = time.perf_counter()
        rate = learning_rate(recipe.optim, learner.step, recipe.steps)
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = batches(learner.step).to(accelerator.device)
        value = loss(model, batch).mean()
        mean = float(accelerator.reduce(value.detach(), reduction="mean"))
        _check_finite("loss", mean, learner.step + 1)
        accelerator.backward(value)
        norm = float(accelerator.clip_grad_norm_(ema.trained(model), recipe.optim.clip))
        _check_finite("norm of the gradient", norm, learner.step + 1)
        optimizer.step()
        optimizer.zero_grad()
        learner.step += 1
        if learner.average:
            learner.average.update(learner.model)
        seconds = time.perf_counter() - started
        done = Step(learner.step, mean, rate, float(batch.sigma.mean()), seconds)
        for hook in after_step:
            hook(done)


def learning_rate(settings: OptimSettings, step: int, steps: int) -> float:
    """Learning rate of a step, counted from 0: rises over the warm-up, then stays or falls to 0."""
    rising = (step + 1) / settings.warmup_steps if step < settings.warmup_steps else 1.0
    falling = 1 - step / steps if settings.schedule == "linear" else 1.0
    return settings.lr * rising * falling


def _check_finite(what: str, value: float, step: int) -> None:
    if not math.isfinite(value):
        raise RunError(
            f"step {step}: the {what} is {value} (lower optim.lr, or look at the pairs of this step)"
        )
