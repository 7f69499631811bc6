"""Places as rows: where a thing may stand, and that a photograph was searched at all."""

from random import Random

import cv2
import numpy as np
import pytest

import compositions
from firered.descriptors import rle
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Mask, id_of_sha256
from firered.synthesis.composite import cutouts, staging
from firered.synthesis.composite.ground import Ground
from firered.synthesis.composite.staging import LOOKED, PLACES
from firered.synthesis.scene import Scene, SceneMask


def stored(pictures: Pictures, pixels: np.ndarray) -> KeptPhoto:
    """Photograph with these pixels."""
    sha256, size = pictures.save(pixels, codec="png")
    height, width = pixels.shape[:2]
    return KeptPhoto(id_of_sha256(sha256), sha256, width, height, size, "PNG", "RGB", 1, "photo", "CC0-1.0")


def found(pictures: Pictures, pixels: np.ndarray) -> dict[str, Mask]:
    """Places of a picture, by kind."""
    (rows,) = load("places")([stored(pictures, pixels)], pictures)
    assert len({row.kind for row in rows}) == len(rows)
    return {row.kind: row for row in rows}


@pytest.mark.parametrize(
    ("picture", "kinds"),
    [
        (compositions.lawn(), {"sky", "grass"}),
        (compositions.table(), {"surface"}),
        (compositions.noise(), set()),
        (np.zeros((1, 1, 3), np.uint8), set()),
        (cv2.resize(compositions.lawn(), (2000, 100)), set()),
    ],
)
def test_each_kind_of_place_has_a_row_and_so_has_the_search(pictures, picture, kinds):
    assert set(found(pictures, picture)) == {LOOKED, *kinds}


def test_a_place_is_the_region_that_makers_see(pictures):
    picture = compositions.lawn()
    rows = found(pictures, picture)
    for kind in rows.keys() & set(PLACES):
        row, region = rows[kind], getattr(Ground(picture), kind)
        assert (rle.decode(row.counts, row.height, row.width) == region).all()
        assert row.area == row.score == pytest.approx(region.mean())
        assert (row.label, row.matte) == ("", "")
    assert rows["sky"].top == 0 and rows["grass"].bottom == 1


def test_masks_are_no_larger_than_the_setting(pictures):
    row = stored(pictures, cv2.resize(compositions.lawn(), (1024, 700)))
    for settings, side in (({}, 512), ({"max_side": 200}, 200)):
        (rows,) = load("places", settings)([row], pictures)
        assert {max(each.height, each.width) for each in rows} == {side}


def test_the_search_covers_the_whole_picture(pictures):
    row = found(pictures, compositions.noise())[LOOKED]
    assert (row.left, row.top, row.right, row.bottom, row.area) == (0, 0, 1, 1, 1)
    assert rle.area(row.counts) == row.height * row.width


def scene(rows: dict[str, Mask]) -> Scene:
    """What the makers are told of a picture of which only its places are known."""
    masks = [
        SceneMask(
            **{name: getattr(row, name) for name in SceneMask.model_fields if name != "box"},
            box={"left": row.left, "top": row.top, "right": row.right, "bottom": row.bottom},
        )
        for row in rows.values()
    ]
    return Scene(image_id=1, sha256="a", width=360, height=240, masks=masks)


def test_what_is_found_is_what_is_offered(pictures):
    for picture in (compositions.lawn(), compositions.table(), compositions.noise()):
        rows = found(pictures, picture)
        offered = staging.candidates(scene(rows), Random(1))
        assert set(offered) == rows.keys() & set(PLACES)
        assert all(staging.stands(cutouts.words()[path], kind) for kind in offered for path in offered[kind])


def test_where_nobody_searched_every_place_is_offered():
    assert set(staging.candidates(scene({}), Random(1))) == set(PLACES)


def test_a_place_is_no_obstacle(pictures):
    assert staging.obstacles(scene(found(pictures, compositions.lawn()))) == []
