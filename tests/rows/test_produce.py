"""From requests to pairs: stored, inverted, put into words, and made again bit for bit."""

from random import Random

import pytest

from conftest import scene as painted
from firered.operators.caption.instruct import Instruct
from firered.operators.synth.control import Control
from firered.operators.synth.invert import Invert
from firered.operators.synth.split import Split
from firered.pictures import Pictures
from firered.rows import Image, Pair, Produced, SplitScore
from firered.synthesis import produce
from firered.synthesis.making import Making
from firered.synthesis.splitting import request_of
from firered.synthesis.steps import filter_step
from made import as_read, asked, bare, produced, with_blobs


def test_a_request_becomes_a_pair_with_its_pictures_and_what_it_took(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    (request, *_) = asked(scene, per_image=1)
    (rows,) = produced([request], scene, pictures)
    pair, about = (next(row for row in rows if isinstance(row, kind)) for kind in (Pair, Produced))
    assert (pair.task, pair.strategy, pair.maker, pair.photo_id) == (
        "viewpoint",
        "control",
        "outpaint",
        scene.image_id,
    )
    assert (about.pair_id, about.request_id) == (pair.pair_id, request.request_id)
    making = Making.model_validate_json(pair.parameters)
    assert making.start == scene.sha256 and making.source_made


@pytest.mark.parametrize("codec", ["jpeg", "webp", "png"])
def test_a_pair_is_made_again_bit_for_bit_from_what_is_stored(pictures: Pictures, codec: str) -> None:
    scene = bare(pictures, painted(2, 480, 720))
    for rows in produced(asked(scene, per_image=2), scene, pictures, max_side=256, codec=codec):
        pair = with_blobs(rows, scene)
        making = Making.model_validate_json(pair.parameters)
        made = produce.again(making, pictures, lambda maker: maker)
        sizes = {row.width for row in rows if isinstance(row, Image)}
        assert max(sizes) <= 256
        assert made.source is not None
        assert pictures.save(made.source, codec=making.codec, quality=making.quality)[0] == pair.source_sha256


def test_a_target_that_is_the_photograph_itself_is_not_encoded_once_more(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    (rows,) = produced(asked(scene, per_image=1), scene, pictures)
    assert with_blobs(rows, scene).target_sha256 == scene.sha256


def test_the_inverse_exchanges_the_sides_and_asks_for_the_way_back(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    (rows,) = produced(asked(scene, per_image=1), scene, pictures)
    there = with_blobs(rows, scene)
    ((back,),) = (list(found) for found in Invert()([there], pictures))
    assert (back.source_id, back.target_id, back.strategy) == (there.target_id, there.source_id, "invert")
    making = Making.model_validate_json(back.parameters)
    assert making.inverse and making.wish.primitive.startswith("viewpoint_outpaint")
    assert making.told.primitive.startswith("viewpoint_crop")


def test_a_rule_that_wants_a_plain_photograph_refuses_a_copy_of_it(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    (rows,) = produced(asked(scene, per_image=1), scene, pictures)
    there = with_blobs(rows, scene).with_changes(target_sha256="0" * 64)
    assert [list(found) for found in Invert()([there], pictures)] == [[]]


def test_instructions_are_said_in_three_tiers_and_two_languages(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    (rows,) = produced(asked(scene, per_image=1), scene, pictures)
    (texts,) = Instruct()([with_blobs(rows, scene)], pictures)
    assert len({(text.tier, text.language) for text in texts}) == len(list(texts)) == 6
    assert all("%" in text.text for text in texts)


def test_a_picture_of_one_pixel_is_refused_with_the_reason(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    tiny = bare(pictures, painted(1, 1, 1))
    (request, *_) = asked(scene, per_image=1)
    row = as_read(request, scene).with_changes(source_sha256=tiny.sha256)
    with pytest.raises(ValueError, match="1x1 is under 64"):
        list(Control()([row], pictures))


def test_a_compound_request_gives_a_pair_for_each_step_and_one_for_the_whole(pictures: Pictures) -> None:
    scene = bare(pictures, painted(3, 300, 400))
    steps = [filter_step(name, Random(1)) for name in ("brightness", "mirror", "sharpen")]
    request = as_read(request_of(scene.image_id, scene.image_id, steps, 7), scene)
    (rows,) = Split()([request], pictures)
    pairs = [row for row in rows if isinstance(row, Pair)]
    whole, *parts = pairs
    assert [pair.step for pair in pairs] == [0, 1, 2, 3]
    assert [pair.source_id for pair in parts] == [whole.source_id, *(pair.target_id for pair in parts[:-1])]
    assert parts[-1].target_id == whole.target_id and {pair.parent_id for pair in parts} == {whole.pair_id}
    (score,) = (row for row in rows if isinstance(row, SplitScore))
    # Nothing is lost between the steps but what the codec takes.
    assert score.steps == 3 and score.psnr > 34
    took = {row.pair_id: row.seconds for row in rows if isinstance(row, Produced)}
    assert (
        took[whole.pair_id] == pytest.approx(sum(took[pair.pair_id] for pair in parts))
        and min(took.values()) > 0
    )
    images = [row for row in rows if isinstance(row, Image)]
    (texts,) = Instruct()([with_blobs([whole, *images], scene)], pictures)
    assert len(list(texts)) == 6


def test_a_chain_stops_at_the_step_that_is_not_followed_and_says_which(pictures: Pictures) -> None:
    scene = bare(pictures, painted(3, 300, 400))
    # A grey picture has no colours to strengthen.
    steps = [filter_step(name, Random(1)) for name in ("grayscale", "saturation")]
    request = as_read(request_of(scene.image_id, scene.image_id, steps, 7), scene)
    with pytest.raises(ValueError, match=r"step 2 \(saturation\): step .* lacks"):
        list(Split()([request], pictures))
