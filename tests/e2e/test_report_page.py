"""The report in a real browser: what a person sees, and that nothing leaves the page or runs in it."""

import io
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from chromium import Chromium
from PIL import Image

from firered import report
from firered.catalog import Catalog
from report_catalog import filled

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with sixty pairs, three pages of them."""
    catalog = filled(Catalog.init(tmp_path_factory.mktemp("ponds") / "catalog"))
    return report.write(catalog, catalog.root / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests."""
    assert PROGRAM
    with Chromium(PROGRAM, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(browser: Chromium, address: str) -> Iterator[Chromium]:
    """The page, freshly opened; at the end nothing has gone wrong on it."""
    browser.errors.clear()
    browser.asked.clear()
    browser.open(address)
    yield browser
    assert browser.errors == []
    assert {asked.partition(":")[0] for asked in browser.asked} <= {"file", "data", "about"}


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.float64)


def texts(page: Chromium, selector: str) -> list[str]:
    return list(page.evaluate(f"[...document.querySelectorAll({selector!r})].map(e => e.textContent.trim())"))


def test_the_page_is_drawn_in_light_and_in_dark(page: Chromium, address: str) -> None:
    light = pixels(page.screenshot())
    page.open(address, dark=True)
    dark = pixels(page.screenshot())
    assert light.std() > 15
    assert dark.std() > 15
    assert light.mean() > 170
    assert dark.mean() < 90


@pytest.mark.parametrize("width", [1280, 700, 380])
def test_nothing_is_wider_than_the_window(page: Chromium, address: str, width: int) -> None:
    page.open(address, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_section_is_there_with_its_pictures(page: Chromium) -> None:
    sections = [
        "run",
        "screening",
        "production",
        "pairs",
        "gaps",
        "texts",
        "answers",
        "training",
        "manifests",
    ]
    there = page.evaluate("[...document.querySelectorAll('main section')].map(e => e.id)")
    assert there == sections[:-1]  # nothing was frozen
    assert page.evaluate("document.querySelectorAll('#gaps tr').length") == 15
    assert page.evaluate("[...document.images].every(i => i.alt && i.src.startsWith('data:image/webp'))")
    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


def test_arrow_keys_turn_the_pages_and_stop_at_the_ends(page: Chromium) -> None:
    def place() -> str:
        return texts(page, ".pager")[0].strip("←→")

    assert place() == "page 1 of 3, 60 pairs"
    first = texts(page, ".card .says")
    page.press("ArrowLeft")
    assert place() == "page 1 of 3, 60 pairs"
    page.press("ArrowRight")
    assert place() == "page 2 of 3, 60 pairs"
    assert texts(page, ".card .says") != first
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert place() == "page 3 of 3, 60 pairs"
    assert len(texts(page, ".card")) == 12


def test_filters_voices_and_the_address_agree(page: Chromium, address: str) -> None:
    page.evaluate(
        "[...document.querySelectorAll('.controls button')].find(e => e.textContent.startsWith('color')).click()"
    )
    assert texts(page, ".pager")[0].strip("←→") == "page 1 of 1, 20 pairs"
    assert set(texts(page, ".chip.task")) == {"color"}
    page.open(f"{address}#pairs?verdict=rejected&language=zh&task=color")
    assert len(texts(page, ".card.lost")) == len(texts(page, ".card")) == 4
    assert all(text.startswith("变暗") for text in texts(page, ".says"))
    assert all("not_followed" in text for text in texts(page, ".card .bad"))


def test_the_difference_is_drawn_from_the_two_thumbnails(page: Chromium) -> None:
    page.wait("document.querySelectorAll('.card canvas').length === 24")
    ink = "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((_, i) => i % 4 === 3).reduce((a, b) => a + b))"
    total = f"[...document.querySelectorAll('.card canvas')].map({ink}).reduce((a, b) => a + b)"
    before = page.evaluate(total)
    page.evaluate(
        "(s => { s.value = 16; s.dispatchEvent(new Event('input')); })(document.querySelector('input[type=range]'))"
    )
    assert 0 < before < page.evaluate(total)


def test_a_name_that_is_a_script_is_shown_and_does_not_run(page: Chromium) -> None:
    assert page.evaluate("document.title") == "Ponds & ducks"
    assert page.evaluate("[...document.querySelectorAll('script')].length") == 2
    assert any("<script>" in text for text in texts(page, ".card pre"))
    # Even one that got in could not run: the page's policy allows its own script alone.
    page.evaluate(
        "(s => { s.textContent = 'document.title = 1'; document.body.append(s); })(document.createElement('script'))"
    )
    assert page.evaluate("document.title") == "Ponds & ducks"
    assert "Content Security Policy" in page.errors.pop()
