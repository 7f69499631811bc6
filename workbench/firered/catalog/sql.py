"""Named SQL: one statement a file, found by its name, with its parameters documented in the header.

The first comment lines say what the rows are; a line `-- $name = value  meaning` declares a
parameter and its default.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from firered.errors import CatalogError
from firered.paths import shipped

SINGULAR = {
    "queries": "query",
    "filters": "filter",
    "audits": "audit",
    "views": "view",
    "snapshot": "snapshot",
}
# Kind of a parameter's default -> what may be given for it, and in words.
KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int, float), "a number"),
    float: ((int, float), "a number"),
    str: ((str,), "a text"),
    list: ((list,), "a list"),
}
PARAMETER = re.compile(r"^-- \$(?P<name>\w+) = (?P<default>\S+)\s*(?P<meaning>.*)$")


@dataclass(frozen=True)
class Statement:
    """A named SQL file."""

    name: str
    kind: str  # queries filters audits views snapshot
    noun: str  # image or pair for a filter, else ''
    text: str
    about: str
    defaults: dict[str, Any]
    meanings: dict[str, str]

    def parameters(self, given: dict[str, Any]) -> dict[str, Any]:
        """Lay the given values over the defaults; raises CatalogError for an unknown name."""
        unknown = sorted(set(given) - set(self.defaults))
        if unknown:
            allowed = ", ".join(self.defaults) or "it has none"
            raise CatalogError(
                f"{SINGULAR[self.kind]} {self.name!r}: no parameter {unknown[0]!r} (parameters: {allowed})"
            )
        for name, value in given.items():
            self._check_type(name, value)
        return {**self.defaults, **given}

    def _check_type(self, name: str, value: Any) -> None:
        """Raise CatalogError where a value cannot stand for the parameter's default."""
        default = self.defaults[name]
        wanted = next((kind for kind in KINDS if isinstance(default, kind)), None)
        same = wanted is None or value is None or isinstance(value, KINDS[wanted][0])
        # True is a number to Python, and to nobody else.
        if not same or (isinstance(value, bool) and wanted is not bool and wanted is not None):
            what = KINDS[wanted][1] if wanted else "a value"
            raise CatalogError(
                f"{SINGULAR[self.kind]} {self.name!r}: {name}: {what} is wanted (got {value!r})"
            )


@cache
def statements(kind: str) -> dict[str, Statement]:
    """All statements of a kind by name, in the order of their file names."""
    folder = shipped("catalogs") / kind
    return {path.stem: read(path, kind, folder) for path in sorted(folder.rglob("*.sql"))}


def statement(kind: str, name: str) -> Statement:
    """Return one statement; raises CatalogError that lists the names there are."""
    known = statements(kind)
    if name not in known:
        raise CatalogError(f"no {SINGULAR[kind]} {name!r} (one of: {', '.join(sorted(known))})")
    return known[name]


def listing(kind: str) -> Any:
    """Arrow table of the statements of a kind: name, what its rows are, parameters with defaults."""
    import pyarrow as pa

    known = statements(kind).values()
    given = [", ".join(f"{name}={value}" for name, value in each.defaults.items()) for each in known]
    return pa.table(
        {
            "name": [each.name for each in known],
            "parameters": given,
            "rows are": [each.about for each in known],
        }
    )


def read(path: Path, kind: str, folder: Path) -> Statement:
    """Read one SQL file and its header."""
    text = path.read_text(encoding="utf-8")
    about, defaults, meanings = [], {}, {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        declared = PARAMETER.match(line)
        if declared:
            defaults[declared["name"]] = yaml.safe_load(declared["default"])
            meanings[declared["name"]] = declared["meaning"]
        else:
            about.append(line.removeprefix("--").strip())
    noun = path.parent.name if path.parent != folder else ""
    return Statement(path.stem, kind, noun, text, " ".join(about), defaults, meanings)
