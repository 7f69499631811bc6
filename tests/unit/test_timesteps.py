import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firered.recipe.stage import SigmaSettings
from firered.training.timesteps import generator, progressive, sigmas, stratified

EVEN = (torch.arange(20_000) + 0.5) / 20_000


@given(st.integers(1, 64), st.integers(0, 10_000))
def test_each_part_of_the_range_is_drawn_exactly_once(count: int, step: int) -> None:
    drawn = stratified(count, generator(0, "sigma", step))
    assert sorted((drawn * count).floor().int().tolist()) == list(range(count))


def test_a_place_in_the_batch_sees_every_part_over_the_steps() -> None:
    parts = {int(stratified(8, generator(0, "sigma", step))[0] * 8) for step in range(200)}
    assert parts == set(range(8))


@pytest.mark.parametrize("law", ["logit_normal", "uniform", "progressive"])
@given(uniform=st.lists(st.floats(0, 1), min_size=1, max_size=8), progress=st.floats(0, 1))
def test_sigma_stays_inside_and_keeps_the_order(law: str, uniform: list[float], progress: float) -> None:
    settings = SigmaSettings(law=law)  # type: ignore[arg-type]
    drawn = sigmas(settings, torch.tensor(sorted(uniform)), progress)
    assert ((drawn > 0) & (drawn < 1)).all()
    assert (drawn.diff() >= -1e-6).all()


def test_logit_normal_sigma_has_the_mean_and_deviation_asked_for() -> None:
    logits = torch.logit(sigmas(SigmaSettings(law="logit_normal", mean=1.0, std=0.5), EVEN, 0))
    assert float(logits.mean()) == pytest.approx(1.0, abs=1e-2)
    assert float(logits.std()) == pytest.approx(0.5, abs=1e-2)


def test_the_curriculum_goes_from_mean_two_thirds_to_one_half() -> None:
    means = [float(progressive(EVEN, evenness).mean()) for evenness in (0.0, 0.5, 1.0)]
    assert means == pytest.approx([2 / 3, 7 / 12, 1 / 2], abs=1e-3)


def test_the_curriculum_is_uniform_after_its_share_of_the_steps() -> None:
    settings = SigmaSettings(law="progressive", anneal=0.6)
    assert torch.allclose(sigmas(settings, EVEN, 0.6), EVEN.clamp(1e-4, 1 - 1e-4))


def test_a_purpose_and_a_step_make_their_own_numbers() -> None:
    drawn = {
        (purpose, step): float(torch.rand((), generator=generator(0, purpose, step)))
        for purpose in ("noise", "sigma")
        for step in range(50)
    }
    assert len(set(drawn.values())) == len(drawn)
    assert drawn["noise", 7] == float(torch.rand((), generator=generator(0, "noise", 7)))


def test_settings_without_effect_are_refused() -> None:
    with pytest.raises(ValidationError, match="count it twice"):
        SigmaSettings(law="logit_normal", weight="logit_normal")
    with pytest.raises(ValidationError, match="anneal has no effect"):
        SigmaSettings(law="uniform", anneal=0.5)
