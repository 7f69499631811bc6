"""Arithmetic, comparisons, sums and products."""

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING

from firered.models.tfjs.ops.base import Op, elementwise, integers, method
from firered.models.tfjs.topology import Node

if TYPE_CHECKING:
    from torch import Tensor


def prelu(values: "Tensor", slopes: "Tensor") -> "Tensor":
    """Scale negative values by slopes, which may differ along any dimension."""
    return values.relu() - slopes * (-values).relu()


def activated(node: Node, values: "Tensor", rest: "Sequence[Tensor]") -> "Tensor":
    """Add what a fused operation adds and apply its activations; `rest` is its bias, then a PReLU's slopes."""
    remaining = list(rest)
    for name in node.settings.get("fused_ops", ()):
        # These two alone take a value of their own.
        given = [remaining.pop(0)] if name in ("BiasAdd", "Prelu") else []
        values = OPS[name](node, [values, *given])
    return values


def _reduced(name: str) -> Op:
    """Make a reduction over axes of a tensor's method of that name."""

    def reduce(node: Node, values: "Sequence[Tensor]") -> "Tensor":
        keep = bool(node.settings.get("keep_dims", node.settings.get("keepdims", False)))
        found: Tensor = getattr(values[0], name)(integers(values[1]), keep)
        return found

    return reduce


def _matrix_product(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    left = values[0].mT if node.settings.get("transpose_a") else values[0]
    right = values[1].mT if node.settings.get("transpose_b") else values[1]
    return activated(node, left @ right, values[2:])


def _einsum(node: Node, values: "Sequence[Tensor]") -> "Tensor":
    import torch

    found: Tensor = torch.einsum(node.settings["equation"], *values)
    return found


def _floor_divide(left: "Tensor", right: "Tensor") -> "Tensor":
    return left.div(right, rounding_mode="floor")


def _softmax(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].softmax(-1)


def _clamp6(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].clamp(0, 6)


def _elu(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    return values[0].relu() + values[0].clamp(max=0).expm1()


def _sum_of_all(_: Node, values: "Sequence[Tensor]") -> "Tensor":
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


OPS: dict[str, Op] = {
    "Add": elementwise(operator.add),
    "AddV2": elementwise(operator.add),
    "BiasAdd": elementwise(operator.add),
    "Sub": elementwise(operator.sub),
    "Mul": elementwise(operator.mul),
    "RealDiv": elementwise(operator.truediv),
    "FloorDiv": elementwise(_floor_divide),
    "FloorMod": method("remainder"),
    "Maximum": method("maximum"),
    "Minimum": method("minimum"),
    "SquaredDifference": elementwise(lambda left, right: (left - right).square()),
    "AddN": _sum_of_all,
    **{
        name: method(name.lower())
        for name in ("Abs", "Exp", "Floor", "Neg", "Sigmoid", "Sign", "Sqrt", "Square")
    },
    **{name: method(name.lower()) for name in ("Reciprocal", "Relu", "Rsqrt", "Tanh")},
    "Relu6": _clamp6,
    "Elu": _elu,
    "Prelu": elementwise(prelu),
    "Softmax": _softmax,
    "Equal": elementwise(operator.eq),
    "NotEqual": elementwise(operator.ne),
    "Greater": elementwise(operator.gt),
    "GreaterEqual": elementwise(operator.ge),
    "Less": elementwise(operator.lt),
    "LessEqual": elementwise(operator.le),
    "LogicalAnd": method("logical_and"),
    "LogicalOr": method("logical_or"),
    "LogicalNot": method("logical_not"),
    "Sum": _reduced("sum"),
    "Mean": _reduced("mean"),
    "Max": _reduced("amax"),
    "Min": _reduced("amin"),
    "MatMul": _matrix_product,
    "_FusedMatMul": _matrix_product,
    "Einsum": _einsum,
}
READ_BY_PYTHON = dict.fromkeys(("Sum", "Mean", "Max", "Min"), (1,))
