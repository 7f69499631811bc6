"""Damage of camera and weather: repeatable, of the same size, and as strong as asked."""

from random import Random

import numpy as np
import pytest
from tests.conftest import scene

from firered.synthesis import damage

CASES = {
    "shake": {"length": 14.0, "bend": 0.4},
    "sensor_noise": {"strength": 12.0},
    "low_light": {"stops": 2.0, "strength": 0.2},
    "rain": {"amount": 0.8, "length": 24.0, "slant": 12.0},
    "fog": {"density": 1.0},
}


@pytest.mark.parametrize("function", CASES)
@pytest.mark.parametrize("size", [(96, 128), (1, 1), (20, 400)])
def test_equal_seeds_give_equal_bytes_at_any_size(function: str, size: tuple[int, int]) -> None:
    pixels = scene(1)[: size[0], : size[1]] if size != (20, 400) else scene(1, *size)
    before = pixels.copy()
    first, again, other = (
        damage.apply(function, pixels, {**CASES[function], "seed": seed}) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again) and first.shape == pixels.shape and first.dtype == np.uint8
    assert np.array_equal(pixels, before)
    assert size == (1, 1) or not np.array_equal(first, other)


def test_shaking_keeps_the_light_and_does_not_move_the_picture() -> None:
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[31:34, 31:34] = 255
    for seed in range(8):
        light = damage._light(damage.shake(dot, length=80, bend=0.3, seed=seed))[..., 0]
        rows, columns = np.indices(light.shape)
        assert light.sum() == pytest.approx(9, rel=0.05)
        assert (light * rows).sum() / light.sum() == pytest.approx(32, abs=0.7)
        assert (light * columns).sum() / light.sum() == pytest.approx(32, abs=0.7)


def test_noise_is_as_strong_as_asked_at_middle_grey() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert damage.sensor_noise(grey, strength=10, seed=1).std() == pytest.approx(10, rel=0.15)


def test_a_stop_less_is_half_the_light() -> None:
    grey = np.full((100, 100, 3), 200, np.uint8)
    dark = damage.low_light(grey, stops=1, strength=0.05, seed=1)
    assert damage._light(dark).mean() == pytest.approx(damage._light(grey).mean() / 2, rel=0.03)


def test_rain_and_fog_only_take_from_the_picture_what_they_put_before_it() -> None:
    black = np.zeros((120, 160, 3), np.uint8)
    assert damage.rain(black, amount=1, length=24, slant=0, seed=1).mean() > 5
    thin, thick = (damage.fog(scene(2), density=density, seed=1).std() for density in (0.3, 1.5))
    assert thick < thin < scene(2).std()


def test_arguments_are_drawn_between_their_ends() -> None:
    random = Random(1)
    for _ in range(50):
        found = damage.drawn("fog", {"density": [0.5, 1.5]}, random)
        assert 0.5 <= found["density"] <= 1.5 and isinstance(found["seed"], int)
    assert damage.drawn("shrink", {"factor": 4}, random) == {"factor": 4}
    assert {damage.drawn("shrink", {"factor": [2, 4]}, random)["factor"] for _ in range(40)} == {2, 3, 4}


def test_shrinking_takes_whole_blocks() -> None:
    pixels = scene(3, 43, 61)
    small = damage.shrink(pixels, factor=4)
    assert small.shape == (10, 15, 3)
    assert np.abs(small[0, 0].astype(float) - pixels[:4, :4].mean(axis=(0, 1))).max() <= 0.51
