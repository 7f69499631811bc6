"""What operations share."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from firered.models.tfjs.topology import Node

if TYPE_CHECKING:
    from torch import Tensor

Op = Callable[[Node, Sequence[Any]], Any]


def integers(value: "Tensor") -> list[int]:
    """Values of a tensor of whole numbers, flattened."""
    return [int(each) for each in value.reshape(-1).tolist()]


def elementwise(function: Callable[..., Any]) -> Op:
    """Make an operation of a function that takes the node's values alone."""
    return lambda _, values: function(*values)


def method(name: str) -> Op:
    """Make an operation of a method of tensors: the first value's, given the others."""
    return lambda _, values: getattr(values[0], name)(*values[1:])
