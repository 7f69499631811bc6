"""Quality, proxy of appeal and statistics of generated images: closed forms, orderings, and refusals."""

import io
import pickle

import cv2
import numpy as np
import pytest

from firered.descriptors import brisque
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
