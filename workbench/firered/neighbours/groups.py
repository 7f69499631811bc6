"""Images grouped by equal hashes: hashes are compared once, and large groups are linked, not paired.

Of a group of K images with one hash, all pairs would be K * K / 2. Up to FEW images all pairs are taken;
beyond, each image is linked with the first of its group and with the one before it, and the group meets
other groups through its first image.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firered.descriptors import hamming
from firered.neighbours.candidates import Candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]

FEW = 8  # images in a group of which all pairs are taken


class Groups(NamedTuple):
    """Images (N,) in the order of their hashes, and where each of the G different hashes starts."""

    values: "NDArray[np.uint64]"  # (G,) different hashes
    starts: "Positions"  # (G,)
    sizes: "Positions"  # (G,)
    images: "NDArray[np.int64]"  # (N,) ids
    new: "NDArray[np.bool_]"  # (N,)

    @property
    def touched(self) -> "NDArray[np.bool_]":
        """Which groups have a new image, (G,)."""
        return np.logical_or.reduceat(self.new, self.starts) if len(self.starts) else np.empty(0, bool)


def grouped(hashes: "NDArray[np.uint64]", images: "NDArray[np.int64]", new: "NDArray[np.bool_]") -> Groups:
    """Group images (N,), which come in the order of their ids, by hash."""
    order = np.argsort(hashes, kind="stable")
    values, starts, sizes = np.unique(hashes[order], return_index=True, return_counts=True)
    return Groups(values, starts, sizes, images[order], new[order])


def equal(groups: Groups, *, method: int) -> Candidates:
    """Pairs within groups that include a new image."""
    of = np.repeat(np.arange(len(groups.values)), groups.sizes)
    place = np.arange(len(of)) - groups.starts[of]
    ends, size = groups.starts[of] + groups.sizes[of], groups.sizes[of]
    first, second = [], []
    for step in range(1, FEW):
        here = np.flatnonzero((np.arange(len(of)) + step < ends) & ((size <= FEW) | (step == 1)))
        first.append(here)
        second.append(here + step)
    far = np.flatnonzero((size > FEW) & (place > 1))
    left, right = np.concatenate([*first, groups.starts[of[far]]]), np.concatenate([*second, far])
    return _candidates(groups, left, groups, right, np.zeros(len(left)), method)


def close(groups: Groups, bits: int, *, method: int) -> Candidates:
    """Pairs between groups whose hashes differ in at most `bits` bits, that include a new image."""
    new, old = np.flatnonzero(groups.touched), np.flatnonzero(~groups.touched)
    among = hamming.close_pairs(groups.values[new], bits)
    across = hamming.close_between(groups.values[new], groups.values[old], bits)
    left = np.concatenate([new[among.left], new[across.left]])
    right = np.concatenate([new[among.right], old[across.right]])
    return _expanded(groups, left, groups, right, np.concatenate([among.distance, across.distance]), method)


def close_views(views: Groups, groups: Groups, bits: int, *, method: int) -> Candidates:
    """Pairs of a view of one image and another image as it is, that include a new image."""
    new, old = np.flatnonzero(views.touched), np.flatnonzero(~views.touched)
    fresh = np.flatnonzero(groups.touched)
    of_new = hamming.close_between(views.values[new], groups.values, bits)
    of_old = hamming.close_between(views.values[old], groups.values[fresh], bits)
    left = np.concatenate([new[of_new.left], old[of_old.left]])
    right = np.concatenate([of_new.right, fresh[of_old.right]])
    return _expanded(views, left, groups, right, np.concatenate([of_new.distance, of_old.distance]), method)


def _expanded(
    groups: Groups,
    left: "Positions",
    others: Groups,
    right: "Positions",
    distance: "NDArray[np.uint8]",
    method: int,
) -> Candidates:
    """Pairs of images from pairs of groups (P,): all of them, or the first ones where they are many."""
    many = groups.sizes[left] * others.sizes[right] > FEW
    rows, columns = np.where(many, 1, groups.sizes[left]), np.where(many, 1, others.sizes[right])
    pair = np.repeat(np.arange(len(left)), rows * columns)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(rows * columns) - rows * columns, rows * columns)
    ours = groups.starts[left[pair]] + step // columns[pair]
    theirs = others.starts[right[pair]] + step % columns[pair]
    return _candidates(groups, ours, others, theirs, distance[pair], method)


def _candidates(
    groups: Groups,
    left: "Positions",
    others: Groups,
    right: "Positions",
    distance: "NDArray[np.generic]",
    method: int,
) -> Candidates:
    """Candidates from positions of images (P,), those that include a new image."""
    fresh = groups.new[left] | others.new[right]
    left, right = left[fresh], right[fresh]
    methods = np.full(len(left), method, np.int8)
    return Candidates(groups.images[left], others.images[right], methods, distance[fresh].astype(np.float64))
