"""What each operation of a graph computes: one function an operation, `(node, values) -> value`, by its name."""

from firered.models.tfjs.ops import arithmetic, arrays, convolution, resizing
from firered.models.tfjs.ops.base import Op

OPS: dict[str, Op] = {**arithmetic.OPS, **arrays.OPS, **convolution.OPS, **resizing.OPS}
# Places of the values that are read as Python numbers (shapes, axes), from the front or, negative, from the end.
READ_BY_PYTHON: dict[str, tuple[int, ...]] = {
    **arithmetic.READ_BY_PYTHON,
    **arrays.READ_BY_PYTHON,
    **convolution.READ_BY_PYTHON,
    **resizing.READ_BY_PYTHON,
}
