"""Why an image or a pair is kept or not: every measurement, every rule, and the verdict."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firered.catalog import Catalog
from firered.errors import CatalogError
from firered.report import made

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """A filter of the latest run: with a reason it rejects."""

    name: str
    parameters: dict[str, Any]
    reason: str | None


@dataclass(frozen=True)
class Why:
    """All that the catalog knows of one image, pair or file."""

    noun: str
    key: int
    measurements: dict[str, Rows]  # by table
    failures: Rows
    rules: list[Rule] = field(default_factory=list)
    of_photo: "Why | None" = None  # of the photograph that a pair goes back to

    @property
    def verdict(self) -> str:
        """One line: kept, rejected or failed, and by what."""
        if self.noun == "file":
            return "failed: it was not taken in" if self.failures else "waiting to be taken in"
        rejecting = [rule.name for rule in self.rules if rule.reason]
        if rejecting:
            return f"rejected by {', '.join(rejecting)}"
        if self.of_photo and not self.of_photo.verdict.startswith("kept"):
            return f"rejected with its photograph, image {self.of_photo.key}"
        return "kept" if self.rules else "kept: no filter was run"


def find(catalog: Catalog, name: str) -> list[Why]:
    """Explain what a person named: an id, the first digits of a sha256, a path or a file's name.

    Raises CatalogError where nothing, or more than ten things, are meant.
    """
    found = catalog.query("found", wanted=name).to_pylist()
    if not found:  # a path as a shell completes it
        # Not resolved: the catalog has the name of a link, not of what it leads to.
        absolute = os.path.abspath(Path(name).expanduser())  # noqa: PTH100
        found = catalog.query("found", wanted=absolute).to_pylist()
    if not found:
        raise CatalogError(
            f"{name!r}: no image, pair or file (give an id, six digits of a sha256 or more, a path or a file's name)"
        )
    if len(found) > 10:
        raise CatalogError(f"{name!r}: {len(found)} images and pairs are meant (give more of it)")
    return [explain(catalog, line["noun"], line["key"]) for line in found]


def explain(catalog: Catalog, noun: str, key: int) -> Why:
    """Gather what is known of one image, pair or file."""
    measurements = catalog.known(noun, key)
    for taken in measurements.get("ingested", []) if noun == "image" else []:
        for table, rows in catalog.known("file", taken["file_id"]).items():
            measurements.setdefault(table, []).extend(rows if table != "ingested" else [])
    if noun == "image":
        measurements["neighbour"] = catalog.query("neighbours_of", key=key).to_pylist()
    for pair in measurements.get("pair", []) if noun == "pair" else []:
        measurements = {**measurements, **made.about(catalog, key, pair)}
    photo = next((row["photo_id"] for row in measurements.get("pair", [])), None)
    return Why(
        noun,
        key,
        measurements,
        catalog.query("failures_of", key=key).to_pylist(),
        [
            Rule(row["filter"], json.loads(row["parameters"]), row["reason"])
            for row in catalog.query("rules", key=key).to_pylist()
            if row["noun"] == noun
        ],
        explain(catalog, "image", photo) if photo is not None else None,
    )


def lines(why: Why) -> Iterator[str]:
    """The explanation as text."""
    yield f"{why.noun} {why.key}: {why.verdict}"
    for table, rows in why.measurements.items():
        for row in rows:
            yield f"  {table:<16} {values(row)}"
    for failure in why.failures:
        again = ", tried again by the next run" if failure["transient"] else ""
        yield f"  failed           {failure['operator']}: {failure['error']}{again}"
    for rule in why.rules:
        said = f"rejects: {rule.reason}" if rule.reason else "passes"
        yield f"  rule {rule.name:<18} {said}  ({values(rule.parameters)})"
    if why.of_photo:
        yield f"  its photograph is image {why.of_photo.key}: {why.of_photo.verdict}"


def values(row: dict[str, Any]) -> str:
    """Names and values on one line, floats to four digits."""
    return ", ".join(f"{name} {shown(value)}" for name, value in row.items())


def shown(value: Any) -> str:
    """A value for people."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
