"""Listing pictures of folders and of packages, without opening any."""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from firered import sources
from firered.errors import SourceError
from firered.models import registry
from firered.models.weights import sha256_of


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def listed(folder):
    return [os.path.relpath(file.path, folder) for file in sources.list_files(str(folder))]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "photos"
    for name in [
        "b.PNG",
        "a.jpg",
        "deep/er/c.webp",
        "deep/d.jpeg",
        ".hidden.jpg",
        ".hidden/e.jpg",
        "notes.txt",
        "f.heic",
    ]:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(name.encode())
    return made


def test_pictures_are_listed_in_order_and_hidden_ones_left_out(folder):
    assert listed(folder) == ["a.jpg", "b.PNG", "deep/d.jpeg", "deep/er/c.webp"]


def test_files_are_not_opened(folder):
    # None of these is a picture; only names, sizes and times count here.
    file = next(iter(sources.list_files(str(folder), licence="CC0-1.0")))
    status = (folder / "a.jpg").stat()
    assert (file.bytes, file.modified_ns, file.licence) == (status.st_size, status.st_mtime_ns, "CC0-1.0")
    assert (file.path, file.source) == (str(folder / "a.jpg"), str(folder))


def test_a_changed_file_is_another_row(folder):
    before = {file.file_id for file in sources.list_files(str(folder))}
    (folder / "a.jpg").write_bytes(b"changed")
    after = {file.file_id for file in sources.list_files(str(folder))}
    assert len(before & after) == 3


def test_a_relative_folder_gives_absolute_paths(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert next(iter(sources.list_files("photos"))).path == str(folder / "a.jpg")


def test_links_that_lead_in_a_circle_end(folder):
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "z").symlink_to(folder / "deep")
    assert listed(folder) == ["a.jpg", "b.PNG", "deep/d.jpeg", "deep/er/c.webp"]


def test_a_picture_s_link_that_leads_nowhere_is_listed_and_will_fail_as_one_row(folder):
    (folder / "broken.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "circle.jpg").symlink_to(folder / "circle.jpg")
    (folder / "notes").symlink_to(folder / "nowhere")
    assert listed(folder) == ["a.jpg", "b.PNG", "broken.jpg", "circle.jpg", "deep/d.jpeg", "deep/er/c.webp"]


def test_what_is_passed_over_is_counted_by_extension(folder):
    for name in ("IMG_1.HEIF", "IMG_2.heif", "notes"):
        (folder / name).write_text("x")
    others = Counter()
    assert len(list(sources.list_files(str(folder), others=others))) == 4
    assert (others[".heif"], others["no extension"]) == (2, 1)


def test_a_folder_behind_a_link_is_read(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert len(listed(tmp_path / "link")) == 4


@pytest.mark.parametrize("name", ["nowhere", "photos/a.jpg"])
def test_what_is_no_folder_is_an_error(folder, name):
    with pytest.raises(SourceError, match=r"(no such folder|is a file) \(give"):
        listed(folder.parent / name)


def test_a_folder_without_pictures_says_what_was_looked_for(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SourceError, match=r"no picture in it \(looked for: .*\.jpg.*\.webp\)"):
        listed(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(folder):
    (folder / "deep").chmod(0)
    with pytest.raises(SourceError, match="make it readable"):
        listed(folder)


def test_five_thousand_files_are_listed_in_a_second(tmp_path):
    for number in range(5000):
        (tmp_path / f"{number}.jpg").touch()
    start = time.process_time()
    assert len(listed(tmp_path)) == 5000
    assert time.process_time() - start < 1


# --- photographs of packages --------------------------------------------------------------------


def install_photos(name, contents):
    entry = registry.entry(name)
    folder = registry.installed_folder(entry)
    files = {}
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        files[path] = {
            "bytes": len(content),
            "sha256": sha256_of(folder / path),
            "licence": "CC0-1.0 (a test)",
        }
    files["copyright"] = {"bytes": 0, "sha256": ""}
    (folder / registry.MANIFEST).write_text(json.dumps({"files": files}))
    return folder


def test_installed_photographs_are_listed_with_their_licences():
    install_photos("gcompris", {"photos/a.webp": b"a", "photos/b.webp": b"bb"})
    files = list(sources.list_files("embedded:gcompris"))
    assert [(Path(file.path).name, file.bytes) for file in files] == [("a.webp", 1), ("b.webp", 2)]
    assert {(file.licence, file.source) for file in files} == {("CC0-1.0 (a test)", "embedded:gcompris")}


def test_all_sets_that_are_installed_are_listed():
    install_photos("gcompris", {"photos/a.webp": b"a"})
    install_photos("opencv-doc", {"photos/b.jpg": b"b"})
    found = {file.source for file in sources.list_files("embedded:photos")}
    assert {"embedded:gcompris", "embedded:opencv-doc"} <= found


def test_a_photograph_of_another_size_is_left_out():
    folder = install_photos("gcompris", {"photos/a.webp": b"a", "photos/b.webp": b"bb"})
    (folder / "photos" / "a.webp").write_bytes(b"altered")
    assert [file.bytes for file in sources.list_files("embedded:gcompris")] == [2]


def test_photographs_that_are_not_installed_name_the_command():
    with pytest.raises(SourceError, match=r"no photographs installed \(firered models install gcompris\)"):
        list(sources.list_files("embedded:gcompris"))


def test_an_unknown_set_lists_the_known_ones():
    with pytest.raises(SourceError, match=r"one of: embedded:photos, .*embedded:gcompris"):
        list(sources.list_files("embedded:cats"))


def test_the_photographs_in_the_wheels_are_whole_and_large_enough():
    pytest.importorskip("skimage")
    Image = pytest.importorskip("PIL.Image")
    files = list(sources.list_files("embedded:scikit-image-photos"))
    if not files:
        pytest.skip("another version of scikit-image")
    for file in files:
        with Image.open(file.path) as opened:
            assert min(opened.size) >= 200, file.path
        assert file.licence


def test_a_name_that_is_not_text_becomes_a_row_that_can_be_stored(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("the file system takes UTF-8 names alone")
    (file,) = sources.list_files(str(tmp_path))
    assert file.path.endswith("\\xff\\xfe.jpg")
    file.path.encode("utf-8")
