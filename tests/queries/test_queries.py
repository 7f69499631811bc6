"""Every SQL file has YAML cases: `given` tables, `with` parameters, `expect` rows."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from firered.catalog.database import apply_migrations
from firered.catalog.sql import statements

KINDS = ("queries", "filters", "audits", "views", "snapshot")
HERE = Path(__file__).parent
BLANK = {"BIGINT": 0, "VARCHAR": "", "BOOLEAN": False, "TIMESTAMP": datetime(2026, 1, 1), "VARCHAR[]": []}
CASES = [
    (path, number, case)
    for path in sorted(HERE.rglob("*.yaml"))
    for number, case in enumerate(yaml.safe_load(path.read_text()))
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_statement_has_a_case(kind: str) -> None:
    missing = set(statements(kind)) - {path.stem for path in (HERE / kind).glob("*.yaml")}
    assert not missing, f"{kind}: write tests/queries/{kind}/NAME.yaml for {sorted(missing)}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_statement_says_what_its_rows_are(kind: str) -> None:
    assert all(each.about.endswith(".") for each in statements(kind).values())


@pytest.mark.parametrize(
    ("path", "number", "case"),
    CASES,
    ids=[f"{path.parent.name}/{path.stem}-{number}" for path, number, _ in CASES],
)
def test_case(path: Path, number: int, case: dict[str, Any]) -> None:
    found = statements(path.parent.name)[path.stem]
    view = f"select * from {path.stem.partition('_')[2]}"
    text = case.get("ask", view) if found.kind == "views" else found.text
    with duckdb.connect() as connection:
        apply_migrations(connection)
        for table, rows in case.get("given", {}).items():
            fill(connection, table, rows)
        rows = (
            connection.execute(text, found.parameters(case.get("with", {}))).fetch_arrow_table().to_pylist()
        )
    expected = case["expect"]
    assert in_order([pick(row, expected) for row in rows]) == in_order(expected)


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows; columns that a case leaves out are null, or zero or empty where they may not be null."""
    connection.execute(f"delete from {table}")
    about = "select column_name, data_type, is_nullable from duckdb_columns() where table_name = ?"
    columns = connection.execute(about, [table]).fetchall()
    names = [name for name, _, _ in columns]
    for row in rows:
        assert set(row) <= set(names), f"{table} has no column {set(row) - set(names)}"
        values = [row.get(name, None if nullable else BLANK[kind]) for name, kind, nullable in columns]
        connection.execute(f"insert into {table} values ({', '.join('?' for _ in values)})", values)


def pick(row: dict[str, Any], expected: list[dict[str, Any]]) -> dict[str, Any]:
    """Only the columns that the case names, floats to six digits."""
    names = expected[0] if expected else row
    return {name: round(row[name], 6) if isinstance(row[name], float) else row[name] for name in names}


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as text, in an order of their own: the order of a statement is for people."""
    return sorted(repr(sorted(row.items())) for row in rows)
