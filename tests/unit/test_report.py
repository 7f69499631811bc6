import base64
import json
import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scene
from firered import report
from firered.catalog import Catalog, now
from firered.cli import group
from firered.errors import CatalogError
from firered.operators.screen.photometry import OPERATOR as Photometer
from firered.pictures import Pictures, decode
from firered.report import charts, contents, learning, wording
from firered.report.album import SIDE, Album
from firered.report.browser import SCORES, browser, by_voice, parameters, rounded
from firered.rows import Image, Photometry
from report_catalog import EVIL, NAMES, filled

FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)


# --- numbers for people -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (0.04, "0.0 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (4320, "1 h 12 min"),
    ],
)
def test_times_read_as_people_say_them(seconds: float | None, said: str) -> None:
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (25_300_000, "25 MB"), (999_900_000, "1.0 GB")],
)
def test_sizes_read_as_people_say_them(size: int, said: str) -> None:
    assert wording.size(size) == said


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_real_share_never_reads_as_nothing(part: int, rest: int) -> None:
    assert wording.share(part, part + rest) != "0 %"


def test_the_story_leaves_out_what_did_not_happen() -> None:
    nothing = {"photographs": 0, "kept_photographs": 0, "pairs": 0, "kept_pairs": 0}
    assert wording.story(nothing, 15, None) == "Nothing has come in yet"
    some = {**nothing, "photographs": 1, "kept_photographs": 1}
    assert wording.story(some, 15, None) == "1 photograph in, 1 kept"
    all_of_it = {"photographs": 312, "kept_photographs": 287, "pairs": 1148, "kept_pairs": 1020}
    assert (
        wording.story(all_of_it, 14, 4.13)
        == "312 photographs in, 287 kept, 1,148 pairs made, 1,020 kept, 14 gaps, model +4.1 dB against copying"
    )


# --- charts -------------------------------------------------------------------------------------------


@given(st.lists(FINITE, min_size=1, max_size=50), st.integers(0, 60))
def test_smoothing_stays_within_the_values(values: list[float], reach: int) -> None:
    smooth = charts.smoothed(values, reach)
    assert len(smooth) == len(values)
    assert all(min(values) - 1e-3 <= value <= max(values) + 1e-3 for value in smooth)


def test_smoothing_keeps_a_straight_line() -> None:
    line = [0.5 * step for step in range(20)]
    assert charts.smoothed(line, 4) == pytest.approx(line)


@given(st.integers(1, 5000), st.integers(2, 600))
def test_thinning_keeps_the_ends_and_the_order(count: int, most: int) -> None:
    kept = charts.thinned(count, most)
    assert len(kept) <= most
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert all(first < second for first, second in pairwise(kept))


@given(FINITE, st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_lie_inside_the_range_evenly(low: float, width: float, most: int) -> None:
    found = charts.ticks(low, low + width, most)
    slack = 1e-6 * max(abs(low), width)
    assert len(found) <= most + 1
    assert all(low - slack <= tick <= low + width + slack for tick in found)


@given(st.lists(FINITE, min_size=2, max_size=50))
def test_a_curve_holds_any_values(values: list[float]) -> None:
    drawn = charts.curve(range(len(values)), values, width=100, height=50, reach=2)
    ys = [float(point.split()[1]) for point in drawn.raw.removeprefix("M").split("L")]
    assert all(-0.1 <= y <= 50.1 for y in ys)


def test_the_tallest_bin_is_as_high_as_the_paper_and_cuts_lie_at_their_values() -> None:
    about = {"lowest": 0.0, "highest": 2.0, "low": 0.5, "high": None}
    bins = [{**about, "bin": 0, "images": 4, "rejected": 1}, {**about, "bin": 1, "images": 8, "rejected": 0}]
    drawn = charts.histogram("x", bins, count=2, of="images")
    assert [bar.kept + bar.rejected for bar in drawn.bars] == [charts.HEIGHT / 2, charts.HEIGHT]
    assert [cut.x for cut in drawn.cuts] == [charts.WIDTH / 4]
    assert (drawn.total, drawn.rejected) == (12, 1)


# --- thumbnails and pairs -----------------------------------------------------------------------------


def test_a_thumbnail_is_made_once_and_a_missing_blob_has_none(pictures: Pictures) -> None:
    sha256, _ = pictures.save(scene(1))
    album = Album(pictures)
    assert (album.number(sha256), album.number(sha256), album.number("0" * 64)) == (0, 0, None)
    height, width, _ = decode(base64.b64decode(album.thumbnails[0])).shape
    assert (max(height, width), len(album.thumbnails)) == (SIDE, 1)


def test_pairs_of_one_photograph_share_its_thumbnail_and_a_full_album_takes_no_more(
    pictures: Pictures,
) -> None:
    source = pictures.save(scene(0))[0]
    rows = [chosen(source, pictures.save(scene(seed))[0]) for seed in (1, 2, 3)]
    album = Album(pictures)
    assert len(browser(rows, 3, album).pairs) == 3
    assert len(album.thumbnails) == 4
    assert len(browser(rows, 3, Album(pictures), budget=1).pairs) == 1


def test_a_pair_whose_picture_is_gone_is_counted_and_left_out(pictures: Pictures) -> None:
    found = browser([chosen(pictures.save(scene(0))[0], "0" * 64)], 1, Album(pictures))
    assert (found.pairs, found.unreadable) == ([], 1)


def chosen(source: str, target: str) -> dict[str, object]:
    names = ("subtask", "strategy", "maker", "seed", "reason", "name", *SCORES, "texts")
    return {
        **dict.fromkeys(names),
        "pair_id": 2**62,
        "task": "color",
        "parameters": "{}",
        "source_sha256": source,
        "target_sha256": target,
    }


def test_odd_parameters_are_shown_as_they_stand() -> None:
    assert [parameters('{"a": 1}'), parameters("[1]"), parameters("{")] == [
        {"a": 1},
        {"parameters": [1]},
        {"parameters": "{"},
    ]
    assert by_voice(
        [{"language": "en", "tier": "user", "text": "a"}, {"language": "en", "tier": "user", "text": "b"}]
    ) == {"en user": ["a", "b"]}
    assert [rounded(0.123456), rounded("x"), rounded(7)] == [0.1235, "x", 7]


# --- what a trainer left ------------------------------------------------------------------------------


def test_a_log_survives_a_kill_and_a_resume(tmp_path: Path) -> None:
    lines = [
        '{"step": 1, "loss": 3}',
        '{"step": 2, "loss": 9}',
        '{"step": 2, "loss": 2}',
        '{"step": 3, "loss": NaN}',
        "[]",
        '{"step": 4, "lo',
    ]
    path = tmp_path / "loss.jsonl"
    path.write_text("\n".join(lines))
    assert [(line["step"], line["loss"]) for line in learning.read_log(path)] == [(1, 3), (2, 2)]
    assert learning.read_log(tmp_path / "none.jsonl") == []


# --- the page -----------------------------------------------------------------------------------------


def test_an_empty_catalog_has_a_report(catalog: Catalog, tmp_path: Path) -> None:
    text = report.write(catalog, tmp_path / "new" / "report.html").read_text()
    assert "Nothing has come in yet" in text
    assert "No pair has been made yet" in text
    assert 'id="training"' not in text


def test_an_unknown_run_is_an_error(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no run 7"):
        report.write(catalog, tmp_path / "report.html", run_id=7)


def test_the_histogram_cuts_what_the_filter_rejects(catalog: Catalog) -> None:
    rows = [Image(key, f"{key:064x}", 9, 9, 1, "JPEG", "RGB", 1, "photo", "") for key in range(1, 200)]
    values = [
        Photometry(key, math.sin(key) ** 8, 0.3, key % 7, math.exp(-key / 20), key**3, 0.0, 0.1, 0.9, -1.0)
        for key in range(1, 200)
    ]
    catalog.register([Photometer()])
    catalog.append([*rows, *values], Photometer().fingerprint())
    for given_ in ({}, {"tone": 1.0, "brightness": 1.0, "most": 0.2}):
        catalog.decide("photometric", given_, 1)
        catalog.record(
            "run",
            {
                "run_id": 1,
                "recipe": "",
                "recipe_text": "",
                "filters": ["photometric"],
                "started_at": now(),
            },
        )
        reasons = "; ".join(row["reason"] for row in catalog.sql("select reason from rejected").to_pylist())
        for row in contents.grouped(
            catalog.query("photometric_bins", **given_).to_pylist(), "property"
        ).items():
            assert sum(bin_["rejected"] for bin_ in row[1]) == len(re.findall(rf"\b{row[0]} ", reasons)), row[
                0
            ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a small catalog, ten pairs of its thirty."""
    catalog = filled(Catalog.init(tmp_path_factory.mktemp("ponds") / "catalog"), pairs=30)
    return report.write(catalog, catalog.root / "report.html", pairs=10).read_text()


def test_the_report_shows_the_run_and_nothing_in_it_can_act(written: str) -> None:
    assert "<title>Ponds &amp; ducks</title>" in written
    assert (
        "4 photographs in, 3 kept, 30 pairs made, 24 kept, 12 gaps, model +2.0 dB against copying." in written
    )
    assert "no quer" in written  # what the recipe asks for and nobody knows
    assert EVIL not in written
    assert not any(name in written for name in NAMES[:2])
    assert len(re.findall(r"<script", written)) == 2
    page = written.partition('<script type="application/json"')[0]
    linked = re.findall(r"""\b(?:src|href)=(["'][^"']*|[^\s>]*)""", page)
    assert all(address.startswith(('"data:', '"#')) for address in linked), linked
    assert not re.search(r"https?:|url\(|@import|\bon\w+=\"", page)


def test_a_report_holds_the_pairs_that_it_says(written: str) -> None:
    assert "Showing 10 of 30, chosen evenly" in written
    data = json.loads(written.split('id="data">')[1].split("</script>", maxsplit=1)[0])
    assert len(data["pairs"]) == 10
    assert {pair["task"] for pair in data["pairs"]} == {"adjust", "color", "text"}
    assert {"reason" in pair for pair in data["pairs"]} == {True, False}
    assert all(pair["source"] < len(data["thumbnails"]) > pair["target"] for pair in data["pairs"])


def test_the_command_writes_where_the_recipe_says(catalog: Catalog) -> None:
    from click.testing import CliRunner

    filled(catalog, pairs=3)
    done = CliRunner().invoke(group, ["--catalog", str(catalog.root), "report", "--pairs", "2"])
    assert done.exit_code == 0, done.output
    assert Path(done.output.strip()) == (catalog.root / "reports" / "ponds.html").resolve()
