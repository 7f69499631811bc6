"""The perception judge: rows for what applies, none for what does not, and the real reader on drawn letters."""

import pytest

from conftest import scene
from fakes import FakeEyes
from firered.operators.judge.perception_judge import PerceptionJudge, checks, mouth_of
from firered.pictures import Pictures
from firered.rows import PairImages
from pairs import template_pairs


@pytest.mark.parametrize("name", ["text_replace", "text_add"])
def test_a_pair_with_letters_has_a_row_for_each_promise(pictures: Pictures, name: str) -> None:
    (pair,) = template_pairs(pictures, scene(3, 256, 320), filters=[name], per_image=1, seed=1)
    found = {row.check: row for row in checks(pair, pictures, FakeEyes(lines=["nothing like it"]))}
    assert found["text"].score < 0.6 and found["text"].pair_id == pair.pair_id


def test_a_pair_where_nothing_applies_has_no_row(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(3, 256, 320), filters=["blur"], per_image=1)
    assert list(PerceptionJudge()([pair], pictures)) == [[]]
    assert list(PerceptionJudge()([pair.with_changes(strategy="import")], pictures)) == [[]]


def test_a_mouth_is_measured_in_distances_of_the_eyes() -> None:
    mesh = [(0.0, 0.0)] * 468
    mesh[159], mesh[386] = (10, 10), (30, 10)
    mesh[61], mesh[291] = (12, 40), (27, 40)
    mesh[13], mesh[14] = (20, 38), (20, 42)
    assert mouth_of(mesh) == (0.75, 0.2)


@pytest.mark.slow
def test_the_reader_reads_what_was_drawn_and_not_what_was_not(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(3, 384, 512), filters=["text_replace"], per_image=1, seed=4)
    judge = PerceptionJudge()
    (true, wrong) = (
        {row.check: row.score for row in checks(each, pictures, judge.eyes)}
        for each in (pair, unedited(pair))
    )
    assert true["text"] > 0.8 and wrong["text"] < 0.6


def unedited(pair: PairImages) -> PairImages:
    """The pair with its source for a target."""
    return pair.with_changes(target_sha256=pair.source_sha256)
