"""What a row is: a frozen dataclass that is a table (or a view); field order is column order.

The name of the table is the class name in snake case. `key()` is the first field. Ids are 63-bit
integers cut from a sha256, because joins on integers cost a third of joins on text.
"""

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
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
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns, in order."""
        return [field.name for field in dataclasses.fields(cls)]

    @classmethod
    def key_column(cls) -> str:
        """Name of the column that identifies a row."""
        return cls.columns()[0]

    def key(self) -> int:
        """Id of this row."""
        value = getattr(self, self.key_column())
        assert isinstance(value, int), (type(self), value)
        return value

    def with_changes(self, **changes: object) -> Self:
        """Copy with some fields replaced."""
        return dataclasses.replace(self, **changes)
