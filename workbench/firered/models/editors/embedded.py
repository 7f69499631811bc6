"""Editors whose weights arrive in packages: `embedded:NAME`."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from firered.errors import ModelError
from firered.models import specs
from firered.models.editor import Editor

# Name, or all before its first dash -> the module whose `load(name, settings)` makes the editor.
FAMILIES = {
    "maxim": "firered.models.editors.maxim",
    "realesrgan": "firered.models.editors.realesrgan",
    "styles": "firered.models.editors.styles",
    "cutout": "firered.models.editors.cutout",
    "patchmatch": "firered.models.editors.patchmatch",
}


def load(spec: str, **settings: Any) -> Editor:
    """Load an embedded editor with its settings; raises ModelError for an unknown name or setting."""
    name = specs.parse(spec).name
    family = name.partition("-")[0]
    if family not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ModelError(f"editor {spec!r}: unknown (one of these, or one of their parts: {known})")
    made: Callable[[str, dict[str, Any]], Editor] = import_module(FAMILIES[family]).load
    return made(name, settings)
