"""Inversion: typed rules, conditions on amounts and pixels, and no way back to the first pair."""

import numpy as np
import pytest

from conftest import scene
from firered.operators.synth.invert import Invert
from firered.pictures import Pictures
from firered.rows import Pair
from firered.templating.edits import Edit
from firered.templating.filters import templates
from pairs import exchanged, template_pairs, with_red

NEVER = {name for name, made in templates().filters.items() if made.inverse is None}


def inverses(pictures: Pictures, pairs: list) -> list[list[Pair]]:
    return [list(rows) for rows in Invert()(pairs, pictures)]


def middle_tones(seed: int) -> np.ndarray:
    """A picture far from both ends of the range, so that nothing clips."""
    return (scene(seed) * 0.2 + 100).astype(np.uint8)


@pytest.mark.parametrize("name", sorted(templates().filters))
def test_source_and_target_are_exchanged_where_the_rule_allows(pictures: Pictures, name: str) -> None:
    pairs = template_pairs(pictures, with_red(scene(4)), filters=[name], per_image=1)
    for pair, made in zip(pairs, inverses(pictures, pairs), strict=True):
        assert name not in NEVER or made == []
        for inverse in made:
            assert (inverse.source_id, inverse.target_id) == (pair.target_id, pair.source_id)
            assert (inverse.strategy, inverse.parent_id) == ("invert", pair.pair_id)
            assert Edit.model_validate_json(inverse.parameters).inverse


@pytest.mark.parametrize("name", ["brightness", "contrast", "exposure", "warmth"])
def test_an_edit_that_clips_is_not_inverted(pictures: Pictures, name: str) -> None:
    mild = template_pairs(pictures, middle_tones(0), filters=[name], per_image=1)
    assert len(inverses(pictures, mild)[0]) == 1
    harsh = np.where(scene(0) > 128, 250, 5).astype(np.uint8)
    for seed in range(12):
        pairs = template_pairs(pictures, harsh, filters=[name], per_image=1, seed=seed)
        for pair, made in zip(pairs, inverses(pictures, pairs), strict=True):
            lost = (pictures.pixels(pair.target_sha256) >= 254).mean() - (
                pictures.pixels(pair.source_sha256) >= 254
            ).mean()
            assert lost <= 0.01 or made == []


def test_the_inverse_of_a_brighter_picture_asks_for_the_reciprocal(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, middle_tones(1), filters=["brightness"], per_image=1)
    ((inverse,),) = inverses(pictures, [pair])
    there = Edit.model_validate_json(pair.parameters).arguments["amount"]
    back = Edit.model_validate_json(inverse.parameters).arguments["amount"]
    assert (1 + there / 100) * (1 + back / 100) == pytest.approx(1, abs=0.01)


def test_degrading_becomes_restoring(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(2), filters=["noise"], per_image=1)
    ((inverse,),) = inverses(pictures, [pair])
    assert (pair.subtask, inverse.subtask) == ("degrade_noise", "denoise")


def test_an_inverse_is_never_inverted_again(pictures: Pictures) -> None:
    pairs = template_pairs(pictures, scene(3), filters=["mirror"], per_image=1)
    ((inverse,),) = inverses(pictures, pairs)
    assert inverses(pictures, [exchanged(pairs[0], inverse)]) == [[]]


def test_a_colour_that_was_there_before_forbids_the_way_back(pictures: Pictures) -> None:
    both = np.zeros((128, 192, 3), dtype=np.uint8)
    both[:, :96], both[:, 96:] = (214, 40, 40), (40, 90, 210)
    for seed in range(6):
        (pair,) = template_pairs(pictures, both, filters=["recolor"], per_image=1, seed=seed)
        colors = Edit.model_validate_json(pair.parameters).arguments
        (made,) = inverses(pictures, [pair])
        assert bool(made) == (colors["new_color"] not in ("red", "blue"))


def test_a_pair_of_another_strategy_gives_no_row(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(3), filters=["mirror"], per_image=1)
    assert inverses(pictures, [pair.with_changes(strategy="import", parameters="{}")]) == [[]]
