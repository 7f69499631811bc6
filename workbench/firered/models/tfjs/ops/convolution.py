"""Convolutions and pooling. Pictures are (B, H, W, C), kernels (height, width, in, out), as TensorFlow has them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firered.models.tfjs.ops.arithmetic import activated
from firered.models.tfjs.ops.base import Op, integers
from firered.models.tfjs.topology import Node

if TYPE_CHECKING:
    from torch import Tensor

Sides = list[int]  # left, right, top, bottom


def _convolution(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    return activated(node, _convolved(node, values[0], values[1].permute(3, 2, 0, 1), groups=1), values[2:])


def _depthwise(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    height, width, channels, copies = values[1].shape
    kernel = values[1].permute(2, 3, 0, 1).reshape(channels * copies, 1, height, width)
    return activated(node, _convolved(node, values[0], kernel, groups=channels), values[2:])


def _convolved(node: Node, pixels: "Tensor", kernel: "Tensor", *, groups: int) -> "Tensor":
    from torch.nn import functional

    steps, spacing = _pair(node, "strides"), _pair(node, "dilations")
    reach = [(size - 1) * gap + 1 for size, gap in zip(kernel.shape[2:], spacing, strict=True)]
    sides = _sides(node, pixels, reach, steps)
    planes = pixels.permute(0, 3, 1, 2)
    both = _symmetric(sides)
    if both is None:
        planes, both = functional.pad(planes, sides), (0, 0)
    found = functional.conv2d(planes, kernel, stride=steps, padding=both, dilation=spacing, groups=groups)
    back: Tensor = found.permute(0, 2, 3, 1)
    return back


def _transposed(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    """Enlarge by a convolution's transpose to the size that the first value gives."""
    from torch.nn import functional

    _, height, width, _ = integers(values[0])
    kernel = values[1].permute(3, 2, 0, 1)
    whole = functional.conv_transpose2d(values[2].permute(0, 3, 1, 2), kernel, stride=_pair(node, "strides"))
    # Where the steps are wider than the kernel, the last rows are nobody's and stay 0.
    missing = [max(width - whole.shape[3], 0), max(height - whole.shape[2], 0)]
    whole = functional.pad(whole, [0, missing[0], 0, missing[1]])
    top, left = (whole.shape[2] - height) // 2, (whole.shape[3] - width) // 2
    back: Tensor = whole[:, :, top : top + height, left : left + width].permute(0, 2, 3, 1)
    return back


def _largest(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    size, steps = _pair(node, "ksize"), _pair(node, "strides")
    sides = _sides(node, values[0], size, steps)
    planes = functional.pad(values[0].permute(0, 3, 1, 2), sides, value=-math.inf)
    back: Tensor = functional.max_pool2d(planes, size, steps).permute(0, 2, 3, 1)
    return back


def _sides(node: Node, pixels: "Tensor", reach: Sequence[int], steps: Sequence[int]) -> Sides:
    """Padding in pixels, for a kernel that reaches over so many rows and columns."""
    kind = node.settings.get("padding", "VALID")
    if kind == "EXPLICIT":
        given = node.settings["explicit_paddings"]
        return [int(each) for each in (*given[4:6], *given[2:4])]
    if kind == "VALID":
        return [0, 0, 0, 0]
    rows = _same(pixels.shape[1], reach[0], steps[0])
    return [*_same(pixels.shape[2], reach[1], steps[1]), *rows]


def _same(length: int, reach: int, step: int) -> tuple[int, int]:
    """TensorFlow's SAME: as many outputs as steps fit, the odd pixel of padding at the end."""
    total = max((math.ceil(length / step) - 1) * step + reach - length, 0)
    return total // 2, total - total // 2


def _symmetric(sides: Sides) -> tuple[int, int] | None:
    """Rows and columns of padding where both ends have as much, which a convolution can do by itself."""
    left, right, top, bottom = sides
    return (top, left) if (left, top) == (right, bottom) else None


def _pair(node: Node, setting: str) -> list[int]:
    """Numbers for rows and columns out of those for all four dimensions."""
    given: Any = node.settings.get(setting) or [1, 1, 1, 1]
    return [int(given[1]), int(given[2])]


OPS: dict[str, Op] = {
    "Conv2D": _convolution,
    "_FusedConv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise,
    "FusedDepthwiseConv2dNative": _depthwise,
    "Conv2DBackpropInput": _transposed,
    "MaxPool": _largest,
}
READ_BY_PYTHON = {"Conv2DBackpropInput": (0,)}
