"""The pixel judge: true pairs score high, planted wrong ones clearly lower."""

import dataclasses

import numpy as np
import pytest

from conftest import scene
from firered.operators.judge.pixel_judge import PixelJudge, score
from firered.operators.synth.invert import Invert
from firered.pictures import Pictures
from firered.rows import PairImages, PixelScore
from firered.synthesis.making import Making, Wish
from firered.templating.edits import Edit, values_of
from firered.templating.filters import templates
from firered.templating.pixels import apply
from pairs import exchanged, photo, template_pairs, with_red

NAMES = sorted(templates().filters)
OWN_OPPOSITES = {"mirror", "negative", "channels"}
SIGNED = [name for name, made in templates().filters.items() if made.sense and name != "turn"]


def picture(seed: int) -> np.ndarray:
    """A scene with middle tones, fine texture and an even share of hues."""
    return (scene(seed, 256, 320) * 0.7 + 38).astype(np.uint8)


def true_pair(pictures: Pictures, name: str, seed: int = 0) -> PairImages:
    pixels = with_red(picture(4)) if templates().filters[name].needs.hue_of else picture(4)
    (pair,) = template_pairs(pictures, pixels, filters=[name], per_image=1, seed=seed)
    return pair


def total(judged: PixelScore) -> float:
    return judged.followed * judged.kept


@pytest.mark.parametrize("name", NAMES)
def test_a_true_pair_scores_high_and_wrong_ones_low(pictures: Pictures, name: str) -> None:
    pair = true_pair(pictures, name)
    true = score(pair, pictures)
    assert true.followed > 0.7 and true.kept > 0.5, true
    unchanged = dataclasses.replace(pair, target_sha256=pair.source_sha256)
    unrelated = dataclasses.replace(pair, target_sha256=photo(pictures, picture(5)).sha256)
    swapped = dataclasses.replace(pair, source_sha256=pair.target_sha256, target_sha256=pair.source_sha256)
    wrong = [unchanged, unrelated]
    if name not in OWN_OPPOSITES and Edit.model_validate_json(pair.parameters).values.get("degrees") != 180:
        wrong.append(swapped)
    for planted in wrong:
        assert total(score(planted, pictures)) < 0.5 * total(true)


@pytest.mark.parametrize("name", NAMES)
def test_an_inverse_scores_as_high_as_its_parent(pictures: Pictures, name: str) -> None:
    pair = true_pair(pictures, name)
    for rows in Invert()([pair], pictures):
        for inverse in rows:
            judged = score(exchanged(pair, inverse), pictures)
            assert total(judged) == pytest.approx(total(score(pair, pictures)))
            assert (
                total(
                    score(exchanged(pair, inverse).with_changes(target_sha256=pair.target_sha256), pictures)
                )
                < 0.5
            )


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize("share", [-1.0, 0.5])
def test_the_wrong_sign_and_half_the_amount_score_lower(pictures: Pictures, name: str, share: float) -> None:
    made, pair = templates().filters[name], true_pair(pictures, name, seed=2)
    edit = Edit.model_validate_json(pair.parameters)
    arguments = edit.arguments | {made.sense: edit.arguments[made.sense] * share}
    if name == "hue" and abs(arguments[made.sense]) == 180:
        return
    pixels = apply(
        edit.function, pictures.pixels(pair.source_sha256), values_of(made, arguments, templates(), "")
    )
    planted = dataclasses.replace(pair, target_sha256=pictures.save(pixels)[0])
    assert score(planted, pictures).followed <= (0.02 if share < 0 else 0.65)


def test_an_identical_pair_has_no_changed_area_and_the_greatest_psnr(pictures: Pictures) -> None:
    pair = true_pair(pictures, "brightness")
    judged = score(dataclasses.replace(pair, target_sha256=pair.source_sha256), pictures)
    assert (judged.changed_area, judged.psnr) == (0.0, 100.0)


def test_another_size_keeps_nothing(pictures: Pictures) -> None:
    pair = true_pair(pictures, "contrast")
    other = dataclasses.replace(pair, target_sha256=photo(pictures, scene(1, 100, 100)).sha256)
    judged = score(other, pictures)
    assert (judged.followed, judged.kept, judged.changed_area, judged.psnr) == (0.0, 0.0, 1.0, 100.0)


def test_letters_outside_of_their_place_are_not_kept(pictures: Pictures) -> None:
    pair = true_pair(pictures, "text_add")
    pixels = pictures.pixels(pair.target_sha256).copy()
    top = Edit.model_validate_json(pair.parameters).text.box[1]
    rows = slice(0, 80) if top > 0.5 else slice(-80, None)
    pixels[rows] = 255 - pixels[rows]
    assert score(dataclasses.replace(pair, target_sha256=pictures.save(pixels)[0]), pictures).kept < 0.1


def test_other_words_than_asked_are_not_followed(pictures: Pictures) -> None:
    pair = true_pair(pictures, "text_replace")
    edit = Edit.model_validate_json(pair.parameters)
    wrong = apply("draw_text", pictures.pixels(pair.source_sha256), edit.values | {"text": "Something else"})
    judged = score(dataclasses.replace(pair, target_sha256=pictures.save(wrong)[0]), pictures)
    assert judged.followed < 0.5


def test_pairs_that_came_from_elsewhere_are_not_judged(pictures: Pictures) -> None:
    pair = true_pair(pictures, "blur")
    rows = [list(made) for made in PixelJudge()([pair, pair.with_changes(strategy="import")], pictures)]
    assert [len(made) for made in rows] == [1, 0]


def made_pair(pictures: Pictures, *, inverse: bool = False) -> PairImages:
    """A restoration by a maker, whose clean picture is stored beside it."""
    clean = pictures.save(picture(4), codec="png")[0]
    noisy = np.clip(picture(4) + np.random.default_rng(1).normal(0, 25, picture(4).shape), 0, 255).astype(
        np.uint8
    )
    wish = Wish(primitive="restore_denoise")
    making = Making(
        wish=wish, maker="m", version=1, seed=0, start="", max_side=512, codec="jpeg", quality=92,
        truth={"clean": clean}, inverse=inverse,
    )  # fmt: skip
    pair = true_pair(pictures, "blur")
    shown = [pictures.save(noisy)[0], pictures.save(picture(4))[0]]
    source, target = reversed(shown) if inverse else shown
    return pair.with_changes(
        strategy="expert", parameters=making.model_dump_json(), source_sha256=source, target_sha256=target
    )


def test_a_makers_pair_is_judged_by_its_primitive_and_its_clean_truth(pictures: Pictures) -> None:
    pair = made_pair(pictures)
    ((judged,),) = ([*made] for made in PixelJudge()([pair], pictures))
    assert (judged.property, judged.pair_id) == ("restored", pair.pair_id)
    assert judged.measured > 3 and judged.followed == 1 and judged.kept > 0.9
    unchanged = score(pair.with_changes(target_sha256=pair.source_sha256), pictures)
    assert unchanged.followed < 0.1
    undone = score(made_pair(pictures, inverse=True), pictures)
    assert (undone.property, undone.followed) == ("restored undone", judged.followed)
