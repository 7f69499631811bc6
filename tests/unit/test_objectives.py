import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from firered.training import objectives

SIGMAS = st.lists(st.floats(0.001, 1), min_size=3, max_size=3).map(torch.tensor)


def pair_of(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(3, 4, 5, generator=source), torch.randn(3, 4, 5, generator=source)


@given(st.integers(0, 1000), SIGMAS)
def test_the_true_velocity_gives_the_data_back_at_any_noise(seed: int, sigma: torch.Tensor) -> None:
    x0, noise = pair_of(seed)
    noisy = objectives.noised(x0, noise, sigma)
    assert torch.allclose(
        objectives.x0_estimate(noisy, objectives.velocity_of(x0, noise), sigma), x0, atol=1e-5
    )


def test_sigma_0_is_data_and_sigma_1_is_noise() -> None:
    x0, noise = pair_of(0)
    assert torch.equal(objectives.noised(x0, noise, torch.zeros(3)), x0)
    assert torch.equal(objectives.noised(x0, noise, torch.ones(3)), noise)


def test_sigma_is_per_sample_even_where_a_dimension_equals_the_batch() -> None:
    x0, noise = torch.zeros(3, 3, 3), torch.ones(3, 3, 3)
    noisy = objectives.noised(x0, noise, torch.tensor([0.1, 0.5, 0.9]))
    assert torch.allclose(noisy.mean((1, 2)), torch.tensor([0.1, 0.5, 0.9]))


def test_the_loss_is_one_mean_squared_error_per_sample() -> None:
    x0, noise = pair_of(1)
    exact = objectives.velocity_of(x0, noise)
    off = exact + torch.tensor([0.0, 1.0, 2.0]).view(3, 1, 1)
    assert torch.allclose(objectives.flow_matching(off, x0, noise), torch.tensor([0.0, 1.0, 4.0]), atol=1e-5)


@given(st.integers(0, 1000), SIGMAS)
def test_the_error_of_the_estimate_is_sigma_times_that_of_the_velocity(
    seed: int, sigma: torch.Tensor
) -> None:
    x0, noise = pair_of(seed)
    guess = torch.zeros_like(x0)
    estimate = objectives.x0_estimate(objectives.noised(x0, noise, sigma), guess, sigma)
    error = (estimate - x0).square().flatten(1).mean(1)
    assert torch.allclose(
        error, sigma.square() * objectives.flow_matching(guess, x0, noise), rtol=1e-3, atol=1e-5
    )


def test_the_logit_normal_weight_has_its_closed_form() -> None:
    weight = objectives.logit_normal_weight(torch.tensor([0.5, 0.1, 0.9]), mean=0.0, std=1.0)
    middle = 4 / math.sqrt(2 * math.pi)
    edge = math.exp(-0.5 * math.log(9) ** 2) / math.sqrt(2 * math.pi) / 0.09
    assert weight.tolist() == pytest.approx([middle, edge, edge], rel=1e-4)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.0, 0.7), (-0.5, 1.3)])
def test_the_logit_normal_weight_has_mean_1_under_uniform_sigma(mean: float, std: float) -> None:
    sigma = (torch.arange(100_000, dtype=torch.float64) + 0.5) / 100_000
    assert float(objectives.logit_normal_weight(sigma, mean=mean, std=std).mean()) == pytest.approx(
        1, abs=2e-3
    )


def test_the_logit_normal_weight_is_finite_at_both_ends() -> None:
    assert objectives.logit_normal_weight(torch.tensor([0.0, 1.0]), mean=0.0, std=1.0).isfinite().all()
