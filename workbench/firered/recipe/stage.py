"""Training recipes: one stage of training (Table 1, Sec. 3.3-3.7) as frozen, typed settings."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from firered.recipe.loading import Strict

S = TypeVar("S", bound=Strict)
Share = Annotated[float, Field(ge=0, le=1)]


def _checked_sum(shares: S) -> S:
    total = sum(dict(shares).values())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"shares sum to {total:g}, not 1")
    return shares


class ModelSettings(Strict):
    """A small Qwen MMDiT on exact patches of pixels."""

    patch: int = Field(
        default=4, ge=1, description="side of a token in pixels; a token holds 3 * patch**2 numbers"
    )
    layers: int = Field(default=4, ge=1, description="transformer blocks")
    width: int = Field(
        default=128, ge=16, description="numbers in a token inside the model; a multiple of heads"
    )
    heads: int = Field(default=4, ge=1, description="attention heads; width / heads is a multiple of 16")
    text_tokens: int = Field(default=1, ge=1, description="tokens the instruction vector is split into")

    start: Literal["random", "own_place"] = Field(
        default="random",
        description="weights before training; own_place: tokens begin by seeing their own place in the source",
    )
    weights: str | None = Field(
        default=None, description="model.safetensors of an earlier stage to start from instead"
    )

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        # Three rotary axes share a head as 1/4, 3/8, 3/8, and each needs an even number.
        if self.width % (16 * self.heads):
            raise ValueError(
                f"width should be a multiple of 16 * heads, {16 * self.heads} (got {self.width})"
            )
        return self


class LoraSettings(Strict):
    """Low-rank adapters, trained in place of the weights they lie over."""

    rank: int = Field(default=8, ge=1, description="rank of an adapter: how much it can change")
    targets: tuple[str, ...] = Field(
        default=("to_q", "to_k", "to_v", "to_out.0"),
        min_length=1,
        description="ends of the names of the linear layers that get an adapter",
    )


class OptimSettings(Strict):
    """AdamW and its learning rate."""

    lr: float = Field(gt=0, description="highest learning rate")
    betas: tuple[Share, Share] = Field(default=(0.9, 0.999), description="AdamW's two averages")
    weight_decay: float = Field(default=0.01, ge=0, description="AdamW's weight decay")
    warmup_steps: int = Field(default=0, ge=0, description="steps over which the learning rate rises from 0")
    schedule: Literal["constant", "linear"] = Field(
        default="constant",
        description="learning rate after the warm-up: as it is, or falling to 0 at the last step",
    )
    clip: float = Field(default=1.0, gt=0, description="largest norm of the gradient")


class SigmaSettings(Strict):
    """Which noise levels are trained, and how much each counts."""

    law: Literal["logit_normal", "uniform", "progressive"] = Field(
        default="logit_normal",
        description="law of sigma; progressive starts at high noise and becomes uniform",
    )
    mean: float = Field(
        default=0.0, description="mean of logit(sigma), for the law or the weight that is logit-normal"
    )
    std: float = Field(default=1.0, gt=0, description="standard deviation of logit(sigma), likewise")
    anneal: float = Field(
        default=0.6, gt=0, le=1, description="share of the steps after which progressive is uniform"
    )
    weight: Literal["none", "logit_normal"] = Field(default="none", description="loss weight by sigma")

    @model_validator(mode="after")
    def _every_setting_takes_effect(self) -> Self:
        if self.law == "logit_normal" and self.weight == "logit_normal":
            raise ValueError("law and weight are both logit_normal, which would count it twice")
        if self.law != "progressive" and self.anneal != type(self).model_fields["anneal"].default:
            raise ValueError(f"anneal has no effect with law {self.law!r} (only with 'progressive')")
        return self


class Tiers(Strict):
    """Shares of the captions a step trains on, Table 1."""

    original: Share = Field(description="captions that came with the images")
    structured: Share = Field(description="captions made in a fixed form")
    instructive: Share = Field(description="instructions of the edit: detailed, concise or user-like")

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        return _checked_sum(self)


class Languages(Strict):
    """Shares of the languages."""

    en: Share = Field(default=0.5, description="English")
    zh: Share = Field(default=0.5, description="Chinese")

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        return _checked_sum(self)


class CaptionSettings(Strict):
    """Which text a pair is shown with: drawn anew each step among the texts the pair has."""

    tiers: Tiers = Field(description="shares of the tiers; those a pair lacks give way to those it has")
    languages: Languages = Field(default=Languages(), description="shares of the languages, likewise")


class EvaluationSettings(Strict):
    """How held-out pairs are edited and scored."""

    pairs: int = Field(
        default=192, ge=1, description="held-out pairs to score at most, chosen source by source"
    )
    sampler_steps: int = Field(default=8, ge=1, description="Euler steps from noise to picture")
    sampler_shift: float = Field(
        default=1.0,
        ge=1,
        description="1: even steps; above: more of them at high noise, as for larger pictures",
    )
    samples: int = Field(default=12, ge=0, description="pairs to save as pictures")


class StageRecipe(Strict):
    """One stage of training."""

    kind: Literal["train"] = "train"
    stage: Literal["pretrain", "ct", "sft"] = Field(description="stage of the paper this is")
    resolutions: tuple[int, ...] = Field(
        min_length=1, description="sides of the square pictures in pixels; each step draws one"
    )
    model: ModelSettings = Field(default=ModelSettings(), description="the model to train")
    lora: LoraSettings | None = Field(
        default=None, description="train adapters over model.weights; none: all weights are trained"
    )
    optim: OptimSettings = Field(description="optimiser")
    sigma: SigmaSettings = Field(default=SigmaSettings(), description="noise levels")
    captions: CaptionSettings = Field(description="texts to train on")
    steps: int = Field(ge=1, description="optimiser steps")
    batch_size: int = Field(default=32, ge=1, description="pairs in a step, over all processes")
    seed: int = Field(default=0, ge=0, description="what every random draw starts from")
    checkpoint_every: int = Field(default=100, ge=1, description="steps between checkpoints")
    ema: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="decay of the moving average of the weights; none: it is not kept",
    )
    threads: int | None = Field(
        default=None, ge=1, description="processor threads of a process; none: as many as cores"
    )
    evaluation: EvaluationSettings = Field(
        default=EvaluationSettings(), description="scoring before and after"
    )

    @model_validator(mode="after")
    def _adapters_lie_over_weights(self) -> Self:
        if self.lora and not self.model.weights:
            raise ValueError("lora: has no weights to lie over (set model.weights)")
        return self

    @model_validator(mode="after")
    def _patches_fill_the_picture(self) -> Self:
        for side in self.resolutions:
            if side < self.model.patch or side % self.model.patch:
                raise ValueError(f"resolutions: {side} is not a multiple of model.patch, {self.model.patch}")
        return self
