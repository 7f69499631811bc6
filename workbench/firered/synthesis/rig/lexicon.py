"""Words and values for what rendered people can do: `templates/lexicon/figures.yaml`."""

from functools import cache
from typing import Any

import yaml

from firered.paths import shipped
from firered.synthesis.making import Said

Entry = dict[str, Any]


@cache
def section(name: str) -> dict[str, Entry]:
    """One section of the file: expressions, directions, poses, hands, hair, clothes, lights, lips, shadows, dyes."""
    path = shipped("templates") / "lexicon" / "figures.yaml"
    read: dict[str, dict[str, Entry]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read[name]


def said(part: str, name: str, *, value: Any = None) -> Said:
    """How an entry is said."""
    entry = section(part)[name]
    return Said(en=entry["en"], zh=entry["zh"], value=value if value is not None else name)


def side(name: str) -> Said:
    """A side of the picture."""
    return Said(en=name, zh={"left": "左侧", "right": "右侧"}[name], value=name)
