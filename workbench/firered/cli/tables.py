"""Arrow tables as text for people and as JSON lines for programs."""

import json
from typing import Any

WIDTH = 60  # characters of a cell


def as_lines(table: Any) -> str:
    """One JSON object a row."""
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in table.to_pylist())


def as_text(table: Any) -> str:
    """Aligned columns under their names; numbers to the right."""
    import pyarrow as pa

    right = [pa.types.is_integer(field.type) or pa.types.is_floating(field.type) for field in table.schema]
    columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    names = table.column_names
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    lines = [_line(cells, widths, right) for cells in (names, ["-" * width for width in widths], *rows)]
    return "\n".join([*lines, f"({len(rows)} rows)", ""])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = "" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = [
        cell.rjust(width) if flag else cell.ljust(width)
        for cell, width, flag in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()
