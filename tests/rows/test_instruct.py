"""Instructions and structured captions as rows."""

from collections import Counter

import numpy as np

from conftest import scene
from firered.operators.caption.instruct import Instruct
from firered.operators.caption.structured import Structured
from firered.operators.synth.invert import Invert
from firered.pictures import Pictures
from firered.templating.words import foreign_letters, keeps_intent
from pairs import exchanged, photo, template_pairs


def test_every_template_pair_and_inverse_gets_three_tiers_in_two_languages(pictures: Pictures) -> None:
    pairs = template_pairs(pictures, scene(0), per_image=30)
    pairs += [
        exchanged(pair, inverse)
        for pair, rows in zip(pairs, Invert()(pairs, pictures), strict=True)
        for inverse in rows
    ]
    for pair, rows in zip(pairs, Instruct()(pairs, pictures), strict=True):
        texts = {(text.tier, text.language): text.text for text in rows}
        assert len(texts) == 6
        for (tier, language), said in texts.items():
            assert keeps_intent(texts["detailed", language], said) == [], (pair.maker, tier)
            assert foreign_letters(said, language) == ""


def test_texts_are_the_same_in_any_batch(pictures: Pictures) -> None:
    pairs = template_pairs(pictures, scene(1), per_image=6)
    together = [list(rows) for rows in Instruct()(pairs, pictures)]
    alone = [list(rows) for pair in pairs for rows in Instruct()([pair], pictures)]
    assert together == alone


def test_another_seed_gives_other_words(pictures: Pictures) -> None:
    pairs = template_pairs(pictures, scene(1), per_image=6)
    first, second = ([list(rows) for rows in Instruct(seed=seed)(pairs, pictures)] for seed in (0, 1))
    assert first != second


def test_tiers_and_languages_can_be_chosen(pictures: Pictures) -> None:
    pairs = template_pairs(pictures, scene(2), per_image=1)
    (rows,) = Instruct(tiers=["user"], languages=["zh"])(pairs, pictures)
    assert [(text.tier, text.language) for text in rows] == [("user", "zh")]


def test_pairs_of_other_makers_get_no_row(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(2), per_image=1)
    assert [list(rows) for rows in Instruct()([pair.with_changes(strategy="import")], pictures)] == [[]]


def test_concise_sentences_repeat_so_that_few_are_embedded(pictures: Pictures) -> None:
    pairs = [
        pair
        for seed in range(30)
        for pair in template_pairs(pictures, scene(seed, 64, 96), filters=["mirror"], per_image=1, seed=seed)
    ]
    said = Counter(text.phrase_id for rows in Instruct(tiers=["detailed"])(pairs, pictures) for text in rows)
    assert max(said.values()) > 1


def test_structured_captions_state_what_was_measured(pictures: Pictures) -> None:
    dark = np.full((200, 300, 3), (10, 10, 120), dtype=np.uint8)
    grey = np.full((300, 200, 3), 230, dtype=np.uint8)
    blue, pale = (
        list(rows) for rows in Structured()([photo(pictures, dark), photo(pictures, grey)], pictures)
    )
    assert (
        blue[0].text
        == "A small landscape picture, dark, with low contrast and vivid colours; blue hues stand out."
    )
    assert (
        pale[0].text
        == "A small portrait picture, bright, with low contrast and no colour; no hue stands out."
    )
    assert pale[1].text == "一张小尺寸的竖幅图片，偏亮，对比较弱，没有色彩；没有突出的色相。"
    assert {text.tier for text in blue + pale} == {"structured"}
