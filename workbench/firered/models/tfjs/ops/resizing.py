"""Bilinear resizing of (B, H, W, C) pictures with each of TensorFlow's three ideas of where a pixel lies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firered.models.tfjs.ops.base import Op, integers
from firered.models.tfjs.topology import Node

if TYPE_CHECKING:
    from torch import Tensor


def _bilinear(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    height, width = integers(values[1])
    pixels = values[0].float()
    return _along(node, _along(node, pixels, height, axis=1), width, axis=2)


def _along(node: Node, pixels: "Tensor", length: int, *, axis: int) -> "Tensor":
    """Resize one axis; where rows come first, the intermediate result is the smaller one of enlargements."""
    import torch

    have = pixels.shape[axis]
    places = _places(node, torch.arange(length, dtype=torch.float32), have, length).clamp(0, have - 1)
    lower = places.floor().long()
    shape = [-1 if each == axis else 1 for each in range(4)]
    share = (places - lower).reshape(shape).to(pixels.device)
    first, second = (each.to(pixels.device) for each in (lower, (lower + 1).clamp(max=have - 1)))
    return pixels.index_select(axis, first) * (1 - share) + pixels.index_select(axis, second) * share


def _places(node: Node, wanted: "Tensor", have: int, length: int) -> "Tensor":
    """Where in the given pixels the wanted ones lie."""
    if node.settings.get("align_corners"):
        return wanted * ((have - 1) / max(length - 1, 1))
    if node.settings.get("half_pixel_centers"):
        return (wanted + 0.5) * (have / length) - 0.5
    return wanted * (have / length)


OPS: dict[str, Op] = {"ResizeBilinear": _bilinear}
READ_BY_PYTHON = {"ResizeBilinear": (1,)}
