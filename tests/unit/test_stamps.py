"""Stamps: what is listed, what is read, and what looks photographed."""

import numpy as np
import pytest

import compositions
from firered.errors import ModelError
from firered.models import photographs, registry, stamps
from firered.synthesis.composite import cutouts


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path))
    compositions.forget_stamps()
    yield tmp_path
    compositions.forget_stamps()


def test_what_is_not_installed_is_an_error_that_says_how(home):
    with pytest.raises(ModelError, match="firered models install stamps"):
        stamps.list_stamps()


def test_stamps_are_listed_with_their_captions(home):
    compositions.install_stamps(home)
    found = {stamp.path: stamp for stamp in stamps.list_stamps()}
    assert set(found) == set(cutouts.words())
    first = found["animals/birds/blackbird"]
    assert (first.category, first.en, first.zh, first.width, first.height) == (
        "animals",
        "blackbird",
        "黑鸟",
        110,
        120,
    )


def test_captions_are_kept_where_an_entry_selects_them(tmp_path):
    package, into = tmp_path / "package", tmp_path / "into"
    for name in ("fox.png", "fox.txt", "fox_desc.txt", "readme.txt"):
        file = package / "stamps" / "dogs" / name if name.startswith("fox") else package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"A fox.")
    rule = {"select": ("stamps/*.png", "stamps/*.txt"), "reject": ("*_desc*",), "strip": "stamps/"}
    entry = registry.entry("stamps").model_copy(update=rule)
    licences = photographs.collect(entry, package, into)
    assert set(licences) == {"photos/dogs/fox.png", "photos/dogs/fox.txt"}


def test_an_unknown_stamp_is_refused(home):
    compositions.install_stamps(home)
    with pytest.raises(ModelError, match="'animals/unicorn'"):
        stamps.read("animals/unicorn")


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("A fox.", "fox"),
        ("An airplane!", "airplane"),
        ("狐狸。", "狐狸"),
        ("Remember to flush the toilet and wash your hands!", ""),
        ("", ""),
    ],
)
def test_captions_become_names(caption, said):
    assert stamps.clean(caption) == said


def test_a_drawing_is_not_photographic():
    photographed, drawn = compositions.stamp(1), compositions.stamp(1)
    drawn[..., :3] = (200, 40, 40)
    assert stamps.photographic(photographed)
    assert not stamps.photographic(drawn)
    assert not stamps.photographic(photographed[:20, :20])


def test_every_word_can_be_said_in_both_languages():
    for path, word in cutouts.words().items():
        for said in (word.one, word.a, word.many):
            assert said.en and said.zh, path
        assert word.where in ("grass", "sky", "surface") and word.metres > 0, path
        assert word.a.zh == f"一{word.counter}{word.zh}"


def test_flatness_and_entropy_of_plain_colour():
    plain = np.full((80, 80, 4), 255, np.uint8)
    opaque = np.ones((80, 80), np.bool_)
    assert stamps.entropy(plain, opaque) == 0
    assert stamps.flatness(plain, opaque) == 1
