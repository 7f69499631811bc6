"""Embedded editors: tiles, the protocol, and each network on a tiny picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import scene

from firered.errors import ModelError
from firered.models import editor
from firered.models.editor import EditError, EditRequest, edit_one
from firered.models.editors import tiles
from firered.models.editors.cutout import composed, covering

SIDES = st.integers(1, 90)


@given(SIDES, SIDES, st.sampled_from([(32, 0, 1), (32, 8, 1), (48, 15, 8), (16, 5, 4)]))
@settings(max_examples=60, deadline=None)
def test_tiles_of_a_network_that_does_nothing_make_the_picture_again(
    height: int, width: int, cut: tuple[int, int, int]
) -> None:
    picture = np.random.default_rng(height).random((height, width, 3), np.float32)
    tiling = tiles.Tiling(*cut, batch=3)
    (found,) = tiles.apply(lambda values: values, [picture], tiling)
    assert found.shape == picture.shape
    assert np.allclose(found, picture, atol=1e-6)


def test_tiles_are_of_one_size_and_few_shapes_reach_the_network() -> None:
    shapes: list[tuple[int, ...]] = []

    def network(values: "tiles.Floats") -> "tiles.Floats":
        shapes.append(values.shape)
        return values.repeat(2, axis=1).repeat(2, axis=2)

    pictures = [np.zeros((100, 70, 3), np.float32), np.ones((100, 70, 3), np.float32)]
    found = tiles.apply(network, pictures, tiles.Tiling(64, 16, scale=2, batch=4))
    assert [each.shape for each in found] == [(200, 140, 3)] * 2
    assert shapes == [(4, 64, 64, 3)] * 2
    assert found[0].max() == 0 and found[1].min() == 1


@pytest.mark.parametrize(
    ("spec", "given_settings", "said"),
    [
        ("embedded:nothing", {}, "one of these, or one of their parts: cutout, maxim"),
        ("embedded:maxim-nothing", {}, "embedded:maxim-deblurring"),
        ("embedded:realesrgan-x9", {}, "embedded:realesrgan-x4plus"),
        ("embedded:styles", {}, "embedded:styles-named"),
        ("embedded:maxim-deblurring", {"tiles": 1}, "no setting 'tiles'"),
        ("embedded:maxim-deblurring", {"tile": 100}, "tile: .*multiple of 64"),
        ("embedded:patchmatch", {"seed": 1}, "no setting 'seed'"),
        ("ftp:x", {}, "not a spec"),
        ("comfyui+ftp://x", {}, "not a spec"),
    ],
)
def test_an_editor_that_cannot_be_loaded_says_what_can(
    spec: str, given_settings: dict[str, int], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        editor.load(spec, **given_settings)


def test_specs_of_every_kind_lead_to_a_backend() -> None:
    commit = "a" * 40
    specs = ("embedded:x", f"hf:a/b@{commit}", "path:/x", "http://x", "https://x", "comfyui+http://x")
    assert {editor.kind_of(spec) for spec in specs} <= set(editor.BACKENDS)


def test_one_failed_request_costs_one_answer() -> None:
    pixels = scene(1, 64, 80)
    mask = np.zeros((64, 80), np.bool_)
    mask[20:30, 20:34] = True
    loaded = editor.load("embedded:patchmatch")
    first, failed, second = loaded.edit([EditRequest((pixels,), mask=each) for each in (mask, None, mask)])
    assert isinstance(failed, EditError) and "no mask" in failed.reason
    assert not isinstance(first, EditError) and np.array_equal(first, second)  # type: ignore[arg-type]
    assert np.array_equal(first[~mask], pixels[~mask])
    with pytest.raises(ValueError, match="no mask"):
        edit_one(loaded, EditRequest((pixels,)))


def test_a_subject_is_laid_over_another_ground_with_its_own_colour_at_the_rim() -> None:
    picture = np.zeros((40, 40, 3), np.float32)
    picture[:, 20:] = (1, 0, 0)
    matte = np.clip((np.arange(40, dtype=np.float32) - 17) / 5, 0, 1)[None].repeat(40, 0)
    found = composed(picture, matte, np.ones_like(picture))
    assert np.array_equal(found[:, :17], np.ones((40, 17, 3), np.float32))
    assert np.array_equal(found[:, 23:], picture[:, 23:])
    # Half covered: between red and white, without the black that was behind.
    assert found[20, 19, 0] > 0.75


def test_a_ground_covers_any_size() -> None:
    for height, width in ((10, 50), (50, 10), (7, 7)):
        assert covering(scene(2, 30, 44), height, width).shape == (height, width, 3)


@pytest.mark.slow
def test_maxim_brightens_what_is_dark_keeps_its_size_and_gives_the_same_bytes_again() -> None:
    loaded = editor.load("embedded:maxim-enhancement")
    dark = EditRequest(((scene(3, 50, 64) // 8).astype(np.uint8),))
    found = edit_one(loaded, dark)
    assert found.shape == (50, 64, 3)
    assert found.mean() > 2 * dark.images[0].mean()
    assert np.array_equal(found, edit_one(loaded, dark))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "factor"), [("video-x2", 2), ("video-x3", 3), ("video-x4", 4), ("x4plus", 4)]
)
def test_enlargements_shrink_back_to_what_they_were_made_of(name: str, factor: int) -> None:
    import cv2

    small = cv2.GaussianBlur(scene(5, 40, 52), (0, 0), 2)
    large = edit_one(editor.load(f"embedded:realesrgan-{name}"), EditRequest((small,)))
    assert large.shape == (40 * factor, 52 * factor, 3)
    back = cv2.resize(large, (52, 40), interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(int) - small).mean() < 8


@pytest.mark.slow
def test_styles_differ_and_strength_leads_back_to_the_photograph() -> None:
    pixels = scene(6, 66, 90)
    loaded = editor.load("embedded:styles-named")
    first, second, none = (
        edit_one(loaded, EditRequest((pixels,), settings={"style": style}, strength=strength))
        for style, strength in ((4, None), (19, None), (4, 0.0))
    )
    assert first.shape == pixels.shape
    assert np.abs(first.astype(int) - second).mean() > 20
    assert np.array_equal(none, pixels)
    with pytest.raises(ModelError, match="style"):
        edit_one(loaded, EditRequest((pixels,), settings={"style": 26}))


@pytest.mark.slow
def test_the_style_of_a_second_picture_needs_a_second_picture() -> None:
    pixels = scene(7, 60, 90)
    loaded = editor.load("embedded:styles-any")
    painted = edit_one(loaded, EditRequest((pixels, scene(8, 50, 50))))
    assert painted.shape == pixels.shape and not np.array_equal(painted, pixels)
    with pytest.raises(ValueError, match="no second picture"):
        edit_one(loaded, EditRequest((pixels,)))


@pytest.mark.slow
def test_a_picture_without_a_subject_is_not_cut_out() -> None:
    with pytest.raises(ValueError, match="the subject takes"):
        edit_one(editor.load("embedded:cutout"), EditRequest((np.full((64, 64, 3), 90, np.uint8),)))
