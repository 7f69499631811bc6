"""Pairs of hashes within a few bits: the same as comparing all with all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firered.descriptors import hamming

HASHES = st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 3, 7, 2**64 - 1]), max_size=40)


def brute(left: np.ndarray, right: np.ndarray, bits: int) -> set[tuple[int, int, int]]:
    """Position, position, distance of all that are near enough."""
    apart = np.bitwise_count(left[:, None] ^ right[None])
    rows, columns = np.nonzero(apart <= bits)
    return set(zip(rows.tolist(), columns.tolist(), apart[rows, columns].tolist(), strict=True))


def found(close: hamming.Close) -> list[tuple[int, int, int]]:
    """The same as a list, so that what comes twice shows."""
    return sorted(zip(*(column.tolist() for column in close), strict=True))


def planted(count: int, seed: int = 0) -> np.ndarray:
    """Random hashes, a tenth of them copies with up to a dozen bits turned, some hashes several times."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**63, count, np.uint64) * np.uint64(2)
    copies = count // 10
    hashes[:copies] = hashes[copies : 2 * copies]
    for _ in range(12):
        turned = np.flatnonzero(random.random(copies) < 0.4)
        hashes[turned] ^= np.uint64(1) << random.integers(0, 64, len(turned), np.uint64)
    return hashes


@settings(max_examples=60, deadline=None)
@given(HASHES, st.integers(0, 12))
def test_pairs_are_those_of_comparing_all_with_all(values: list[int], bits: int) -> None:
    hashes = np.array(values, np.uint64)
    expected = {(i, j, apart) for i, j, apart in brute(hashes, hashes, bits) if i < j}
    assert found(hamming.close_pairs(hashes, bits)) == sorted(expected)


@settings(max_examples=60, deadline=None)
@given(HASHES, HASHES, st.integers(0, 12))
def test_pairs_between_two_sets_are_those_of_comparing_all_with_all(
    ours: list[int], theirs: list[int], bits: int
) -> None:
    probes, hashes = np.array(ours, np.uint64), np.array(theirs, np.uint64)
    expected = sorted(brute(probes, hashes, bits))
    assert found(hamming.close_between(probes, hashes, bits)) == expected


@pytest.mark.parametrize("bits", [0, 3, 8])
def test_each_pair_among_thousands_comes_once(bits: int) -> None:
    hashes = planted(3000)
    expected = sorted(pair for pair in brute(hashes, hashes, bits) if pair[0] < pair[1])
    assert found(hamming.close_pairs(hashes, bits)) == expected
    assert bits == 0 or len(expected) > 50


def test_hashes_of_which_most_bits_agree_all_pair_up() -> None:
    hashes = (np.uint64(0xF0F0 << 20) | np.arange(400, dtype=np.uint64)).astype(np.uint64)
    assert len(hamming.close_pairs(hashes, 9).left) == 400 * 399 // 2


@pytest.mark.slow
def test_twenty_thousand_are_exact() -> None:
    hashes = planted(20_000, seed=1)
    parts = [(start, hashes[start : start + 1000]) for start in range(0, len(hashes), 1000)]
    expected = [
        (i + start, j, apart)
        for start, part in parts
        for i, j, apart in brute(part, hashes, 8)
        if i + start < j
    ]
    assert found(hamming.close_pairs(hashes, 8)) == sorted(expected)
