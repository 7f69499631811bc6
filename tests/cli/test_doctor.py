"""`firered doctor` as it is typed."""

import json

import pytest
from click.testing import CliRunner

from firered.cli import checks, group
from firered.models import registry


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def without_devices(monkeypatch):
    """Without looking for devices, which imports torch."""
    monkeypatch.setattr(checks, "devices", lambda: iter(()))


def doctor(*arguments, catalog="nowhere"):
    return CliRunner().invoke(group, ["--catalog", str(catalog), "doctor", *arguments])


def test_every_finding_has_a_state_and_what_is_missing_a_remedy(without_devices):
    findings = [json.loads(line) for line in doctor("--json").output.splitlines()]
    assert {"python", "dependency", "extra embedded", "model", "disk"} <= {each["part"] for each in findings}
    assert all(each["remedy"] for each in findings if each["state"] in ("missing", "wrong"))


def test_a_missing_model_is_no_failure_and_names_its_command(without_devices):
    done = doctor()
    line = next(line for line in done.output.splitlines() if " isnet " in line)
    assert line.split(maxsplit=3)[2:] == ["note", "missing, segmentation (firered models install isnet)"]
    assert done.exit_code == 0


def test_an_altered_or_damaged_model_is_a_failure(without_devices):
    entry = registry.entry("isnet")
    folder = registry.installed_folder(entry)
    folder.mkdir(parents=True)
    row = {"bytes": 7, "sha256": "0" * 64}
    (folder / "model.onnx").write_bytes(b"altered weights")
    for manifest in (json.dumps({"files": {"model.onnx": row}}), "{"):
        (folder / registry.MANIFEST).write_text(manifest)
        finding = checks.model(entry)
        assert (finding.state, finding.required, finding.remedy) == (
            "wrong",
            True,
            "firered models install isnet",
        )


def test_a_package_is_missing_wrong_or_right():
    missing = checks.package("no-such-package>=1", extra="scale", required=False)
    assert (missing.state, missing.remedy) == ("missing", "pip install 'firered-workbench[scale]'")
    wrong = checks.package("click>=999", extra="", required=True)
    assert (wrong.state, wrong.remedy) == ("wrong", "pip install 'firered-workbench'")
    assert checks.package("click>=8", extra="", required=True).state == "ok"


def test_only_what_is_required_makes_the_doctor_fail():
    optional = checks.Finding("extra scale", "ray", "missing", "")
    needed = checks.Finding("dependency", "duckdb", "missing", "", required=True)
    assert not checks.failed([optional])
    assert checks.failed([optional, needed])


def test_a_failure_is_exit_code_one(without_devices, monkeypatch):
    needed = checks.Finding("dependency", "duckdb", "missing", "", "pip install duckdb", required=True)
    monkeypatch.setattr(checks, "dependencies", lambda: iter([needed]))
    assert doctor().exit_code == 1


def test_a_folder_that_is_no_catalog_is_a_finding(tmp_path):
    (finding,) = checks.catalog_health(tmp_path)
    assert (finding.part, finding.state, finding.required) == ("catalog", "wrong", True)


def test_what_a_catalog_holds_and_what_its_audits_find_is_told(tmp_path):
    from firered.catalog import Catalog

    catalog = Catalog.init(tmp_path / "catalog")
    held, audits = checks.catalog_health(catalog.root)
    assert (held.state, held.detail) == ("ok", "0 images, 0 pairs, 0 texts")
    assert audits.state == "ok"
    with catalog.database.transaction() as connection:
        connection.execute("insert into ledger values (1, 1, null, false, now()::timestamp)")
        connection.execute("insert into ledger select * from ledger")
    _, audits = checks.catalog_health(catalog.root)
    assert (audits.state, audits.detail) == ("wrong", "settled_twice 1 rows (look at: firered catalog audit)")


@pytest.mark.slow
def test_the_processor_is_always_a_device():
    assert any(finding.name == "cpu" and "cores" in finding.detail for finding in checks.devices())
