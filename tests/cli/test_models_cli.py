"""`firered models` as it is typed."""

import json

import pytest
from click.testing import CliRunner

from firered.cli import group
from firered.errors import ModelError
from firered.models import registry


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def firered(*arguments):
    return CliRunner().invoke(group, ["models", *arguments])


def test_every_model_is_listed_with_its_state():
    done = firered("list")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].split() == ["name", "role", "state", "MB", "licence"]
    assert [line.split()[0] for line in lines[1:]] == [entry.name for entry in registry.entries()]
    assert [line.split()[2] for line in lines if line.startswith("isnet")] == ["missing"]


def test_a_program_gets_one_object_a_line():
    told = [json.loads(line) for line in firered("list", "--json").output.splitlines()]
    isnet = next(row for row in told if row["name"] == "isnet")
    assert (isnet["state"], isnet["command"]) == ("missing", "firered models install isnet")


def test_an_unknown_model_is_an_error():
    done = firered("install", "cats")
    assert isinstance(done.exception, ModelError)
    assert "one of: " in str(done.exception)


def test_installing_without_a_name_is_wrong_usage():
    assert firered("install").exit_code == 2


def test_verifying_tells_whole_models_from_altered_ones():
    folder = registry.installed_folder(registry.entry("opencv-doc"))
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"altered")
    row = {"bytes": 7, "sha256": "0" * 64}
    (folder / registry.MANIFEST).write_text(json.dumps({"files": {"model.onnx": row}}))
    done = firered("verify", "opencv-doc")
    assert done.exit_code == 1
    assert (
        done.output
        == "opencv-doc: altered or missing: model.onnx (1 in all; firered models install opencv-doc)\n"
    )


def test_verifying_a_missing_model_is_an_error():
    assert isinstance(firered("verify", "isnet").exception, ModelError)


def test_what_is_installed_is_not_downloaded_again() -> None:
    pytest.importorskip("skimage")
    result = CliRunner().invoke(group, ["models", "install", "scikit-image-photos"])
    assert (result.exit_code, result.output) == (0, "scikit-image-photos: is installed\n")
