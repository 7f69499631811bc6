"""Editing and scoring held-out pairs, before and after training."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from torch import Tensor

from firered.recipe.stage import StageRecipe
from firered.rows import id_of
from firered.training import codec
from firered.training.batches import choice_of_words
from firered.training.data import Manifest, Pair, Squares
from firered.training.model import Model, text_tokens, velocity
from firered.training.timesteps import generator

CHUNK = 64  # pairs edited at once
HIGHEST_PSNR = 100.0  # dB, of identical pictures
ENLARGED_UP_TO = 64  # pixels; larger pictures are saved as they are
SCHEMA = pa.schema(
    [
        ("pair_id", pa.int64()),
        ("phase", pa.string()),
        ("task", pa.string()),
        ("subtask", pa.string()),
        ("psnr", pa.float64()),
        ("psnr_copy", pa.float64()),
        ("followed", pa.bool_()),
        ("chance", pa.float64()),
    ]
)


@dataclass(frozen=True)
class PairScore:
    """Score of one held-out pair in one phase."""

    pair_id: int
    phase: str  # before after
    task: str
    subtask: str
    psnr: float  # dB between the model's edit and the target
    psnr_copy: float  # dB between the source, untouched, and the target
    followed: bool | None  # nearer to its target than to the source's other targets; None: there are none
    chance: float | None  # how often `followed` would be true by chance


@dataclass(frozen=True)
class HeldOut:
    """Held-out pairs with their pictures (B, 3, S, S) uint8 and their texts (B, T, D)."""

    pairs: list[Pair]
    source: Tensor
    target: Tensor
    text: Tensor


def held_out(recipe: StageRecipe, manifest: Manifest) -> HeldOut:
    """Choose held-out pairs source by source, in order of a hash, up to the recipe's number."""
    found = manifest.split("held_out")
    found.sort(key=lambda pair: (id_of(recipe.seed, pair.source_id), pair.pair_id))
    pairs = found[: recipe.evaluation.pairs]
    squares = Squares(manifest.blobs, max(recipe.resolutions))
    draws = [
        float(torch.rand((), generator=generator(recipe.seed, "held out text", pair.pair_id)))
        for pair in pairs
    ]
    rows = [choice_of_words(pair, recipe.captions)(draw) for pair, draw in zip(pairs, draws, strict=True)]
    return HeldOut(
        pairs,
        squares(pair.source_sha256 for pair in pairs),
        squares(pair.target_sha256 for pair in pairs),
        text_tokens(manifest.phrases[rows], recipe.model.text_tokens),
    )


def edited(recipe: StageRecipe, model: Model, chosen: HeldOut) -> Tensor:
    """Edit every held-out source as its text says; (B, 3, S, S) uint8. The noise depends on the pair alone."""
    model.eval()
    device = next(model.parameters()).device
    chunks = torch.arange(len(chosen.pairs)).split(CHUNK)
    with torch.no_grad():
        return torch.cat([_edited_chunk(recipe, model, chosen, rows, device) for rows in chunks])


def _edited_chunk(
    recipe: StageRecipe, model: Model, chosen: HeldOut, rows: Tensor, device: torch.device
) -> Tensor:
    patch, side = recipe.model.patch, chosen.source.shape[-1]
    source = codec.encode(codec.to_signed(chosen.source[rows]), patch=patch).to(device)
    noise = torch.stack(
        [
            torch.randn(
                source.shape[1:], generator=generator(recipe.seed, "sample", chosen.pairs[row].pair_id)
            )
            for row in rows.tolist()
        ]
    )
    latents = euler(
        model,
        noise.to(device),
        source,
        chosen.text[rows].to(device),
        levels(recipe),
        (side // patch, side // patch),
    )
    return codec.to_bytes(codec.decode(latents.cpu(), patch=patch, height=side, width=side))


def levels(recipe: StageRecipe) -> list[float]:
    """Noise levels of the sampler from 1 to 0, closer together near 1 where the shift is above 1."""
    steps, shift = recipe.evaluation.sampler_steps, recipe.evaluation.sampler_shift
    even = [1 - step / steps for step in range(steps + 1)]
    return [shift * level / (1 + (shift - 1) * level) for level in even]


def euler(
    model: Model, noise: Tensor, source: Tensor, text: Tensor, sigmas: Sequence[float], shape: tuple[int, int]
) -> Tensor:
    """Follow the velocity from noise (B, L, C) to data in Euler steps over falling sigmas."""
    latents = noise
    for now, after in pairwise(sigmas):
        sigma = torch.full((len(latents),), now, device=latents.device)
        step = velocity(model, latents, [source], text, sigma, shapes=[shape, shape])
        latents = latents + (after - now) * step
    return latents


# --- scores -------------------------------------------------------------------------------------


def scores(phase: str, edits: Tensor, chosen: HeldOut) -> list[PairScore]:
    """Score edits (B, 3, S, S) uint8 against the targets and against copying the source."""
    made, copied = psnr(edits, chosen.target), psnr(chosen.source, chosen.target)
    rows = []
    for row, pair in enumerate(chosen.pairs):
        rivals = [
            other
            for other, that in enumerate(chosen.pairs)
            if that.source_id == pair.source_id and other != row
        ]
        rows.append(
            PairScore(
                pair.pair_id,
                phase,
                pair.task,
                pair.subtask,
                float(made[row]),
                float(copied[row]),
                followed(edits[row], chosen.target[row], chosen.target[rivals]) if rivals else None,
                1 / (1 + len(rivals)) if rivals else None,
            )
        )
    return rows


def psnr(one: Tensor, other: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of uint8 pictures (B, 3, S, S), at most 100; returns (B,)."""
    error = ((one.float() - other.float()) / 255).square().flatten(1).mean(1)
    return (-10 * torch.log10(error.clamp_min(1e-10))).clamp_max(HIGHEST_PSNR)


def followed(edit: Tensor, target: Tensor, rivals: Tensor) -> bool:
    """Say whether an edit (3, S, S) is nearer to its target than to any rival (N, 3, S, S)."""
    distances = (torch.cat([target[None], rivals]).float() - edit.float()).square().flatten(1).mean(1)
    return bool(distances[0] < distances[1:].min())


def write_scores(path: Path, rows: Sequence[PairScore]) -> None:
    """Write scores as Parquet, whole or not at all."""
    temporary = path.with_name(f".{path.name}")
    pq.write_table(pa.Table.from_pylist([asdict(row) for row in rows], schema=SCHEMA), temporary)
    temporary.replace(path)


def read_scores(path: Path) -> list[PairScore]:
    """Read scores back; none where there is no file."""
    return [PairScore(**row) for row in pq.read_table(path).to_pylist()] if path.exists() else []


# --- pictures to look at ------------------------------------------------------------------------


def save_samples(folder: Path, recipe: StageRecipe, chosen: HeldOut, pictures: dict[str, Tensor]) -> None:
    """Save `<pair_id>_<name>.png` of some pairs for each named stack (B, 3, S, S), small ones enlarged 4 times."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in shown(chosen.pairs, recipe.evaluation.samples):
        for name, stack in pictures.items():
            _save_png(folder / f"{chosen.pairs[row].pair_id}_{name}.png", stack[row])


def shown(pairs: Sequence[Pair], count: int) -> list[int]:
    """Choose rows to show: each subtask once before any comes again."""
    seen: dict[str, int] = {}
    rounds = []
    for row, pair in enumerate(pairs):
        seen[pair.subtask] = seen.get(pair.subtask, 0) + 1
        rounds.append((seen[pair.subtask], row))
    return [row for _, row in sorted(rounds)[:count]]


def _save_png(path: Path, pixels: Tensor) -> None:
    picture = Image.fromarray(np.ascontiguousarray(pixels.permute(1, 2, 0).numpy()))
    if max(picture.size) <= ENLARGED_UP_TO:
        picture = picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)
    picture.save(path)
