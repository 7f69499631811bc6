"""The model, Sec. 3.1: a small Qwen-Image MMDiT (diffusers) and the one place that calls it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.recipe.stage import ModelSettings
from firered.training import codec, start

torchvision_cpu.install()

from diffusers import QwenImageTransformer2DModel  # noqa: E402  (transformers looks for torchvision)

Model = Any  # the transformer, or what accelerate wraps it in


def build(settings: ModelSettings, *, vector_size: int, seed: int) -> Model:
    """Build the model: weights that depend on the seed alone, or those of an earlier stage."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = QwenImageTransformer2DModel(
            patch_size=1,
            in_channels=codec.channels(settings.patch),
            out_channels=codec.channels(settings.patch),
            num_layers=settings.layers,
            attention_head_dim=settings.width // settings.heads,
            num_attention_heads=settings.heads,
            joint_attention_dim=vector_size // settings.text_tokens,
            axes_dims_rope=rotary_axes(settings.width // settings.heads),
            zero_cond_t=True,
        )
        if settings.start == "own_place":
            start.set_weights(model, settings)
    freeze_dead_parameters(model)
    if settings.weights:
        load_weights(model, Path(settings.weights))
    return model


def load_weights(model: Model, path: Path) -> None:
    """Start from the `model.safetensors` of an earlier stage; raises ModelError where it does not fit."""
    if not path.is_file():
        raise ModelError(
            f"{path}: no such file (model.weights: give the model.safetensors of a finished run)"
        )
    found = load_file(path)
    shapes = [
        {name: weight.shape for name, weight in weights.items()} for weights in (found, model.state_dict())
    ]
    if shapes[0] != shapes[1]:
        raise ModelError(f"{path}: weights of another model (give the recipe the model settings of that run)")
    model.load_state_dict(found)


def rotary_axes(head: int) -> tuple[int, int, int]:
    """Split a head's width over frame, row and column as Qwen-Image does roughly: 1/4, 3/8, 3/8."""
    assert head % 16 == 0, head
    return head // 4, head // 8 * 3, head // 8 * 3


def freeze_dead_parameters(model: Model) -> None:
    """Freeze what has no effect: the last block's text output, which nobody reads.

    Left trainable, these six never get a gradient, and distributed training stops at the second step.
    """
    last = model.transformer_blocks[-1]
    for module in (last.attn.to_add_out, last.txt_mlp):
        module.requires_grad_(False)


def velocity(
    model: Model,
    noisy: Tensor,
    references: Sequence[Tensor],
    text: Tensor,
    sigma: Tensor,
    *,
    shapes: Sequence[tuple[int, int]],
) -> Tensor:
    """Predict the velocity (B, L, C) of noisy latents (B, L, C), given clean references (B, L_n, C).

    text (B, T, D); sigma (B,); shapes: (rows, columns) of tokens of the target, then of each
    reference, the same for the whole batch, because the transformer takes positions from its first.
    """
    lengths = [noisy.shape[1], *(reference.shape[1] for reference in references)]
    assert lengths == [rows * columns for rows, columns in shapes], (lengths, shapes)
    out = model(
        hidden_states=torch.cat([noisy, *references], dim=1),
        encoder_hidden_states=text,
        # Without a mask a padded batch is silently wrong, so it is always given.
        encoder_hidden_states_mask=torch.ones(text.shape[:2], dtype=torch.bool, device=text.device),
        timestep=sigma,
        img_shapes=[[(1, rows, columns) for rows, columns in shapes]] * len(noisy),
        return_dict=False,
    )[0]
    return out[:, : lengths[0]]


def text_tokens(vectors: Tensor, count: int) -> Tensor:
    """Split unit vectors (B, D) into `count` tokens (B, count, D / count) of about unit size per number."""
    assert vectors.shape[1] % count == 0, (vectors.shape, count)
    return vectors.unflatten(1, (count, -1)) * vectors.shape[1] ** 0.5


def parameter_count(model: Model) -> int:
    """Count the parameters that are trained."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
