"""Plants are what they say, the same every time, and a set's truth names every file."""

import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import scene
from firered.errors import SourceError
from firered.pictures import decode, encode_jpeg
from firered.planting import truth
from firered.planting.base import Base
from firered.planting.defects import defects, plant
from firered.planting.judge import small
from firered.planting.lettering import line_mask, paint
from firered.planting.orientation import UNDONE
from firered.planting.plant import chosen, make, photographs, planned
from firered.planting.truth import Truth
from firered.templating.planes import Pixels, luma

NAMES = list(defects())
NOT_PICTURES = ("truncated", "not_an_image", "empty")


@pytest.fixture(scope="module")
def base() -> Base:
    """A scene of 480 x 360 pixels."""
    return Base(scene(3, 360, 480))


def planted(name: str, base: Base, seed: int = 0) -> tuple[Pixels, dict[str, object]]:
    made, parameters = plant(name, base, np.random.default_rng(seed))
    return (decode(made) if isinstance(made, bytes) else made), parameters


# --- each defect --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_equal_lots_plant_the_same(name: str, base: Base) -> None:
    first, second = (plant(name, base, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(
        np.frombuffer(_bytes(first[0]), np.uint8), np.frombuffer(_bytes(second[0]), np.uint8)
    )
    assert first[1] == second[1]


def _bytes(made: Pixels | bytes) -> bytes:
    return made if isinstance(made, bytes) else made.tobytes()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_PICTURES])
def test_a_plant_is_a_picture_and_leaves_its_base_alone(name: str, base: Base) -> None:
    before = base.pixels.copy()
    for seed in range(2):
        pixels, parameters = planted(name, base, seed)
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert min(pixels.shape[:2]) >= 100
        json.dumps(parameters)
    assert np.array_equal(base.pixels, before)


@pytest.mark.parametrize("name", NAMES)
def test_every_defect_says_what_it_plants(name: str) -> None:
    assert defects()[name].about.endswith(".")


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_what_is_no_picture_does_not_open(name: str, base: Base) -> None:
    for seed in range(4):
        made, _ = plant(name, base, np.random.default_rng(seed))
        assert isinstance(made, bytes)
        with pytest.raises(ValueError):
            decode(made)


def test_an_exact_copy_has_the_bytes_of_its_base(base: Base) -> None:
    assert plant("exact_copy", base, np.random.default_rng(0))[0] == base.data


def test_a_crop_takes_at_most_five_percent(base: Base) -> None:
    for seed in range(20):
        pixels, _ = planted("crop", base, seed)
        assert 0.94 < pixels.size / base.pixels.size < 1


def test_a_mirror_image_mirrored_is_the_base(base: Base) -> None:
    assert np.array_equal(planted("mirror", base)[0][:, ::-1], base.pixels)


@pytest.mark.parametrize("name", ["dark", "bright"])
def test_exposure_reaches_the_brightness_it_states(name: str, base: Base) -> None:
    for seed in range(4):
        pixels, parameters = planted(name, base, seed)
        assert luma(pixels).mean() / 255 == pytest.approx(parameters["mean"], abs=0.02)


def test_blur_takes_detail_and_noise_adds_it(base: Base) -> None:
    def detail(pixels: Pixels) -> float:
        return float(np.abs(np.diff(luma(pixels), axis=1)).mean())

    assert detail(planted("blur", base)[0]) < 0.5 * detail(base.pixels)
    assert detail(planted("motion_blur", base)[0]) < 0.7 * detail(base.pixels)
    assert detail(planted("noise", base)[0]) > 1.5 * detail(base.pixels)


def test_a_flat_picture_has_next_to_no_contrast(base: Base) -> None:
    assert all(luma(planted("flat", base, seed)[0]).std() < 12 for seed in range(12))


def test_a_mosaic_is_made_of_squares(base: Base) -> None:
    pixels, parameters = planted("mosaic", base)
    left, top, _, _ = parameters["box"]  # type: ignore[misc]
    block = int(parameters["block"])  # type: ignore[call-overload]
    assert len(np.unique(pixels[top : top + block, left : left + block].reshape(-1, 3), axis=0)) == 1


def test_the_bars_of_a_border_have_one_colour(base: Base) -> None:
    for seed in range(6):
        pixels, parameters = planted("border", base, seed)
        across, down = parameters["bars"]  # type: ignore[misc]
        assert np.array_equal(pixels[down : down + base.height, across : across + base.width], base.pixels)
        assert (pixels[:down] == parameters["rgb"]).all()
        assert (pixels[:, :across] == parameters["rgb"]).all()


@pytest.mark.parametrize("name", ["qr", "barcode"])
def test_codes_can_be_read(name: str, base: Base) -> None:
    import zxingcpp

    for seed in range(6):
        pixels, parameters = planted(name, base, seed)
        texts = [code.text for code in zxingcpp.read_barcodes(pixels)]
        assert any(str(parameters["text"]) in text for text in texts), (seed, parameters)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turning_by_the_stated_angle_stands_a_photograph_up(degrees: int, base: Base) -> None:
    pixels, parameters = planted(f"rotate_{degrees}", base)
    assert np.array_equal(np.rot90(pixels, -int(parameters["turn"]) // 90), base.pixels)  # type: ignore[call-overload]


def test_readers_that_obey_exif_see_every_orientation_upright(base: Base) -> None:
    from PIL import ImageOps

    seen = set()
    for seed in range(40):
        made, parameters = plant("exif_rotated", base, np.random.default_rng(seed))
        assert isinstance(made, bytes)
        with Image.open(io.BytesIO(made)) as opened:
            assert opened.getexif()[0x0112] == parameters["orientation"]
            upright = np.array(ImageOps.exif_transpose(opened))
        assert np.abs(upright.astype(int) - base.pixels).mean() < 10
        seen.add(parameters["orientation"])
    assert seen == set(UNDONE)


def test_an_animation_has_the_frames_it_states(base: Base) -> None:
    for seed in range(3):
        made, parameters = plant("animated", base, np.random.default_rng(seed))
        assert isinstance(made, bytes)
        with Image.open(io.BytesIO(made)) as opened:
            assert (opened.format, opened.n_frames) == (parameters["format"], parameters["frames"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("mode_")])
def test_unusual_modes_show_the_same_picture(name: str, base: Base) -> None:
    for seed in range(2):
        assert np.abs(small(planted(name, base, seed)[0]) - small(base.pixels)).mean() < 8


def test_upsampling_leaves_traces_of_every_other_pixel(base: Base) -> None:
    made, _ = planted("upsampled", base)
    spectrum = np.abs(np.fft.rfft(luma(made) - luma(made).mean(), axis=1)).mean(axis=0)
    assert spectrum[-1] > 2 * np.median(spectrum[-20:-2])


def test_a_collage_shows_other_photographs(base: Base) -> None:
    other = np.zeros_like(base.pixels)
    made, parameters = planted("collage", Base(base.pixels, lambda count: [other] * count))
    panels = int(parameters["rows"]) * int(parameters["columns"])  # type: ignore[call-overload]
    assert (made == 0).all(axis=2).mean() > 0.8 * (panels - 1) / panels


def test_letters_outside_the_picture_are_cut(base: Base) -> None:
    pixels = base.pixels.copy()
    mask = line_mask("样片", 60, "uni", 400)
    for at in ((-900, 0), (0, -900), (900, 900), (-20, -20)):
        paint(pixels, mask, at, (255, 0, 0), 0.5)
    assert (pixels != base.pixels).any()


# --- sets ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photographs, six of them large."""
    folder = tmp_path_factory.mktemp("album")
    for number in range(8):
        height, width = (420, 520) if number < 6 else (240, 320)
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(scene(number, height, width)))
    return folder


def a_set(album: Path, out: Path, seed: int = 1) -> list[Truth]:
    return make(out, [str(album)], seed=seed, half="all", each=1, clean=9, tell=lambda line: None)


@pytest.fixture(scope="module")
def whole(album: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Truth]]:
    """A set with one plant of each defect."""
    out = tmp_path_factory.mktemp("set") / "out"
    return out, a_set(album, out)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_equal_seeds_make_equal_bytes_and_others_do_not(
    album: Path, whole: tuple[Path, list[Truth]], tmp_path: Path
) -> None:
    a_set(album, tmp_path / "again")
    a_set(album, tmp_path / "other", seed=2)
    assert digests(tmp_path / "again") == digests(whole[0])
    assert digests(tmp_path / "other") != digests(whole[0])


def test_the_truth_names_every_file_once(whole: tuple[Path, list[Truth]]) -> None:
    out, lines = whole
    assert truth.read(out) == sorted(lines, key=lambda line: line.path)
    assert {line.path for line in lines} == set(digests(out)) - {truth.NAME}
    assert len({line.path for line in lines}) == len(lines)


def test_every_defect_is_planted_as_often_and_controls_have_no_copy(whole: tuple[Path, list[Truth]]) -> None:
    counts = Counter(line.defect for line in whole[1])
    assert {counts[name] for name in NAMES} == {1}
    bases = {line.photograph_sha256 for line in whole[1] if line.defect == truth.BASE}
    controls = {line.photograph_sha256 for line in whole[1] if line.defect == truth.CLEAN}
    assert (len(bases), len(controls)) == (3, 5)
    assert not bases & controls


def test_the_halves_share_no_photograph(album: Path) -> None:
    even, odd, whole = (
        {found.sha256 for found in photographs([str(album)], half)} for half in ("even", "odd", "all")
    )
    assert not even & odd
    assert even | odd == whole


def test_a_photograph_given_twice_is_used_once(album: Path) -> None:
    assert len(photographs([str(album), str(album)], "all")) == 8


def test_defects_are_spread_over_the_photographs(album: Path, tmp_path: Path) -> None:
    plan = planned(tmp_path, photographs([str(album)], "all"), seed=1, clean=9, tell=lambda line: None)
    used = Counter(found.sha256 for name in NAMES for found in chosen(plan, name, 1))
    assert len(used) == len(plan.bases)


def test_a_folder_in_use_is_left_alone(album: Path) -> None:
    with pytest.raises(SourceError, match="not empty"):
        a_set(album, album)


def test_a_file_that_is_no_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / truth.NAME).write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="not the truth"):
        truth.read(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        truth.read(tmp_path / "nowhere")
