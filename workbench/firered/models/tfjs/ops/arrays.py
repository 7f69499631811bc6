"""Shapes, slices, joins and choices: operations that move values without computing with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firered.models.tfjs.ops.base import Op, integers
from firered.models.tfjs.topology import Node

if TYPE_CHECKING:
    from torch import Tensor


def _identity(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0]


def _shape(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    return torch.tensor(values[0].shape, dtype=torch.int64)


def _cast(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    kinds = {"DT_FLOAT": torch.float32, "DT_BOOL": torch.bool}
    return values[0].to(kinds.get(node.settings["DstT"], torch.int64))


def _reshape(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].reshape(integers(values[1]))


def _broadcast(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].broadcast_to(integers(values[1]))


def _transpose(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].permute(integers(values[1]))


def _expand(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].unsqueeze(int(values[1]))


def _squeeze(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    axes = node.settings.get("squeeze_dims") or node.settings.get("axis")
    return values[0].squeeze(tuple(axes)) if axes else values[0].squeeze()


def _pack(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    found: Tensor = torch.stack(list(values), int(node.settings.get("axis") or 0))
    return found


def _unpack(node: Node, values: "Sequence[Tensor]") -> "tuple[Tensor, ...]":
    return tuple(values[0].unbind(int(node.settings.get("axis") or 0)))


def _join(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    found: Tensor = torch.cat(list(values[:-1]), int(values[-1]))
    return found


def _pad(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    # torch counts from the last dimension, TensorFlow from the first.
    amounts = [amount for pair in reversed(values[1].tolist()) for amount in pair]
    found: Tensor = functional.pad(values[0], amounts)
    return found


def _range(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    start, stop, step = (value.item() for value in values)
    return torch.arange(start, stop, step, dtype=values[0].dtype)


def _where(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    return torch.where(values[0], values[1], values[2])


def _gather(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    data, places, axis = values[0], values[1], int(values[2])
    axis %= data.dim()
    shape = (*data.shape[:axis], *places.shape, *data.shape[axis + 1 :])
    return data.index_select(axis, places.reshape(-1)).reshape(shape)


def _gather_points(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0][tuple(values[1].unbind(-1))]


def _top(_: Node, values: "Sequence[Tensor]") -> "tuple[Tensor, Tensor]":
    found = values[0].topk(int(values[1]))
    return found.values, found.indices


def _largest_place(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].argmax(int(values[1]))


def _slice(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    """Cut by begins, ends and steps; the bits of the masks say which of them do not count."""
    begins, ends, steps = (integers(value) for value in values[1:])
    parts: list[Any] = []
    for place, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=True)):
        parts.append(_part(node, place, slice(begin, end, step)))
    found: Tensor = values[0][tuple(parts)]
    return found


def _part(node: Node, place: int, cut: slice) -> Any:
    if _bit(node, "ellipsis_mask", place):
        return Ellipsis
    if _bit(node, "new_axis_mask", place):
        return None
    if _bit(node, "shrink_axis_mask", place):
        return cut.start
    begin = None if _bit(node, "begin_mask", place) else cut.start
    end = None if _bit(node, "end_mask", place) else cut.stop
    return slice(begin, end, cut.step)


def _bit(node: Node, mask: str, place: int) -> bool:
    return bool(int(node.settings.get(mask) or 0) >> place & 1)


OPS: dict[str, Op] = {
    "Identity": _identity,
    "Shape": _shape,
    "Cast": _cast,
    "Reshape": _reshape,
    "BroadcastTo": _broadcast,
    "Transpose": _transpose,
    "ExpandDims": _expand,
    "Squeeze": _squeeze,
    "Pack": _pack,
    "Unpack": _unpack,
    "ConcatV2": _join,
    "Pad": _pad,
    "Range": _range,
    "Select": _where,
    "SelectV2": _where,
    "GatherV2": _gather,
    "GatherNd": _gather_points,
    "TopKV2": _top,
    "ArgMax": _largest_place,
    "StridedSlice": _slice,
}
READ_BY_PYTHON = {
    **dict.fromkeys(("Reshape", "BroadcastTo", "Transpose", "ExpandDims", "Pad", "TopKV2", "ArgMax"), (1,)),
    "ConcatV2": (-1,),
    "Range": (0, 1, 2),
    "GatherV2": (2,),
    "StridedSlice": (1, 2, 3),
}
