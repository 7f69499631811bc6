"""Table 1 of the paper, typed in, against the shipped recipes."""

import pytest

from firered.paths import shipped
from firered.recipe.loading import load
from firered.recipe.stage import StageRecipe

#                  original structured instructive  resolution  steps  warm-up
TABLE_1 = {
    "pretrain": ((0.55, 0.40, 0.05), (384, 512), 300_000, 0),
    "ct": ((0.20, 0.60, 0.20), (512, 1024), 65_000, 0),
    "sft": ((0.10, 0.45, 0.45), (1024, 1024), 5_000, 500),
}


def recipe_of(stage: str) -> StageRecipe:
    return load(shipped("recipes") / f"{stage}.yaml", StageRecipe)


@pytest.mark.parametrize("stage", TABLE_1)
def test_captions_resolution_steps_and_warm_up_are_those_of_table_1(stage: str) -> None:
    recipe = recipe_of(stage)
    tiers = recipe.captions.tiers
    shares = (tiers.original, tiers.structured, tiers.instructive)
    sides = (min(recipe.resolutions), max(recipe.resolutions))
    assert (shares, sides, recipe.steps, recipe.optim.warmup_steps) == TABLE_1[stage]


@pytest.mark.parametrize("stage", TABLE_1)
def test_the_optimiser_is_that_of_table_1_in_every_stage(stage: str) -> None:
    optim = recipe_of(stage).optim
    assert (optim.betas, optim.clip, optim.weight_decay) == ((0.9, 0.999), 1.0, 0.01)


def test_only_pre_training_starts_at_high_noise() -> None:
    assert [recipe_of(stage).sigma.law for stage in TABLE_1] == ["progressive", "uniform", "uniform"]


@pytest.mark.parametrize("stage", TABLE_1)
def test_the_loss_is_weighted_logit_normally_in_every_stage(stage: str) -> None:
    assert recipe_of(stage).sigma.weight == "logit_normal"


def test_only_fine_tuning_averages_the_weights() -> None:
    assert [recipe_of(stage).ema is not None for stage in TABLE_1] == [False, False, True]


def test_the_tiny_recipe_is_a_fine_tuning_at_32_pixels() -> None:
    recipe = load(shipped("recipes") / "tiny" / "flow.yaml", StageRecipe)
    assert (recipe.stage, recipe.resolutions) == ("sft", (32,))
