"""The section Production, the contact sheets, and what `why` tells of a made pair."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from firered import report
from firered.catalog import Catalog
from firered.operators.judge.perception_judge import PerceptionJudge
from firered.pictures import Pictures, decode
from firered.report import made, production, sheets, why
from firered.report.album import Album
from production_catalog import EVIL, MASK, pair_id, produced, seen
from report_catalog import filled


@pytest.fixture
def catalog_with_pairs(catalog: Catalog) -> Catalog:
    return produced(catalog)


def test_the_section_says_what_the_tables_say(catalog_with_pairs: Catalog) -> None:
    shown = production.production(catalog_with_pairs)
    assert shown is not None
    assert len(shown.tasks) == 15
    (line,) = shown.tasks["remove"]
    assert (line["asked"], line["made"], line["failed"], line["rejected"], line["accepted"]) == (
        7,
        4,
        3,
        1,
        3,
    )
    counts = "select count(*) as made, (select count(*) from kept_pair) as kept from pair"
    (stored,) = catalog_with_pairs.sql(counts).to_pylist()
    assert sum(total["made"] for total in shown.totals) == stored["made"]
    assert sum(total["accepted"] for total in shown.totals) == stored["kept"]
    assert sum(maker["accepted"] for maker in shown.makers) == stored["kept"]
    assert [(each["reason"], each["requests"]) for each in shown.failures] == [
        ("hole of N of the picture", 3)
    ]
    assert [each["depth"] for each in shown.depths] == [1, 2]


def test_money_and_time_are_summed_by_strategy(catalog_with_pairs: Catalog) -> None:
    lines = catalog_with_pairs.query("production").to_pylist()
    totals = {total["strategy"]: total for total in production.by_strategy(lines)}
    assert (totals["control"]["seconds"], totals["control"]["money"]) == (6.0, 1.0)
    assert totals["invert"]["asked"] == totals["invert"]["made"] == 4


def test_sheets_show_accepted_and_rejected_pairs_with_their_references(catalog_with_pairs: Catalog) -> None:
    by_task = {sheet.task: sheet for sheet in production.sheets(catalog_with_pairs)}
    assert set(by_task) == {"add", "remove", "compose"}
    shown = by_task["compose"]
    assert [len(each.references) for each in shown.accepted] == [1] * len(shown.accepted)
    assert all(each.pair["reason"] for sheet in by_task.values() for each in sheet.rejected)
    assert sum(len(sheet.rejected) for sheet in by_task.values()) == 3


def test_a_pair_whose_picture_is_gone_is_left_out(catalog_with_pairs: Catalog) -> None:
    (row, *_) = catalog_with_pairs.query("sheet_pairs").to_pylist()
    album = Album(Pictures(catalog_with_pairs.blobs))
    assert production.example(row, album) is not None
    assert production.example(row | {"target_sha256": "0" * 64}, album) is None


def test_a_catalog_without_pairs_has_no_such_section(catalog: Catalog, tmp_path: Path) -> None:
    assert production.production(catalog) is None
    assert 'id="production"' not in report.write(catalog, tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_page_holds_the_section_and_escapes_what_makers_say(
    catalog_with_pairs: Catalog, tmp_path: Path
) -> None:
    page = report.write(filled(catalog_with_pairs, pairs=6), tmp_path / "page.html").read_text(
        encoding="utf-8"
    )
    section = page[page.index('<section id="production">') : page.index('<section id="pairs">')]
    assert EVIL not in page and "&lt;script&gt;document.title" in section
    assert all(f'id="sheet-{task}"' in section for task in ("add", "remove", "compose"))
    assert "去掉杯子" in section and "Fig 2" in section


# --- contact sheets -----------------------------------------------------------------------------------


def test_there_is_a_sheet_for_each_task_and_it_is_the_same_every_time(
    catalog_with_pairs: Catalog, tmp_path: Path
) -> None:
    first, second = (sheets.write(catalog_with_pairs, tmp_path / name) for name in ("one", "two"))
    assert [path.name for path in first] == ["add.jpg", "compose.jpg", "remove.jpg"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    pixels = decode(first[0].read_bytes())
    rows = (pixels.shape[0] - 3 * sheets.SIZE) // (sheets.SIDE + sheets.GAP)
    assert rows == len(catalog_with_pairs.query("sheet_pairs", pairs=10, rejected=3).to_pylist()) / 3


def test_lines_fit_the_column_in_both_languages() -> None:
    for text in (
        "remove the large red cup from the wooden table " * 4,
        "把木桌上那只红色的大杯子去掉，其余部分保持不变" * 4,
    ):
        lines = sheets.wrapped(text, 300, 50)
        assert len(lines) > 2
        assert all(sheets.length(line) <= 300 for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
    assert sheets.wrapped("a b c d e f", 20, 2)[-1].endswith("...")
    assert sheets.wrapped("", 300, 3) == []


def test_the_font_draws_chinese_letters() -> None:
    drawn = []
    for text in ("杯", "子"):
        canvas = sheets.blank(40, 40)
        cv2.putText(canvas, text, (4, 30), sheets.INK, sheets.face(), 24, 400)
        drawn.append(canvas)
    assert (drawn[0] != sheets.blank(40, 40)).any() and (drawn[0] != drawn[1]).any()


def test_a_difference_is_white_where_nothing_changed_and_has_the_outline_of_the_mask() -> None:
    pixels = np.full((240, 320, 3), 90, np.uint8)
    plain = sheets.difference(pixels, pixels, "{}")
    assert (plain == 255).all()
    stored = produced_parameters()
    assert (sheets.difference(pixels, pixels, stored) != 255).any()
    assert (sheets.difference(pixels, pixels[:100], stored) == 225).all()


def produced_parameters() -> str:
    """Parameters with a mask."""
    from firered.synthesis.making import Region

    return f'{{"mask": {Region.of(MASK).model_dump_json()}}}'


# --- why ----------------------------------------------------------------------------------------------


def test_a_made_pair_tells_its_request_its_wish_and_its_ingredients(catalog_with_pairs: Catalog) -> None:
    judge = PerceptionJudge()
    catalog_with_pairs.register([judge])
    catalog_with_pairs.append([seen(2)], judge.fingerprint())
    (told,) = why.find(catalog_with_pairs, str(pair_id(2)))
    text = "\n".join(why.lines(told))
    for said in ("primitive compose_object", "object the cup", "maker fill, version 2", "revision abc123",
                 "mask 9.4% of the picture", "depth 0", "seconds 1.5", "followed 0.9"):  # fmt: skip
        assert said in text, said
    assert {"request", "produced", "ingredient", "wish", "making", "truth", "perception_score"} <= set(
        told.measurements
    )


def test_a_filters_pair_and_broken_parameters_tell_nothing_more(catalog: Catalog) -> None:
    pair = {"parameters": '{"filter": "blur"}', "parent_id": None, "strategy": "template"}
    assert made.about(catalog, 1, pair) == {}
    assert made.about(catalog, 1, pair | {"parameters": "no JSON"}) == {}
