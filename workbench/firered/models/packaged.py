"""Weights inside packages: the package imported wherever it was installed, its weights checked first."""

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType

from firered.errors import MissingExtra, ModelError
from firered.models import registry
from firered.models.registry import Entry
from firered.models.weights import check_weights


def check(entry: Entry) -> list[Path]:
    """Weight files of an entry, each with the sha256 that the registry gives; raises where one has not."""
    folder = registry.where(entry)
    if registry.state(entry) == "missing":
        if not entry.extra:
            raise ModelError(f"model {entry.name!r}: not installed ({entry.command})")
        raise MissingExtra(f"model {entry.name!r}", entry.extra)
    return [check_weights(folder / file.path, file.sha256) for file in entry.files]


def digest(entry: Entry) -> str:
    """First 12 digits of the sha256 over the sums of all files of an entry: one short name for many files."""
    return hashlib.sha256("".join(file.sha256 for file in entry.files).encode()).hexdigest()[:12]


def module(entry: Entry, name: str) -> ModuleType:
    """Import a module of an entry's package; raises MissingExtra where it is not installed."""
    folder = str(registry.installed_folder(entry))
    # Packages that `firered models install` unpacked are not on Python's path by themselves.
    if Path(folder).is_dir() and folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtra(f"model {entry.name!r}", entry.extra) from None
