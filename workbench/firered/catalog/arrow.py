"""Rows to Arrow tables and back: the types follow from the annotations of the dataclasses."""

import dataclasses
import typing
from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar

import pyarrow as pa

from firered.rows import Row

R = TypeVar("R", bound=Row)

SCALARS = {int: pa.int64(), float: pa.float64(), str: pa.string(), bool: pa.bool_()}


@cache
def schema(kind: type[Row]) -> pa.Schema:
    """Arrow schema of a row class."""
    hints = typing.get_type_hints(kind)
    return pa.schema([(field.name, arrow_type(hints[field.name])) for field in dataclasses.fields(kind)])


def arrow_type(annotation: Any) -> pa.DataType:
    """Arrow type of an annotation: int, float, str, bool, list of these, or one of these or None."""
    if isinstance(annotation, UnionType):
        (inner,) = (part for part in typing.get_args(annotation) if part is not NoneType)
        return arrow_type(inner)
    if typing.get_origin(annotation) is list:
        return pa.list_(arrow_type(typing.get_args(annotation)[0]))
    return SCALARS[annotation]


def table(rows: Sequence[Row]) -> pa.Table:
    """Arrow table of rows that are all of one class."""
    columns = schema(type(rows[0]))  # type: ignore[arg-type]
    values = {name: list(map(attrgetter(name), rows)) for name in columns.names}
    return pa.table(values, schema=columns)


def rows_of(kind: type[R], found: pa.Table) -> list[R]:
    """Make rows of a class from an Arrow table that has its columns."""
    columns = [found.column(name).to_pylist() for name in kind.columns()]
    return [kind(*values) for values in zip(*columns, strict=True)]
