"""Quality, proxy of appeal and statistics of generated images: closed forms, orderings, and refusals."""

import io
import pickle

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firered.descriptors import aesthetics, brisque, spectrum
from firered.errors import ModelError
from firered.models import registry
from firered.models.brisque import Brisque, read_ranges, read_vectors
from firered.operator import load
from firered.pictures import Pictures
from firered.rows import Photo, id_of_sha256
from firered.store import BlobStore

MODEL = """svm_type epsilon_svr
kernel_type rbf
gamma 0.5
nr_class 2
total_sv 2
rho -7
SV
2 1:1 36:-1
-3 2:0.5
"""


def scene(seed: int = 0, height: int = 300, width: int = 400):
    """Pixels (height, width, 3) that resemble a photograph: sky, hills of texture, a few objects with edges."""
    random = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    spectrum = np.fft.rfft2(random.normal(size=(height, width)))
    distance = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]) + 1 / height
    natural = np.fft.irfft2(spectrum / distance**1.2, s=(height, width))
    grey = 110 + 35 * natural / natural.std() + 0.2 * (down - across)
    pixels = np.stack([grey + 25, grey, grey - 20], axis=2)
    for _ in range(6):
        x, y = random.integers(20, width - 60), random.integers(20, height - 60)
        colour = random.integers(0, 256, 3)
        pixels[y : y + 40, x : x + 30] = 0.3 * pixels[y : y + 40, x : x + 30] + 0.7 * colour
    return np.clip(pixels, 0, 255).astype(np.uint8)


def jpeg(pixels, quality):
    """Pixels after a JPEG of this quality."""
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


def noisy(pixels, deviation):
    """Pixels with gaussian noise of this deviation, in grey levels."""
    random = np.random.default_rng(7)
    return np.clip(pixels + random.normal(0, deviation, pixels.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def photo(tmp_path):
    """A saved scene: its row and the door to its pixels."""
    pictures = Pictures(BlobStore(tmp_path))
    sha256, size = pictures.save(scene())
    return Photo(id_of_sha256(sha256), sha256, 400, 300, size, "JPEG", "RGB", 1, "photo", "CC0-1.0"), pictures


# --- features -----------------------------------------------------------------------------------


def test_moments_are_those_of_a_plain_sum():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 50, 70)).astype(np.float32)
    product = (first * second).astype(float)
    left, right = product[product < 0], product[product > 0]
    plain = [
        abs(product).sum(), (left**2).sum(), left.size, (right**2).sum(), right.size, product.size
    ]  # fmt: skip
    assert brisque.moments(first, second) == pytest.approx(plain, rel=1e-4)


@pytest.mark.parametrize(("draw", "shape"), [("normal", 2.0), ("laplace", 1.0)])
def test_the_fit_finds_the_shape_of_known_distributions(draw, shape):
    values = getattr(np.random.default_rng(1), draw)(size=(600, 600)).astype(np.float32)
    found, mean, left, right = brisque.asymmetric_fit(brisque.moments(values, np.ones_like(values)))
    assert found == pytest.approx(shape, rel=0.03)
    assert mean == pytest.approx(0, abs=0.02)
    assert left == pytest.approx(right, rel=0.03) == pytest.approx(values.var(), rel=0.03)


def test_unequal_sides_are_told_apart():
    values = np.random.default_rng(1).normal(size=(600, 600)).astype(np.float32)
    values[values > 0] *= 2
    _, mean, left, right = brisque.asymmetric_fit(brisque.moments(values, np.ones_like(values)))
    assert (left, right) == (pytest.approx(1, rel=0.03), pytest.approx(4, rel=0.03))
    assert mean == pytest.approx(np.sqrt(2 / np.pi), rel=0.1)


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_flat_picture_has_finite_features(level):
    assert np.isfinite(brisque.features(np.full((40, 50, 3), level, np.uint8))).all()


def test_neighbours_are_one_pixel_apart_in_each_direction():
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    apart = {
        float((b - a).mean()) for a, b in (brisque._neighbours(values, *shift) for shift in brisque.SHIFTS)
    }
    assert apart == {1, 4, 5, 3}


# --- support vectors ----------------------------------------------------------------------------


def test_a_model_in_text_is_read_with_the_features_it_leaves_out():
    gamma, rho, weights, vectors = read_vectors(MODEL)
    assert (gamma, rho, weights.tolist()) == (0.5, -7, [2, -3])
    assert vectors.shape == (2, 36)
    assert (vectors[0, 0], vectors[0, 35], vectors[1, 1], np.abs(vectors).sum()) == (1, -1, 0.5, 2.5)


def test_another_kind_of_model_is_refused():
    with pytest.raises(ModelError, match="not a regression with a radial kernel"):
        read_vectors(MODEL.replace("rbf", "linear"))


def test_ranges_are_numbers_and_whatever_would_run_is_refused(tmp_path):
    path = tmp_path / "ranges.pickle"
    path.write_bytes(pickle.dumps({"min_": [0.0] * 36, "max_": [2.0] * 36}))
    low, high = read_ranges(path)
    assert (low.sum(), high.sum()) == (0, 72)
    path.write_bytes(pickle.dumps(io.StringIO))
    with pytest.raises(ModelError, match=r"ask for (_)?io.StringIO"):
        read_ranges(path)


@pytest.fixture(scope="module")
def model():
    if registry.state(registry.entry("brisque")) == "missing":
        pytest.skip("firered models install brisque")
    return Brisque()


def test_far_from_all_support_vectors_the_score_is_the_constant(model):
    assert model.score(np.full((1, 36), 1e6))[0] == pytest.approx(155.845)


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_is_better_than_its_damaged_copies(model, seed):
    whole = scene(seed)
    damaged = [cv2.GaussianBlur(whole, (0, 0), 3), jpeg(whole, 8), noisy(whole, 25)]
    best, *worse = model.score(np.stack([brisque.features(pixels) for pixels in [whole, *damaged]]))
    assert all(score > best + 5 for score in worse), (best, worse)


def test_the_operator_writes_a_score_for_each_photograph(model, photo):
    row, pictures = photo
    operator = load("quality")
    operator.setup()
    ((found,), (again,)) = list(operator([row, row], pictures))
    assert found == again
    assert found.image_id == row.image_id
    assert found.brisque == pytest.approx(model.score(brisque.features(pictures.pixels(row.sha256))[None])[0])


def test_without_its_weights_the_operator_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "where", lambda entry: tmp_path)
    with pytest.raises(ModelError, match=r"'brisque': not installed \(firered models install brisque\)"):
        load("quality").setup()


def test_other_weights_than_the_setting_says_stop_the_run(model):
    with pytest.raises(ModelError, match=r"not another \(set revision\)"):
        load("quality", {"revision": "another"}).setup()


# --- proxy of appeal ----------------------------------------------------------------------------


def spot(x, y):
    """Pixels (256, 256, 3): a bright disc on grey, at a relative place."""
    pixels = np.full((256, 256, 3), 90, np.uint8)
    cv2.circle(pixels, (round(256 * x), round(256 * y)), 24, (230, 60, 40), -1)
    return pixels


def test_a_subject_on_a_crossing_of_thirds_is_better_placed_than_one_in_a_corner():
    third, corner = (
        aesthetics.placement(aesthetics.saliency(spot(*at))) for at in ((1 / 3, 2 / 3), (0.1, 0.1))
    )
    assert third > 0.8
    assert corner < 0.2


def test_saliency_sums_to_one_and_finds_the_odd_thing_out():
    salient = aesthetics.saliency(spot(0.75, 0.25))
    assert salient.sum() == pytest.approx(1)
    down, across = np.unravel_index(salient.argmax(), salient.shape)
    assert (across / 64, down / 64) == (pytest.approx(0.75, abs=0.12), pytest.approx(0.25, abs=0.12))


def test_a_mirror_image_is_as_well_balanced():
    whole = scene(2)
    salient, mirrored = aesthetics.saliency(whole), aesthetics.saliency(whole[:, ::-1].copy())
    assert aesthetics.balance(mirrored) == pytest.approx(aesthetics.balance(salient), abs=0.05)


def hues(*degrees):
    """Pixels of pure hues side by side."""
    row = np.array([[[degree // 2, 255, 255] for degree in degrees]], np.uint8)
    return cv2.cvtColor(np.repeat(np.repeat(row, 40, 0), 40, 1), cv2.COLOR_HSV2RGB)


@pytest.mark.parametrize("turn", [0, 70, 200])
def test_one_hue_or_two_opposite_ones_accord_and_hues_all_around_do_not(turn):
    one, opposite, around = (
        aesthetics.accord(hues(*((degree + turn) % 360 for degree in degrees)))
        for degrees in ((0,), (0, 180), (0, 60, 120, 180, 240, 300))
    )
    assert one > opposite > 0.9
    assert around < 0.6


def test_a_picture_without_colour_accords_and_is_not_lively():
    grey = np.full((50, 50, 3), 99, np.uint8)
    assert (aesthetics.accord(grey), aesthetics.liveliness(grey)) == (1, 0)


def test_light_is_full_for_an_even_spread_and_none_for_black():
    spread = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    span, exposure, unclipped, _ = aesthetics.light(spread)
    assert (span, exposure) == (pytest.approx(0.96, abs=0.01), pytest.approx(1, abs=0.01))
    assert unclipped == pytest.approx(1 - 4 * 8 / 256)
    assert aesthetics.light(np.zeros((50, 50), np.uint8))[:3] == (0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_damage_lowers_the_appeal(seed):
    whole = scene(seed)
    damaged = {
        "blur": cv2.GaussianBlur(whole, (0, 0), 3),
        "noise": noisy(whole, 25),
        "fog": (whole * 0.4 + 130).astype(np.uint8),
        "dark": (whole * 0.25).astype(np.uint8),
    }
    best = aesthetics.appeal(whole).score
    worse = {name: aesthetics.appeal(pixels).score for name, pixels in damaged.items()}
    assert all(score < best for score in worse.values()), (best, worse)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_any_picture_has_parts_between_0_and_1(height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    for each in (pixels, np.full_like(pixels, pixels[0, 0])):
        found = aesthetics.appeal(each)
        assert all(0 <= part <= 1 for part in (found.composition, found.harmony, found.light, found.score))


def test_the_operator_writes_the_parts_and_their_mean(photo):
    row, pictures = photo
    ((found,),) = load("aesthetics")([row], pictures)
    assert found.score == pytest.approx((found.composition + found.harmony + found.light) / 3)
    assert found.image_id == row.image_id


# --- statistics of generated images -------------------------------------------------------------


def enlarged(pixels, factor, interpolation):
    """Pixels shrunk by a factor and enlarged again."""
    height, width = pixels.shape[0] // factor, pixels.shape[1] // factor
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width * factor, height * factor), interpolation=interpolation)


@pytest.fixture(scope="module")
def sharp():
    """A scene of 768 x 768 pixels with a little noise."""
    return noisy(scene(4, 768, 768), 2)


@pytest.mark.parametrize("deviation", [1.0, 3.0, 8.0])
def test_noise_on_a_ramp_is_measured_in_grey_levels(deviation):
    ramp = np.tile(np.linspace(60, 190, 400), (400, 1))
    luma = (ramp + np.random.default_rng(0).normal(0, deviation, ramp.shape)).round().astype(np.uint8)
    # The calmest quarter lies somewhat below the mean.
    assert spectrum.noise(luma) == pytest.approx(deviation, rel=0.15)


def test_noise_is_not_looked_for_where_it_is_clipped():
    luma = np.zeros((320, 320), np.uint8)
    luma[:, 160:] = np.random.default_rng(0).normal(128, 5, (320, 160)).astype(np.uint8)
    assert spectrum.noise(luma) == pytest.approx(5, rel=0.15)


@pytest.mark.parametrize(
    ("factor", "interpolation"), [(2, cv2.INTER_NEAREST), (2, cv2.INTER_LINEAR), (3, cv2.INTER_LINEAR)]
)
def test_enlarging_leaves_peaks(sharp, factor, interpolation):
    assert spectrum.statistics(sharp).peaks < 2.5
    assert spectrum.statistics(enlarged(sharp, factor, interpolation)).peaks > 4


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_the_blocks_of_a_jpeg_leave_none(sharp, quality):
    assert spectrum.statistics(jpeg(sharp, quality)).peaks < 2.5


def test_a_faint_checkerboard_leaves_peaks(sharp):
    squares = np.indices(sharp.shape[:2]).sum(axis=0) % 2 * 4
    assert (
        spectrum.statistics(np.clip(sharp + squares[:, :, None].astype(int), 0, 255).astype(np.uint8)).peaks
        > 7
    )


def test_the_slope_is_that_of_the_noise_it_is_measured_on():
    random = np.random.default_rng(3)
    distance = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.rfftfreq(512)[None]) + 1 / 512
    for power in (0.0, 2.0):
        made = np.fft.irfft2(np.fft.rfft2(random.normal(size=(512, 512))) / distance ** (power / 2))
        luma = np.clip(128 + 40 * made / made.std(), 0, 255).astype(np.uint8)
        assert spectrum.slope(luma) == pytest.approx(-power, abs=0.25)


def test_enlarging_makes_the_spectrum_steep(sharp):
    steep = spectrum.statistics(enlarged(sharp, 4, cv2.INTER_CUBIC)).slope
    assert steep < spectrum.statistics(sharp).slope - 1.5


def test_light_is_even_on_a_flat_picture_and_not_across_a_step():
    flat = np.full((64, 64), 100, np.uint8)
    step = flat.copy()
    step[:, 32:] = 180
    assert spectrum.evenness(flat) == 1
    assert spectrum.evenness(step) == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (130, 127), (2100, 40)])
def test_statistics_of_any_shape_are_finite(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    for each in (pixels, np.zeros_like(pixels)):
        found = spectrum.statistics(each)
        assert np.isfinite([found.residual, found.peaks, found.slope, found.light]).all()
        assert 0 <= found.light <= 1


def test_the_operator_writes_the_statistics_of_the_pixels_as_they_are(photo):
    row, pictures = photo
    ((found,),) = load("spectrum")([row], pictures)
    assert found.slope == spectrum.statistics(pictures.pixels(row.sha256)).slope
    assert found.image_id == row.image_id
