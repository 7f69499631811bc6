"""Views `current_<table>`: each key's measurements, of each operator by the version and settings used last."""

import duckdb

from firered import rows
from firered.rows import Row


def stored(connection: duckdb.DuckDBPyConnection) -> list[type[Row]]:
    """Rows that have a table of their own."""
    found = connection.execute("select table_name from duckdb_tables()").fetchall()
    kinds = [getattr(rows, name) for name in rows.__all__]
    classes = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Row)]
    return [kind for kind in classes if (kind.table(),) in found]


# Operators of other names measure other things, so they stand beside each other.
VIEW = """
create or replace view current_{name} as select made.* exclude (operator_id)
from {name} as made join last_use using (operator_id)
qualify last_use.used_at = max(last_use.used_at) over (partition by made.{key}, last_use.name)
"""


def make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views anew."""
    for kind in (kind for kind in stored(connection) if not kind.once):
        connection.execute(VIEW.format(name=kind.table(), key=kind.key_column()))
