"""The pairs to look at, as data for the page: pictures by number, so that pairs of one photograph share it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from firered.report.album import Album

# The promise of the report: a thousand pairs in fifteen megabytes. Pairs beyond it are left out, and counted.
BUDGET = 14_000_000  # characters of thumbnails

CHIPS = ("task", "subtask", "strategy", "maker", "seed", "reason", "name")
SCORES = ("property", "asked", "measured", "followed", "kept", "changed_area", "psnr")


@dataclass(frozen=True)
class Browser:
    """What the page pages through."""

    pairs: list[dict[str, Any]]
    total: int  # pairs in the catalog
    unreadable: int  # pairs whose pictures could not be opened


def browser(chosen: Sequence[dict[str, Any]], total: int, album: Album, *, budget: int = BUDGET) -> Browser:
    """Take chosen pairs in their order until the album holds `budget` characters."""
    pairs: list[dict[str, Any]] = []
    unreadable = 0
    for row in chosen:
        if album.length > budget:
            break
        sides = album.number(row["source_sha256"]), album.number(row["target_sha256"])
        if None in sides:
            unreadable += 1
        else:
            pairs.append(pair(row, *sides))
    return Browser(pairs, total, unreadable)


def pair(row: dict[str, Any], source: int | None, target: int | None) -> dict[str, Any]:
    """One pair for the page; ids are text, because a script's numbers end at 53 bits."""
    chips = {name: row[name] for name in CHIPS if row[name] is not None}
    score = {name: rounded(row[name]) for name in SCORES if row[name] is not None}
    about = {"id": str(row["pair_id"]), "source": source, "target": target, **chips}
    return {
        **about,
        "parameters": parameters(row["parameters"]),
        "score": score,
        "texts": by_voice(row["texts"] or []),
    }


def parameters(text: str) -> dict[str, Any]:
    """Parameters of an edit by name; what is not a JSON object is shown as it stands."""
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    return found if isinstance(found, dict) else {"parameters": found}


def by_voice(texts: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """Texts under `language tier`."""
    found: dict[str, list[str]] = {}
    for text in texts:
        found.setdefault(f"{text['language']} {text['tier']}", []).append(text["text"])
    return found


def rounded(value: Any) -> Any:
    """A number with four significant digits, anything else as it is."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
