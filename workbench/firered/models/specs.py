"""Spec strings, the one way to say which model: `embedded:NAME`, `hf:ID@COMMIT`, `path:FOLDER`, `http://...`."""

import re
from dataclasses import dataclass
from pathlib import Path

from firered.errors import ModelError

KINDS = ("embedded", "hf", "path", "http", "https")
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Spec:
    """A parsed spec string; `revision` is the commit of a hub model and empty for the others."""

    kind: str
    name: str
    revision: str = ""

    def __str__(self) -> str:
        pinned = f"@{self.revision}" if self.revision else ""
        return f"{self.kind}:{self.name}{pinned}"


def parse(text: str) -> Spec:
    """Parse a spec string; raises ModelError that lists the forms, or asks for a pinned commit."""
    kind, colon, rest = text.partition(":")
    if kind not in KINDS or not colon or not rest:
        raise ModelError(
            f"model {text!r}: not a spec (embedded:NAME, hf:ID@COMMIT, path:FOLDER or http://...)"
        )
    if kind == "hf":
        return _hub(rest)
    if kind == "path":
        return Spec(kind, str(Path(rest).expanduser()))
    return Spec(kind, rest)


def _hub(rest: str) -> Spec:
    name, _, revision = rest.partition("@")
    # Branches and tags move; results made before and after would mix under one name.
    if not COMMIT.fullmatch(revision):
        raise ModelError(f"model 'hf:{rest}': pin a commit of 40 hex digits (hf:{name}@COMMIT)")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ModelError(f"model 'hf:{rest}': {name!r} is not OWNER/NAME")
    return Spec("hf", name, revision)
