"""All pairs of 64-bit hashes within a few bits of each other, exactly, without comparing all with all.

A hash is cut into four segments of 16 bits. Two hashes within `bits` of each other agree, in at least
one segment, up to that segment's share of the bits (pigeonhole). So hashes are sorted into 65,536
buckets by each segment in turn, and only buckets whose numbers are that close are compared.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sorted = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint64]]
    Found = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]
    Rule = tuple[int, int, NDArray[np.int64], bool]

SEGMENTS = 4
BUCKETS = 1 << 16
ROOM = 1 << 16  # pairs that fit before the result grows


class Close(NamedTuple):
    """Pairs of positions, each pair once, and the bits in which their hashes differ; three arrays (P,)."""

    left: "NDArray[np.int32]"
    right: "NDArray[np.int32]"
    distance: "NDArray[np.uint8]"


def close_pairs(hashes: "NDArray[np.uint64]", bits: int) -> Close:
    """Pairs among hashes (N,) that differ in at most `bits` bits, 0..32; left < right."""
    mixed = _interleave(np.ascontiguousarray(hashes, np.uint64))
    left, right, distance = _close(mixed, mixed, _shares(bits), bits, True)
    return Close(np.minimum(left, right), np.maximum(left, right), distance)


def close_between(probes: "NDArray[np.uint64]", hashes: "NDArray[np.uint64]", bits: int) -> Close:
    """Pairs of a probe (M,) and a hash (N,) that differ in at most `bits` bits, 0..32."""
    mixed = _interleave(np.ascontiguousarray(hashes, np.uint64))
    mixed_probes = _interleave(np.ascontiguousarray(probes, np.uint64))
    return Close(*_close(mixed_probes, mixed, _shares(bits), bits, False))


def _shares(bits: int) -> "NDArray[np.int64]":
    """Bits by which each segment may differ, -1 where a segment need not be looked at; they add up to bits - 3."""
    return (bits + 1 + np.arange(SEGMENTS)[::-1]) // SEGMENTS - 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _ones(value: np.uint64) -> np.int64:
    """Count the bits that are set; the compiler knows this idiom as one instruction."""
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + (
        (value >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((value * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _interleave(hashes: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
    """Deal the bits to the segments in turn: neighbouring frequencies vary together and would skew one segment."""
    mixed = np.zeros_like(hashes)
    for i in range(len(hashes)):
        value, result = hashes[i], np.uint64(0)
        for bit in range(64):
            place = np.uint64((bit % SEGMENTS) * 16 + bit // SEGMENTS)
            result |= ((value >> np.uint64(bit)) & np.uint64(1)) << place
        mixed[i] = result
    return mixed


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _sort(hashes: "NDArray[np.uint64]", segment: int) -> "Sorted":
    """Sort by a segment (counting sort): where each bucket starts, positions, hashes in that order."""
    shift = np.uint64(16 * segment)
    keys = ((hashes >> shift) & np.uint64(BUCKETS - 1)).astype(np.int64)
    starts = np.zeros(BUCKETS + 1, np.int64)
    for key in keys:
        starts[key + 1] += 1
    starts = np.cumsum(starts)
    following = starts[:-1].copy()
    order = np.empty(len(hashes), np.int32)
    for i in range(len(hashes)):
        order[following[keys[i]]] = i
        following[keys[i]] += 1
    return starts, order, hashes[order]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _masks(most: int) -> "NDArray[np.int64]":
    """16-bit numbers with at most `most` bits set."""
    return np.array([mask for mask in range(BUCKETS) if _ones(np.uint64(mask)) <= most])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _found_before(differing: np.uint64, segment: int, shares: "NDArray[np.int64]") -> bool:
    """Whether an earlier segment has led to the same pair."""
    for earlier in range(segment):
        part = (differing >> np.uint64(16 * earlier)) & np.uint64(BUCKETS - 1)
        if _ones(part) <= shares[earlier]:
            return True
    return False


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _grown(found: "Found") -> "Found":
    """Copy with room for twice as many."""
    longer = (
        np.empty(2 * len(found[0]), np.int32),
        np.empty(2 * len(found[0]), np.int32),
        np.empty(2 * len(found[0]), np.uint8),
    )
    longer[0][: len(found[0])] = found[0]
    longer[1][: len(found[0])] = found[1]
    longer[2][: len(found[0])] = found[2]
    return longer


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _compare(
    probes: "Sorted",
    hashes: "Sorted",
    spans: "tuple[int, int, int, int]",
    rule: "Rule",
    found: "Found",
    count: int,
) -> "tuple[Found, int]":
    """Compare the probes of one bucket with the hashes of another; of one and the same bucket, each pair once."""
    bits, segment, shares, same = rule
    for i in range(spans[0], spans[1]):
        start = i + 1 if same and spans[0] == spans[2] else spans[2]
        for j in range(start, spans[3]):
            differing = probes[2][i] ^ hashes[2][j]
            apart = _ones(differing)
            if apart > bits or _found_before(differing, segment, shares):
                continue
            if count == len(found[0]):
                found = _grown(found)
            found[0][count], found[1][count], found[2][count] = probes[1][i], hashes[1][j], apart
            count += 1
    return found, count


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _close(
    probes: "NDArray[np.uint64]",
    hashes: "NDArray[np.uint64]",
    shares: "NDArray[np.int64]",
    bits: int,
    same: bool,
) -> "Found":
    """Compare buckets; where probes and hashes are the `same` array, each pair comes once."""
    found, count = (np.empty(ROOM, np.int32), np.empty(ROOM, np.int32), np.empty(ROOM, np.uint8)), 0
    for segment in range(SEGMENTS):
        if shares[segment] < 0:
            continue
        ours = _sort(probes, segment)
        theirs = ours if same else _sort(hashes, segment)
        rule = (bits, segment, shares, same)
        filled = np.flatnonzero(np.diff(ours[0]))
        for mask in _masks(shares[segment]):
            for bucket in filled:
                other = bucket ^ mask
                if theirs[0][other] == theirs[0][other + 1] or (same and other < bucket):
                    continue
                spans = (ours[0][bucket], ours[0][bucket + 1], theirs[0][other], theirs[0][other + 1])
                found, count = _compare(ours, theirs, spans, rule, found, count)
    return found[0][:count], found[1][:count], found[2][:count]
