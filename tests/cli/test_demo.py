"""`firered demo`: plant a set, score a catalog that screened it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import scene
from firered.catalog import Catalog
from firered.cli.demo import command
from firered.errors import CatalogError, SourceError
from firered.planting import markdown
from firered.rows import File

BEGIN, END = (markdown.MARKER.format("truth", side) for side in ("begin", "end"))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Four photographs, large enough to plant into."""
    from firered.pictures import encode_jpeg

    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(scene(number, 400, 410)))
    return folder


def plant(album: Path, out: Path) -> str:
    words = ["plant", str(out), "--photographs", str(album), "--each", "1"]
    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_a_set_is_planted_and_scored(album: Path, tmp_path: Path, catalog: Catalog) -> None:
    from firered.cli import Context

    out, page = tmp_path / "set", tmp_path / "page.md"
    assert "41 files" in plant(album, out)
    catalog.append([File.of(str(path), str(out), "", 1, 1) for path in sorted(out.rglob("*.*"))])
    page.write_text(f"{BEGIN}\n{END}\n")
    words = ["score", str(out), "--json", "--markdown", str(page)]
    done = CliRunner().invoke(command, words, obj=Context(catalog.root, 1), catch_exceptions=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["defect"] for line in lines if "defect" in line][:2] == ["exact_copy", "reencode"]
    assert lines[-1]["filter"] == "near_duplicate of a stranger"
    assert "`exact_copy`" in page.read_text()


@pytest.mark.slow
def test_a_catalog_that_never_saw_the_set_is_refused(album: Path, tmp_path: Path, catalog: Catalog) -> None:
    from firered.cli import Context

    plant(album, tmp_path / "set")
    words = ["score", str(tmp_path / "set")]
    with pytest.raises(SourceError, match="not in the catalog"):
        CliRunner().invoke(command, words, obj=Context(catalog.root, 1), catch_exceptions=False)
    with pytest.raises(CatalogError, match="no catalog"):
        CliRunner().invoke(command, words, obj=Context(tmp_path / "no", 1), catch_exceptions=False)
