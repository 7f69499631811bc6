"""Borders, mosaics, masks, collages and screenshots: made pictures whose answers are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import scene
from firered.descriptors.border import bars
from firered.descriptors.collage import layout
from firered.descriptors.mask import masked
from firered.descriptors.mosaic import blocks
from firered.descriptors.screenshot import drawn, in_runs
from firered.descriptors.steps import STRIP, lone_steps
from firered.operator import load
from firered.pictures import Pictures, decode, encode_jpeg
from firered.rows import Border, Collage, Mosaic, Photo, Screenshot

SIDES = ("left", "top", "right", "bottom")
seeds = st.integers(0, 40)
few = settings(max_examples=12, deadline=None)


def textured(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """A picture without a plain place, (H, W, 3) uint8."""
    import cv2

    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, (height, width, 3)).astype(np.float32)
    rough = sum(cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (1.5, 4, 10))
    return np.clip(128 + 40 * rough, 0, 255).astype(np.uint8)


def luma(pixels: np.ndarray) -> np.ndarray:
    import cv2

    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def framed(pixels: np.ndarray, widths: tuple[int, int, int, int], color: tuple[int, ...]) -> np.ndarray:
    left, top, right, bottom = widths
    height, width = pixels.shape[:2]
    canvas = np.empty((height + top + bottom, width + left + right, 3), np.uint8)
    canvas[:] = color
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def pixelated(pixels: np.ndarray, block: int) -> np.ndarray:
    """The upper left quarter in blocks."""
    rows, columns = (side // 2 // block for side in pixels.shape[:2])
    made = pixels.copy()
    part = made[: rows * block, : columns * block]
    means = part.reshape(rows, block, columns, block, 3).mean(axis=(1, 3), keepdims=True)
    part.reshape(rows, block, columns, block, 3)[:] = means
    return made


def interface(height: int = 480, width: int = 640) -> np.ndarray:
    """A page with a bar on top, cards with rules, and a photograph in one of them."""
    page = np.full((height, width, 3), 245, np.uint8)
    page[:40] = (30, 90, 200)
    for top in range(60, height - 90, 100):
        page[top : top + 80, 20 : width - 20] = 255
        page[top, 20 : width - 20] = page[top + 79, 20 : width - 20] = 200
        page[top : top + 80, 20] = page[top : top + 80, width - 21] = 200
    page[70:130, 30:110] = scene(5, 60, 80)
    return page


# --- borders --------------------------------------------------------------------------------------


@few
@given(seeds, st.sampled_from([(0, 0, 0), (255, 255, 255), (200, 30, 90), (127, 127, 127)]))
def test_a_frame_of_a_tenth_is_a_tenth(seed: int, color: tuple[int, ...]) -> None:
    picture = framed(textured(seed, 240, 320), (40, 30, 40, 30), color)
    assert bars(decode(encode_jpeg(picture))) == pytest.approx((0.1, 0.1, 0.1, 0.1), abs=0.005)


@few
@given(seeds, st.tuples(*[st.sampled_from([0, 0, 12, 25, 60])] * 4))
def test_each_bar_has_its_width(seed: int, widths: tuple[int, int, int, int]) -> None:
    picture = framed(textured(seed), widths, (0, 0, 0))
    height, width = picture.shape[:2]
    found = np.multiply(bars(picture), (width, height, width, height))
    assert found == pytest.approx(widths)


@few
@given(seeds)
def test_bars_of_the_mirror_image_are_mirrored(seed: int) -> None:
    picture = framed(textured(seed), (40, 0, 15, 22), (250, 240, 230))
    left, top, right, bottom = bars(picture)
    assert bars(picture[:, ::-1]) == (right, top, left, bottom)
    assert bars(picture.transpose(1, 0, 2)) == (top, left, bottom, right)


def test_an_object_on_a_plain_ground_has_no_border() -> None:
    import cv2

    picture = np.full((300, 400, 3), 255, np.uint8)
    cv2.circle(picture, (200, 150), 90, (180, 40, 20), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (60, 140), (160, 170), (20, 40, 20), -1)
    assert bars(picture) == (0, 0, 0, 0)


def test_a_sky_that_grows_darker_is_no_bar() -> None:
    ramp = np.linspace(60, 250, 300).astype(np.uint8)
    assert bars(np.broadcast_to(ramp[:, None, None], (300, 400, 3))) == (0, 0, 0, 0)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_color_has_no_border(value: int) -> None:
    assert bars(np.full((64, 64, 3), value, np.uint8)) == (0, 0, 0, 0)


# --- mosaics and masks ----------------------------------------------------------------------------


@pytest.mark.parametrize("block", [8, 12, 16, 24, 40])
def test_a_mosaic_over_a_quarter_covers_a_quarter(block: int) -> None:
    found = blocks(luma(pixelated(textured(1, 480, 640), block)))
    assert found.side == pytest.approx(block, rel=0.03)
    # Squares that the picture's edge cuts are not counted
    assert found.share == pytest.approx(0.25, abs=0.04 + block / 600)


@pytest.mark.parametrize("quality", [75, 85, 95])
def test_a_mosaic_outlives_jpeg(quality: int) -> None:
    picture = decode(encode_jpeg(pixelated(textured(2, 480, 640), 16), quality=quality))
    found = blocks(luma(picture))
    assert found.side == pytest.approx(16, abs=0.5)
    assert found.share == pytest.approx(0.25, abs=0.06)


def test_blocks_of_a_mosaic_need_not_be_whole_pixels() -> None:
    import cv2

    picture = pixelated(textured(3, 640, 800), 20)
    found = blocks(luma(cv2.resize(picture, (580, 464), interpolation=cv2.INTER_AREA)))
    assert found.side == pytest.approx(14.5, abs=0.5)
    assert found.share == pytest.approx(0.25, abs=0.06)


@few
@given(seeds)
def test_a_mosaic_is_as_large_in_the_mirror_and_turned(seed: int) -> None:
    gray = luma(pixelated(textured(seed, 320, 480), 16))
    found = blocks(gray)
    for other in (gray[:, ::-1], gray[::-1], gray.T):
        again = blocks(np.ascontiguousarray(other))
        assert again.share == pytest.approx(found.share, abs=0.03)
        assert again.side == pytest.approx(found.side, abs=0.5)


@few
@given(seeds, st.integers(-40, 40))
def test_brightness_changes_no_mosaic(seed: int, lighter: int) -> None:
    gray = luma(pixelated(textured(seed, 320, 480), 16)) // 2 + 60
    assert blocks((gray.astype(np.int16) + lighter).astype(np.uint8)) == blocks(gray)


def test_strong_jpeg_blocks_are_no_mosaic() -> None:
    assert blocks(luma(decode(encode_jpeg(scene(4, 480, 640), quality=40)))).share == 0


def test_a_wall_of_bricks_is_no_mosaic() -> None:
    wall = textured(6, 320, 480) // 3 + 100
    wall[::20] = wall[1::20] = 40
    wall[:, ::40] = wall[:, 1::40] = 40
    assert blocks(luma(wall)).share == 0


def test_a_code_of_two_tones_is_no_mosaic() -> None:
    modules = np.random.default_rng(1).integers(0, 2, (30, 30)).astype(np.uint8) * 255
    assert blocks(modules.repeat(10, axis=0).repeat(10, axis=1)).share == 0


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (90, 140, 60)])
def test_a_plain_box_is_a_mask(color: tuple[int, ...]) -> None:
    picture = textured(7, 400, 600)
    picture[100:200, 150:300] = color
    assert masked(luma(decode(encode_jpeg(picture)))) == pytest.approx(100 * 150 / (400 * 600), rel=0.08)


def test_a_blurred_box_is_a_mask() -> None:
    import cv2

    picture = textured(8, 400, 600)
    picture[100:220, 150:310] = cv2.GaussianBlur(picture[100:220, 150:310], (0, 0), 30)
    assert masked(luma(picture)) == pytest.approx(120 * 160 / (400 * 600), rel=0.1)


def test_a_plain_disc_is_no_mask() -> None:
    import cv2

    picture = textured(9, 400, 600)
    cv2.circle(picture, (300, 200), 90, (0, 0, 0), -1)
    assert masked(luma(picture)) == 0


# --- collages -------------------------------------------------------------------------------------


def grid(rows: int, columns: int, gutter: int = 0, color: int = 255) -> np.ndarray:
    lines = []
    for row in range(rows):
        line = [scene(3 * row + place, 160, 200)[:: (-1) ** (row + place)] for place in range(columns)]
        lines.append(_joined(line, gutter, color, axis=1))
    return _joined(lines, gutter, color, axis=0)


def _joined(parts: list[np.ndarray], gutter: int, color: int, axis: int) -> np.ndarray:
    shape = list(parts[0].shape)
    shape[axis] = gutter
    between = np.full(shape, color, np.uint8)
    return np.concatenate([each for part in parts for each in (part, between)][:-1], axis=axis)


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 3)])
@pytest.mark.parametrize(("gutter", "color"), [(0, 0), (6, 255), (6, 0), (5, 30)])
def test_a_grid_has_its_panels(rows: int, columns: int, gutter: int, color: int) -> None:
    picture = decode(encode_jpeg(grid(rows, columns, gutter, color), quality=85))
    found = layout(picture, luma(picture))
    assert found.panels == rows * columns
    assert found.gutter == pytest.approx(gutter / min(picture.shape[:2]), abs=2.5 / min(picture.shape[:2]))


def test_one_over_two_are_three_panels() -> None:
    below = grid(1, 2)
    above = textured(50, 180, below.shape[1])
    picture = np.concatenate([above, below])
    assert layout(picture, luma(picture)).panels == 3


def test_panels_inside_a_frame_are_counted() -> None:
    picture = framed(grid(2, 2, 8), (8, 8, 8, 8), (255, 255, 255))
    assert layout(picture, luma(picture)).panels == 4


def test_a_collage_has_as_many_panels_in_the_mirror_and_turned() -> None:
    picture = grid(2, 3, 6)
    for other in (picture[:, ::-1], picture[::-1], picture.transpose(1, 0, 2), picture // 2 + 60):
        assert layout(other, luma(np.ascontiguousarray(other))).panels == 6


def test_a_level_horizon_is_no_seam() -> None:
    random = np.random.default_rng(1)
    sky = np.full((320, 480, 3), 200) - np.arange(320)[:, None, None] // 8
    sky[160:] -= 110
    picture = np.clip(sky + random.normal(0, 4, sky.shape), 0, 255).astype(np.uint8)
    found = layout(picture, luma(picture))
    assert found.panels == 1 or found.seam < 0.5


# --- screenshots ----------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [70, 85, 95])
def test_a_page_looks_drawn_after_jpeg_too(quality: int) -> None:
    assert drawn(luma(interface())).score > 0.8
    assert drawn(luma(decode(encode_jpeg(interface(), quality=quality)))).score > 0.8


def test_drawn_lines_have_their_length() -> None:
    page = np.full((200, 400), 255, np.uint8)
    page[100:] = 128
    found = drawn(page)
    assert found.lines == pytest.approx(1, abs=0.01)
    assert found.flat == pytest.approx(1, abs=0.01)


def test_a_page_looks_as_drawn_in_the_mirror_and_turned() -> None:
    page = luma(interface())
    for other in (page[:, ::-1], page[::-1], page.T, page - 10):
        assert drawn(np.ascontiguousarray(other)).score == pytest.approx(drawn(page).score, abs=0.01)


@few
@given(st.lists(st.booleans(), min_size=60, max_size=300))
def test_places_in_runs_are_those_of_long_runs(marks: list[bool]) -> None:
    marked = np.repeat(np.array(marks), 13)[:, None]
    text = "".join("x" if mark else " " for mark in marked[:, 0])
    assert in_runs(marked) == sum(len(run) for run in text.split() if len(run) >= 48)


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_a_scene_has_none_of_them(seed: int) -> None:
    picture = scene(seed, 480, 640)
    gray = luma(picture)
    assert bars(picture) == (0, 0, 0, 0)
    assert blocks(gray).share == 0
    assert masked(gray) == 0
    assert layout(picture, gray).panels == 1
    assert drawn(gray).score < 0.1


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 7), (40, 3), (9, 300), (200, 12)])
def test_tiny_pictures_have_none_of_them(shape: tuple[int, int]) -> None:
    picture = textured(1, 16, 300)[:1, :1].repeat(shape[0], axis=0).repeat(shape[1], axis=1)
    gray = luma(picture)
    assert bars(picture) == (0, 0, 0, 0)
    assert (blocks(gray).share, masked(gray), layout(picture, gray).panels) == (0, 0, 1)
    assert drawn(gray).score == 0


def test_a_step_stands_alone_where_it_is_one_or_two_pixels_wide() -> None:
    gray = np.full((STRIP, 30), 50, np.uint8)
    gray[:, 10:] = 90
    gray[:, 20] = 110
    gray[:, 21:] = 130
    ramp = np.broadcast_to(np.linspace(50, 200, 30).astype(np.uint8), (STRIP, 30))
    assert np.flatnonzero(lone_steps(gray, 4.0)[0]).tolist() == [8, 9, 19]
    assert not lone_steps(np.ascontiguousarray(ramp), 4.0).any()


def photo_of(pictures: Pictures, pixels: np.ndarray) -> Photo:
    sha256, size = pictures.save(pixels)
    height, width = pixels.shape[:2]
    return Photo(1, sha256, width, height, size, "JPEG", "RGB", 1, "photo", "")


@pytest.mark.parametrize(
    ("name", "kind", "pixels"),
    [
        ("border", Border, framed(textured(1), (0, 30, 0, 30), (0, 0, 0))),
        ("mosaic", Mosaic, pixelated(textured(1, 320, 480), 16)),
        ("collage", Collage, grid(1, 2)),
        ("screenshot", Screenshot, interface()),
    ],
)
def test_an_operator_writes_one_row_for_each_photograph(
    pictures: Pictures, name: str, kind: type, pixels: np.ndarray
) -> None:
    operator = load(name)
    operator.setup()
    photos = [photo_of(pictures, pixels), photo_of(pictures, scene(1))]
    (first,), (second,) = (list(rows) for rows in operator(photos, pictures))
    assert type(first) is type(second) is kind
    assert first != second
