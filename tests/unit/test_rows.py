"""Rows: ids, tables, and the schema that holds them."""

import dataclasses
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firered.rows
from firered.catalog import Catalog, arrow
from firered.rows import Image, Pair, Row, Text, Vector, id_of, id_of_sha256

ROWS = [
    kind
    for _, kind in inspect.getmembers(firered.rows, inspect.isclass)
    if issubclass(kind, Row) and kind not in (Row, Vector)
]


@given(st.lists(st.one_of(st.integers(), st.text(), st.none())))
def test_ids_fit_a_signed_64_bit_integer_and_depend_on_the_parts_alone(parts: list[object]) -> None:
    assert 0 <= id_of(*parts) < 2**63
    assert id_of(*parts) == id_of(*parts)


def test_ids_tell_parts_apart_where_their_text_runs_together() -> None:
    assert id_of("ab", "c") != id_of("a", "bc")
    assert id_of(1) != id_of("1")


@given(st.binary(min_size=32, max_size=32))
def test_the_id_of_content_is_the_head_of_its_hash(digest: bytes) -> None:
    assert id_of_sha256(digest.hex()) == int.from_bytes(digest[:8], "big") // 2


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_every_row_is_a_table_or_view_with_its_columns(catalog: Catalog, kind: type[Row]) -> None:
    found = catalog.sql(f"select * from {kind.table()} limit 0")
    expected = arrow.schema(kind)
    names = [name for name in found.column_names if name != "operator_id"]
    assert names == expected.names
    assert {field.name: field.type for field in found.schema if field.name in names} == {
        field.name: field.type for field in expected
    }


def test_equal_texts_share_a_phrase_and_texts_of_different_subjects_do_not_share_an_id() -> None:
    one, other = Text.of(1, "concise", "en", "Make it red."), Text.of(2, "concise", "en", "Make it red.")
    assert one.phrase_id == other.phrase_id
    assert one.text_id != other.text_id
    assert Text.of(1, "concise", "zh", "Make it red.").phrase_id != one.phrase_id


def test_rows_come_back_from_arrow_as_they_went_in() -> None:
    pair = Pair(1, 2, 3, [4, 5], "color", "tint", "template", "tint", "{}", 0, None, 2, 0)
    assert arrow.rows_of(Pair, arrow.table([pair])) == [pair]


def test_rows_are_frozen() -> None:
    image = Image(1, "ab", 2, 3, 4, "JPEG", "RGB", 1, "photo", "CC0-1.0")
    with pytest.raises(dataclasses.FrozenInstanceError):
        image.width = 5  # type: ignore[misc]
    assert image.with_changes(width=5).width == 5
