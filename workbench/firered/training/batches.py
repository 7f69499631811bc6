"""Batches as a pure function of (seed, step): any step can be made again, on any number of processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from firered.errors import ManifestError, RunError
from firered.recipe.stage import CaptionSettings, StageRecipe
from firered.training import codec
from firered.training.data import Manifest, Pair, Squares
from firered.training.model import text_tokens
from firered.training.timesteps import generator, sigmas, stratified

INSTRUCTIONS = ("instructive", "detailed", "concise", "user")


@dataclass(frozen=True)
class Batch:
    """What one process sees in one step."""

    pair_ids: tuple[int, ...]
    x0: Tensor  # (B, L, C) latents of the targets
    source: Tensor  # (B, L, C) latents of the sources
    noise: Tensor  # (B, L, C)
    sigma: Tensor  # (B,)
    text: Tensor  # (B, T, D)
    shape: tuple[int, int]  # rows and columns of tokens

    def to(self, device: torch.device) -> Self:
        """Copy on another device."""
        names = ("x0", "source", "noise", "sigma", "text")
        moved = {name: getattr(self, name).to(device) for name in names}
        return type(self)(pair_ids=self.pair_ids, shape=self.shape, **moved)


class Batches:
    """The training batches of a manifest: `batches(step)`, steps count from 0.

    Each step has one batch of `recipe.batch_size` pairs, of which each process takes its slice.
    """

    def __init__(
        self, recipe: StageRecipe, manifest: Manifest, *, process: int = 0, processes: int = 1
    ) -> None:
        """Prepare the train split for one of several processes."""
        if recipe.batch_size % processes:
            raise RunError(
                f"batch_size {recipe.batch_size}: does not divide over {processes} processes (choose a multiple)"
            )
        self.recipe = recipe
        self.pairs = manifest.split("train")
        self.phrases = manifest.phrases
        self.squares = Squares(manifest.blobs, max(recipe.resolutions))
        self.choices = [choice_of_words(pair, recipe.captions) for pair in self.pairs]
        share = recipe.batch_size // processes
        self.mine = slice(process * share, (process + 1) * share)

    def __call__(self, step: int) -> Batch:
        """Make the batch of a step; equal steps give equal batches, different steps other noise."""
        recipe = self.recipe
        chosen = positions(recipe.seed, step, recipe.batch_size, len(self.pairs))[self.mine]
        pairs = [self.pairs[position] for position in chosen]
        side = drawn_resolution(recipe, step)
        x0, source = (
            self._latents([getattr(pair, name) for pair in pairs], side)
            for name in ("target_sha256", "source_sha256")
        )
        return Batch(
            tuple(pair.pair_id for pair in pairs),
            x0,
            source,
            self._noise(step, x0),
            self._sigma(step),
            self._text(step, chosen),
            (side // recipe.model.patch, side // recipe.model.patch),
        )

    def _latents(self, sha256s: Sequence[str], side: int) -> Tensor:
        return codec.encode(
            resized(codec.to_signed(self.squares(sha256s)), side), patch=self.recipe.model.patch
        )

    def _noise(self, step: int, like: Tensor) -> Tensor:
        source = generator(self.recipe.seed, "noise", step)
        return torch.randn(self.recipe.batch_size, *like.shape[1:], generator=source)[self.mine]

    def _sigma(self, step: int) -> Tensor:
        uniform = stratified(self.recipe.batch_size, generator(self.recipe.seed, "sigma", step))
        return sigmas(self.recipe.sigma, uniform, step / self.recipe.steps)[self.mine]

    def _text(self, step: int, chosen: Sequence[int]) -> Tensor:
        draws = torch.rand(self.recipe.batch_size, generator=generator(self.recipe.seed, "text", step))[
            self.mine
        ]
        rows = [self.choices[position](draw) for position, draw in zip(chosen, draws.tolist(), strict=True)]
        return text_tokens(self.phrases[rows], self.recipe.model.text_tokens)


def resized(pixels: Tensor, side: int) -> Tensor:
    """Area-average square pixels (B, 3, S, S) to `side`; nothing where they have it."""
    return pixels if pixels.shape[-1] == side else interpolate(pixels, size=(side, side), mode="area")


def drawn_resolution(recipe: StageRecipe, step: int) -> int:
    """Draw the step's resolution, the same on all processes."""
    draw = torch.rand((), generator=generator(recipe.seed, "resolution", step))
    return recipe.resolutions[int(draw * len(recipe.resolutions))]


def positions(seed: int, step: int, batch_size: int, count: int) -> list[int]:
    """Positions of the step's pairs: every pair comes once in each pass over them, in a new order."""
    places = range(step * batch_size, (step + 1) * batch_size)
    return [order(seed, place // count, count)[place % count] for place in places]


@lru_cache(maxsize=2)
def order(seed: int, epoch: int, count: int) -> tuple[int, ...]:
    """Order of one pass over the pairs."""
    return tuple(torch.randperm(count, generator=generator(seed, "order", epoch)).tolist())


# --- texts --------------------------------------------------------------------------------------


def choice_of_words(pair: Pair, captions: CaptionSettings) -> Callable[[float], int]:
    """Make the function from a draw in [0, 1) to the row of one of the pair's phrases.

    A tier's share, then a language's, then evenly; shares are taken among what the pair has.
    Raises ManifestError where the recipe wants none of the pair's texts.
    """
    chances = text_chances(pair, captions)
    total = sum(chances)
    if not total:
        raise ManifestError(
            f"pair {pair.pair_id}: no text of a tier and language with a share (change captions)"
        )
    ends = torch.tensor(chances, dtype=torch.float64).cumsum(0) / total
    last = max(index for index, chance in enumerate(chances) if chance)

    def chosen(draw: float) -> int:
        return pair.texts[min(last, int((ends <= draw).sum()))].phrase

    return chosen


def text_chances(pair: Pair, captions: CaptionSettings) -> list[float]:
    """Give the chance of each of the pair's texts, before they are brought to sum 1."""
    tiers, languages = dict(captions.tiers), dict(captions.languages)
    kinds = [(group_of(text.tier), text.language) for text in pair.texts]
    spoken = {
        tier: sum(
            languages.get(language, 0.0) for language in {other for group, other in kinds if group == tier}
        )
        for tier, _ in kinds
    }
    return [
        tiers.get(tier, 0.0) * languages.get(language, 0.0) / spoken[tier] / kinds.count((tier, language))
        if spoken[tier]
        else 0.0
        for tier, language in kinds
    ]


def group_of(tier: str) -> str:
    """Tier as Table 1 counts it: all instructions are one."""
    return "instructive" if tier in INSTRUCTIONS else tier
