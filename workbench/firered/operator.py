"""Operators: a batch of rows in, rows out, and never a look at the catalog.

An operator is a dataclass whose fields are its settings. Its identity (`fingerprint`) is its name,
version and settings, so a changed setting is another operator and is computed anew. One file in
`operators/<kind>/` holds one operator; its last line is `OPERATOR = TheClass`.
"""

import dataclasses
import importlib
import json
import pkgutil
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

from firered.errors import RecipeError
from firered.pictures import Pictures
from firered.rows import Row, id_of

KINDS = ("screen", "perceive", "synth", "caption", "judge")


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Base of all operators."""

    reads: ClassVar[type[Row]]
    writes: ClassVar[tuple[type[Row], ...]]
    version: ClassVar[int] = 1
    batch_size: ClassVar[int] = 16
    cpus: ClassVar[float] = 1
    gpus: ClassVar[float] = 0
    # Errors worth another try after a pause (a busy server), not a bad picture.
    transient: ClassVar[tuple[type[Exception], ...]] = (ConnectionError, TimeoutError)

    # Names in the registry of models that must be installed before it can work at all.
    needs: ClassVar[tuple[str, ...]] = ()

    # Errors that say what a row needs is not there yet: it waits for the next run, and nothing is tried again now.
    postponed: ClassVar[tuple[type[Exception], ...]] = ()

    # Errors that say the row is bad, not the operator: no number of them stops a run.
    expected: ClassVar[tuple[type[Exception], ...]] = ()

    def check(self) -> None:
        """Raise RecipeError where a setting has the right type and makes no sense; loads nothing."""

    def setup(self) -> None:
        """Load models; called once in each worker, and an error here stops the run."""

    def __call__(self, rows: Sequence[Any], pictures: Pictures) -> Iterator[Iterable[Row] | Exception]:
        """Yield, for each row in order, the rows made from it, or why there are none; raising costs that row alone."""
        raise AssertionError(f"{type(self).__name__} does not say what it does with rows")

    @classmethod
    def name(cls) -> str:
        """Name of the operator: its file's name."""
        return cls.__module__.rpartition(".")[2]

    def settings(self) -> dict[str, Any]:
        """Fields and their values, JSON-able."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def fingerprint(self) -> int:
        """63-bit identity: name, version and settings."""
        return id_of("operator", self.name(), self.version, self.settings())


@cache
def names() -> dict[str, str]:
    """Map operator names to modules, ours and those of installed packages; imports none of them."""
    found = {point.name: point.value for point in entry_points(group="firered.operators")}
    for kind in KINDS:
        folder = Path(__file__).parent / "operators" / kind
        for module in pkgutil.iter_modules([str(folder)]):
            found[module.name] = f"firered.operators.{kind}.{module.name}"
    return found


def load(name: str, settings: dict[str, Any] | None = None) -> Operator:
    """Build an operator by name; raises RecipeError for an unknown name or setting."""
    if name not in names():
        raise RecipeError(f"no operator {name!r} (one of: {', '.join(sorted(names()))})")
    kind: type[Operator] = importlib.import_module(names()[name]).OPERATOR
    made = kind(**checked_settings(kind, settings or {}))
    made.check()
    return made


def checked_settings(kind: type[Operator], settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with values brought to the declared types; raises RecipeError naming the key."""
    from pydantic import TypeAdapter, ValidationError

    hints = typing.get_type_hints(kind)
    known = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
    for key, value in settings.items():
        if key not in known:
            allowed = ", ".join(known) or "it has none"
            raise RecipeError(f"operator {kind.name()!r}: no setting {key!r} (settings: {allowed})")
        try:
            settings = {**settings, key: TypeAdapter(known[key]).validate_python(value)}
        except ValidationError as error:
            reason = error.errors()[0]["msg"].lower()
            raise RecipeError(f"operator {kind.name()!r}: {key}: {reason} (got {value!r})") from None
    json.dumps(settings)
    return settings
