"""What a row is: a frozen dataclass that is a table (or a view); field order is column order.

The name of the table is the class name in snake case. `key()` is the first field. Ids are 63-bit
integers cut from a sha256, because joins on integers cost a third of joins on text.
"""

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self


def id_of(*parts: object) -> int:
    """Make the 63-bit id of these parts; equal parts give equal ids on every machine."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def id_of_sha256(sha256: str) -> int:
    """Make the 63-bit id of content whose sha256 (64 hex digits) is known."""
    return int(sha256[:16], 16) >> 1


@dataclass(frozen=True)
class Row:
    """Base of all rows."""

    # Rows with their own identity are stored once however often they are made; measurements are
    # stored once per operator that made them.
    once: ClassVar[bool] = False

    @classmethod
    def table(cls) -> str:
        """Name of the table or view."""
        return _table(cls.__name__)

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns, in order."""
        return list(_columns(cls))  # type: ignore[arg-type]

    @classmethod
    def key_column(cls) -> str:
        """Name of the column that identifies a row."""
        return _columns(cls)[0]  # type: ignore[arg-type]

    def key(self) -> int:
        """Id of this row."""
        value = getattr(self, _columns(type(self))[0])  # type: ignore[arg-type]
        assert isinstance(value, int), (type(self), value)
        return value

    def with_changes(self, **changes: object) -> Self:
        """Copy with some fields replaced."""
        return dataclasses.replace(self, **changes)


# Asked for each row, and the answers cost more than all else that is done with a row.
@cache
def _columns(kind: type[Row]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _table(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
