"""Masks as text: COCO's compressed run lengths, the format of pycocotools and of every tool that reads COCO.

A mask is walked column by column; its text is the lengths of its runs, beginning with one of zeros. From
the fourth run on the difference to the run two before is written. A number takes five bits a character,
the lowest first, each character having 48 added, so that all of them can be printed.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Runs = NDArray[np.int64]

BITS = 5  # of a number in each character
MORE = 1 << BITS  # another character of the same number follows
SIGN = 1 << (BITS - 1)
FIRST = 48  # the character that stands for zero
# Runs of a mask of 2**31 pixels or fewer, and their differences, fit into so many characters.
LONGEST = 7


def encode(mask: "Mask") -> str:
    """Text of a mask (H, W) of bool; an empty text for a mask without pixels."""
    return _text(runs(mask))


def decode(counts: str, height: int, width: int) -> "Mask":
    """Mask (height, width) of bool from its text; raises ValueError where the text is of another size."""
    lengths = _numbers(counts)
    if lengths.sum() != height * width or (lengths < 0).any():
        raise ValueError(f"run lengths of {lengths.sum()} pixels, not of {height}x{width}")
    ones = (np.arange(len(lengths)) % 2).astype(bool)
    return np.ascontiguousarray(np.repeat(ones, lengths).reshape(width, height).T)


def area(counts: str) -> int:
    """Count the pixels inside of a mask, from its text."""
    return int(_numbers(counts)[1::2].sum())


def runs(mask: "Mask") -> "Runs":
    """Lengths (N,) of a mask's runs, column by column, zeros first; the first one may be 0."""
    flat = np.asarray(mask, bool).ravel(order="F")
    if not len(flat):
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = [0, 0] if flat[0] else [0]
    return np.diff(np.concatenate([starts, ends, [len(flat)]]))


def _text(lengths: "Runs") -> str:
    numbers = lengths.copy()
    numbers[3:] -= lengths[1:-2]
    shifted = numbers[:, None] >> (BITS * np.arange(LONGEST))
    low = shifted & (MORE - 1)
    rest = shifted >> BITS
    # A number ends where what is left only repeats the sign of the character.
    goes_on = rest != np.where(low & SIGN, -1, 0)
    used = np.ones_like(goes_on)
    used[:, 1:] = np.logical_and.accumulate(goes_on[:, :-1], axis=1)
    characters = low + goes_on * MORE + FIRST
    return bytes(characters[used].astype(np.uint8)).decode("ascii")


def _numbers(counts: str) -> "Runs":
    """Lengths (N,) that a text says; raises ValueError for one that is cut or has other characters."""
    characters = np.frombuffer(counts.encode("ascii", "replace"), np.uint8).astype(np.int64) - FIRST
    if not len(characters):
        return characters
    if characters.min() < 0 or characters.max() >= 2 * MORE or characters[-1] & MORE:
        raise ValueError("run lengths that are cut or have other characters than COCO's")
    starts = np.flatnonzero(np.concatenate([[True], (characters[:-1] & MORE) == 0]))
    sizes = np.diff(np.append(starts, len(characters)))
    places = np.arange(len(characters)) - np.repeat(starts, sizes)
    values = np.add.reduceat((characters & (MORE - 1)) << (BITS * places), starts)
    ends = characters[starts + sizes - 1]
    values -= np.where(ends & SIGN, 1 << (BITS * sizes), 0)
    return _summed(values)


def _summed(values: "Runs") -> "Runs":
    """Undo the differences: from the fourth run on, each is given as what it has more than the one two before."""
    lengths = values.copy()
    if len(values) > 3:
        lengths[1::2] = np.cumsum(values[1::2])
        # The first of the even ones stands alone: the third run is whole, too.
        lengths[2::2] = np.cumsum(values[2::2])
    return lengths
