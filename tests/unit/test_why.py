"""`firered why`: every measurement, every rule, the verdict."""

from pathlib import Path

import pytest

from firered import mappers
from firered.catalog import Catalog
from firered.errors import CatalogError
from firered.operators.screen.ingest import Ingest
from firered.operators.screen.photometry import Photometry
from firered.report import why
from firered.rows import Image
from firered.run import run
from firered.sources import list_files


@pytest.fixture
def screened(catalog: Catalog, photographs: Path) -> Catalog:
    (photographs / "broken.jpg").write_bytes(b"no picture")
    catalog.append(list(list_files(str(photographs))))
    run([Ingest()], catalog, mapper=mappers.here, then=[Photometry()])
    catalog.record(
        "run",
        {"run_id": 1, "recipe": "r", "recipe_text": "", "filters": ["small"], "started_at": "2026-01-01"},
    )
    catalog.decide("small", {"side": 10_000}, 1)
    return catalog


def test_an_image_is_explained_by_name_id_and_hash(screened: Catalog) -> None:
    image = screened.rows(Image)[0]
    (by_hash,) = why.find(screened, image.sha256[:12])
    (by_id,) = why.find(screened, str(image.image_id))
    assert by_hash == by_id
    name = Path(by_id.measurements["file"][0]["path"]).name
    assert why.find(screened, name) == [by_id]
    assert by_id.verdict == "rejected by small"
    assert {"image", "file", "ingested", "photometry"} <= set(by_id.measurements)
    text = "\n".join(why.lines(by_id))
    assert "below 10000 pixels" in text
    assert "brightness 0." in text


def test_a_file_that_failed_says_why(screened: Catalog) -> None:
    (found,) = why.find(screened, "broken.jpg")
    assert found.verdict.startswith("failed")
    assert "ingest: ValueError" in "\n".join(why.lines(found))


def test_what_is_not_there_is_an_error(screened: Catalog) -> None:
    with pytest.raises(CatalogError, match=r"'nothing\.jpg': no image, pair or file"):
        why.find(screened, "nothing.jpg")
