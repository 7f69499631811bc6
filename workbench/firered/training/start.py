"""Starting weights from which a small model learns to edit within hundreds of steps.

Nothing in them comes from data; the architecture stays Qwen-Image's, only the random start is replaced:

- the pixels of a token go into one part of it unmixed, beside a constant, so that the layer norms
  do not lose how strong they are, and the output reads that part: at pure noise the velocity is right
  but for the picture itself;
- half of the heads of the first block begin by looking at the same place of the first reference and
  bring its pixels into a second part of the token, which the output has yet to learn to read.
"""

from typing import Any

import torch
from torch import Tensor

from firered.recipe.stage import ModelSettings
from firered.training import codec

GATE = 0.5  # how much of what a block computes is added to a token
SHARPNESS = 3.0  # scale of queries and keys in the first block: how narrow the first look is
POSITION = 3.0  # size of the part of a query that is position alone
CONTENT = 0.5  # how much of the random, content-dependent part of queries and keys is left


def set_weights(model: Any, settings: ModelSettings) -> None:
    """Replace the model's random weights by the start described above (random rotation from torch's generator)."""
    size = codec.channels(settings.patch)
    rotation = _rotation(settings.width)
    pixels, copied = rotation[:, 1 : size + 1], rotation[:, size + 1 : 2 * size + 1]
    # As long as the noise itself, so that a layer norm divides all tokens by about the same.
    constant = rotation[:, 2 * size + 1] * size**0.5
    scale = (2 * size / settings.width) ** 0.5
    with torch.no_grad():
        model.img_in.weight.copy_(pixels)
        model.img_in.bias.copy_(constant)
        model.proj_out.weight.copy_(pixels.T * scale)
        model.proj_out.bias.zero_()
        _plain(model.norm_out.linear)
        for block in model.transformer_blocks:
            _even_gates(block, settings.width)
        attention = model.transformer_blocks[0].attn
        _look_at_own_place(attention, settings)
        _carry_pixels(attention, pixels.T * scale, copied / GATE)


def _rotation(width: int) -> Tensor:
    """Random orthonormal columns (width, width); the first is even, which is what a layer norm takes away."""
    matrix = torch.randn(width, width)
    matrix[:, 0] = 1
    return torch.linalg.qr(matrix)[0]


def _plain(linear: Any) -> None:
    linear.weight.zero_()
    linear.bias.zero_()


def _even_gates(block: Any, width: int) -> None:
    """Make shifts and scales 0 and gates constant: (shift, scale, gate) for attention, then for the MLP."""
    for modulation in (block.img_mod[1], block.txt_mod[1]):
        _plain(modulation)
        modulation.bias[2 * width : 3 * width] = GATE
        modulation.bias[5 * width : 6 * width] = GATE


def _look_at_own_place(attention: Any, settings: ModelSettings) -> None:
    """Make the first half of the heads attend by position: from frame 0, the target, to frame 1 at the same place."""
    heads = settings.heads // 2
    head = settings.width // settings.heads
    frame, side = head // 8, head // 16 * 3  # rotary pairs of frame; of rows, and of columns
    key = torch.zeros(head // 2, dtype=torch.complex64)
    # The fastest pairs of each axis tell neighbours apart; the second ones keep far places from matching.
    key[[0, frame, frame + 1, frame + side, frame + side + 1]] = POSITION
    query = key.clone()
    query[0] *= torch.exp(torch.tensor(1j))  # the fastest pair turns by 1 radian from a frame to the next
    for linear, pattern in ((attention.to_q, query), (attention.to_k, key)):
        linear.weight[: heads * head] *= CONTENT
        linear.bias[: heads * head] = torch.view_as_real(pattern).flatten().repeat(heads)
    attention.norm_q.weight.fill_(SHARPNESS)
    attention.norm_k.weight.fill_(SHARPNESS)


def _carry_pixels(attention: Any, read: Tensor, write: Tensor) -> None:
    """Make these heads read the pixels (C, D) of where they look and write them (D, C) into the second part."""
    size = len(read)
    carried = attention.to_v.weight.shape[0] // 2
    attention.to_v.weight[:carried] = 0
    attention.to_v.bias[:carried] = 0
    attention.to_v.weight[:size] = read
    attention.to_out[0].weight[:, :carried] = 0
    attention.to_out[0].weight[:, :size] = write
