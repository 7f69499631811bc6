"""The template operator: pairs that can be made again, stored whole, balanced over tasks."""

import hashlib
import json
from collections import Counter

import numpy as np
import pytest

from conftest import scene
from firered.errors import TemplateError
from firered.operators.synth.template import OPERATOR, Template
from firered.pictures import Pictures, decode, encode_jpeg
from firered.rows import Image, Pair
from firered.templating.edits import Edit
from firered.templating.filters import templates
from firered.templating.pixels import apply
from pairs import photo, template_pairs, template_rows, with_red

NAMES = sorted(templates().filters)


@pytest.mark.parametrize("name", NAMES)
def test_target_is_made_again_bit_for_bit_from_source_and_parameters(pictures: Pictures, name: str) -> None:
    (pair,) = template_pairs(pictures, with_red(scene(4)), filters=[name], per_image=1)
    stored = json.loads(pair.parameters)
    source = decode(pictures.store.get(pair.source_sha256))
    again = encode_jpeg(apply(stored["function"], source, stored["values"]), quality=stored["quality"])
    assert hashlib.sha256(again).hexdigest() == pair.target_sha256


def test_rows_hold_the_scaled_source_targets_and_pairs(pictures: Pictures) -> None:
    source = photo(pictures, scene(0, 300, 600))
    (rows,) = template_rows(pictures, [source], per_image=3, max_side=256)
    images = {row.image_id: row for row in rows if isinstance(row, Image)}
    pairs = [row for row in rows if isinstance(row, Pair)]
    assert len(pairs) == 3 and len({pair.maker for pair in pairs}) == 3
    assert {image.origin for image in images.values()} == {"scaled", "template"}
    for pair in pairs:
        assert max(images[pair.source_id].width, images[pair.source_id].height) == 256
        assert Edit.model_validate_json(pair.parameters).filter == pair.maker
        assert images[pair.target_id].licence == source.licence


def test_a_small_photograph_is_its_own_source(pictures: Pictures) -> None:
    source = photo(pictures, scene(0))
    (rows,) = template_rows(pictures, [source], filters=["blur"], per_image=1)
    (pair,) = (row for row in rows if isinstance(row, Pair))
    assert pair.source_id == source.image_id


@pytest.mark.parametrize("name", [name for name in NAMES if templates().filters[name].task != "viewpoint"])
def test_source_and_target_have_one_size_but_for_viewpoint(pictures: Pictures, name: str) -> None:
    for pair in template_pairs(pictures, scene(5), filters=[name], per_image=1):
        assert pictures.pixels(pair.source_sha256).shape == pictures.pixels(pair.target_sha256).shape


def test_equal_seeds_give_equal_rows_and_other_seeds_others(pictures: Pictures) -> None:
    source = photo(pictures, scene(6))
    first, again, other = (template_rows(pictures, [source], seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_tasks_are_balanced(pictures: Pictures) -> None:
    photos = [photo(pictures, scene(seed, 96, 128)) for seed in range(24)]
    tasks = Counter(
        row.task for rows in template_rows(pictures, photos) for row in rows if isinstance(row, Pair)
    )
    assert set(tasks) == {"adjust", "color", "lowlevel", "stylize", "viewpoint", "text"}
    assert max(tasks.values()) <= 2 * min(tasks.values())


def test_one_bad_blob_costs_one_row(pictures: Pictures) -> None:
    good = photo(pictures, scene(7))
    bad = good.with_changes(image_id=1, sha256=pictures.save_bytes(b"\xff\xd8 no picture"))
    results = Template(per_image=1)
    with pytest.raises(ValueError, match="JPEG: "):
        list(results([bad], pictures))
    (rows,) = results([good], pictures)
    assert list(rows)


def test_a_tiny_picture_is_refused_with_its_size(pictures: Pictures) -> None:
    with pytest.raises(ValueError, match="20x30 is under 64"):
        list(Template()([photo(pictures, scene(0, 30, 20))], pictures))


def test_a_grey_photograph_gets_no_edit_of_its_colours(pictures: Pictures) -> None:
    grey = np.repeat(scene(8)[..., :1], 3, axis=-1)
    makers = {pair.maker for pair in template_pairs(pictures, grey, per_image=40)}
    assert not makers & {"saturation", "hue", "grayscale", "recolor", "channels"}
    assert "brightness" in makers


def test_letters_are_stored_with_their_boxes(pictures: Pictures) -> None:
    (pair,) = template_pairs(pictures, scene(9), filters=["text_translate"], per_image=1)
    text = Edit.model_validate_json(pair.parameters).text
    assert text is not None
    for said, boxes in ((text.before, text.before_chars), (text.after, text.after_chars)):
        assert [char for char, *_ in boxes] == [char for char in said if char.strip()]


def test_one_language_leaves_translation_out_and_naming_it_is_an_error(pictures: Pictures) -> None:
    makers = {pair.maker for pair in template_pairs(pictures, scene(1), per_image=40, languages=["en"])}
    assert "text_add" in makers and "text_translate" not in makers
    with pytest.raises(TemplateError, match="needs 2 languages"):
        Template(filters=["text_translate"], languages=["en"]).setup()


def test_an_unknown_filter_is_named() -> None:
    with pytest.raises(TemplateError, match="no filter 'blurr'"):
        Template(filters=["blurr"]).setup()
    assert OPERATOR is Template
