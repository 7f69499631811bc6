"""Filling holes with patches."""

import cv2
import numpy as np
import pytest

from firered.descriptors.patchmatch import fill


def texture(seed: int = 0) -> np.ndarray:
    """Stripes with noise, (72, 96, 3)."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:72, :96]
    waves = 128 + 60 * np.sin(columns / 3) + 20 * np.cos(rows / 5)
    return np.clip(waves[..., None] + random.normal(0, 3, (72, 96, 3)), 0, 255).astype(np.uint8)


def disc(radius: int = 12) -> np.ndarray:
    hole = np.zeros((72, 96), np.uint8)
    cv2.circle(hole, (48, 36), radius, 1, -1)
    return hole > 0


def test_a_disc_on_a_texture_is_filled_almost_as_it_was():
    truth, hole = texture(), disc()
    covered = np.where(hole[..., None], np.uint8(0), truth)
    found = fill(covered, hole, seed=1)
    error = np.abs(found.pixels[hole].astype(float) - truth[hole]).mean()
    assert error < 14  # the stripes are 120 levels high
    assert found.energy < 4


def test_what_is_not_in_the_hole_stays_bit_for_bit():
    truth, hole = texture(), disc()
    assert (fill(truth, hole, seed=3).pixels[~hole] == truth[~hole]).all()


def test_what_was_in_the_hole_plays_no_part():
    truth, hole = texture(), disc()
    other = np.where(hole[..., None], np.uint8(255), truth)
    assert (fill(truth, hole, seed=1).pixels == fill(other, hole, seed=1).pixels).all()


def test_equal_seeds_give_equal_fills_and_the_seed_plays_a_part():
    truth, hole = texture(), disc()
    first, again, other = (fill(truth, hole, seed=seed).pixels for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()


def test_nothing_is_copied_from_what_is_shunned():
    truth, hole = texture(), disc(8)
    truth[:, 70:] = (255, 0, 0)
    shunned = np.zeros(hole.shape, bool)
    shunned[:, 70:] = True
    filled = fill(truth, hole, seed=1, shunned=shunned).pixels[hole]
    assert np.ptp(filled.astype(int), axis=-1).max() < 40  # grey, as the texture


@pytest.mark.parametrize("size", [(1, 1), (7, 7), (5, 200)])
def test_a_picture_without_room_for_a_patch_is_refused(size):
    with pytest.raises(ValueError, match="nothing is left"):
        fill(np.zeros((*size, 3), np.uint8), np.ones(size, bool), seed=1)


def test_no_hole_is_no_change():
    truth = texture()
    assert (fill(truth, np.zeros((72, 96), bool), seed=1).pixels == truth).all()
