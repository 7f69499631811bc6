"""Sources: the picture files of a folder, or of the photographs that packages bring along."""

import errno
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from firered.errors import SourceError
from firered.models import registry
from firered.models.registry import Entry
from firered.rows import File

EMBEDDED = "embedded:"
# Those of them that the installed Pillow opens are looked for.
EXTENSIONS = (".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def list_files(
    source: str, *, licence: str = "not stated", others: "Counter[str] | None" = None
) -> Iterator[File]:
    """List the pictures of a folder, or of 'embedded:photos' (or one set, 'embedded:gcompris'), in order.

    Files are looked at, not opened. What is passed over, for want of a picture's extension, is counted by extension
    in `others`. `licence` is that of a folder's files; packages state their own.
    Raises SourceError where there is nothing to read.
    """
    if source.startswith(EMBEDDED):
        return _embedded(source)
    return _folder(Path(source).expanduser().absolute(), licence, Counter() if others is None else others)


def photo_sets() -> list[Entry]:
    """Entries of the registry that are sets of photographs, installed or not."""
    return [entry for entry in registry.entries() if entry.role == "photos"]


# --- folders ------------------------------------------------------------------------------------


def readable_extensions() -> tuple[str, ...]:
    """Extensions of pictures that can be opened here, lower case, sorted."""
    from PIL import Image

    known = Image.registered_extensions()
    return tuple(extension for extension in EXTENSIONS if extension in known)


def _folder(folder: Path, licence: str, others: "Counter[str]") -> Iterator[File]:
    if not folder.is_dir():
        what = (
            "is a file (give the folder it is in)"
            if folder.exists()
            else "no such folder (give one that exists)"
        )
        raise SourceError(f"{folder}: {what}")
    extensions = readable_extensions()
    found = False
    for entry in _walk(folder, seen=set()):
        if isinstance(entry, Path) and entry.is_symlink() and not entry.name.lower().endswith(extensions):
            continue
        if isinstance(entry, Path):
            # A folder that cannot be read, or a link to nowhere, is listed as a file: it fails as one row.
            yield File.of(printable(str(entry)), str(folder), licence, 0, 0)
        elif entry.name.lower().endswith(extensions):
            found = True
            status = entry.stat()
            yield File.of(printable(entry.path), str(folder), licence, status.st_size, status.st_mtime_ns)
        else:
            others[printable(Path(entry.name).suffix.lower()) or "no extension"] += 1
    if not found:
        raise SourceError(f"{folder}: no picture in it (looked for: {' '.join(extensions)})")


def printable(path: str) -> str:
    """A path as text that can be stored; bytes that are not UTF-8 become escapes, and the file a failed row."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _walk(folder: Path | str, *, seen: set[tuple[int, int]]) -> "Iterator[os.DirEntry[str] | Path]":
    """Yield the visible files below a folder, sorted by name, and, as paths, what cannot be read.

    A folder reached twice is read once. Raises SourceError where the outermost folder cannot be read.
    """
    outermost = not seen
    if _was_seen(folder, seen):
        return
    entries = _visible(folder)
    if entries is None and outermost:
        raise SourceError(
            f"{folder}: {os.strerror(errno.EACCES).lower()} (make it readable, or leave it out)"
        )
    if entries is None:
        yield Path(folder)
        return
    for entry in entries:
        if _leads_to(entry) == "folder":
            yield from _walk(entry.path, seen=seen)
        elif _leads_to(entry) == "file":
            yield entry
        elif entry.is_symlink():
            yield Path(entry.path)


def _visible(folder: Path | str) -> "list[os.DirEntry[str]] | None":
    """Entries of a folder whose names begin with no dot, sorted; None where it cannot be read."""
    try:
        with os.scandir(folder) as opened:
            return sorted((entry for entry in opened if not entry.name.startswith(".")), key=_name)
    except OSError:
        return None


def _name(entry: "os.DirEntry[str]") -> str:
    return entry.name


def _leads_to(entry: "os.DirEntry[str]") -> str:
    """What an entry is, or what a link leads to: a folder, a file, or nothing that can be reached."""
    try:
        return "folder" if entry.is_dir() else "file" if entry.is_file() else ""
    except OSError:  # a link that leads to itself
        return ""


def _was_seen(folder: Path | str, seen: set[tuple[int, int]]) -> bool:
    status = Path(folder).stat()
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return True
    seen.add(identity)
    return False


# --- photographs inside packages ----------------------------------------------------------------


def _embedded(source: str) -> Iterator[File]:
    found = False
    for entry in _chosen_sets(source):
        for file in _set_files(entry):
            found = True
            yield file
    if not found:
        commands = "; or ".join(dict.fromkeys(entry.command for entry in _chosen_sets(source)))
        raise SourceError(f"{source}: no photographs installed ({commands})")


def _chosen_sets(source: str) -> list[Entry]:
    name = source.removeprefix(EMBEDDED)
    chosen = [entry for entry in photo_sets() if name in ("photos", entry.name)]
    if not chosen:
        names = ", ".join(EMBEDDED + entry.name for entry in photo_sets())
        raise SourceError(f"{source}: no such photographs (one of: embedded:photos, {names})")
    return chosen


def _set_files(entry: Entry) -> Iterator[File]:
    folder = registry.where(entry)
    for name, (size, licence) in _listed(entry).items():
        path = folder / name
        status = path.stat() if path.is_file() else None
        # A file of another size is not the photograph whose licence is known.
        if status and status.st_size == size:
            yield File.of(str(path), EMBEDDED + entry.name, licence, size, status.st_mtime_ns)


def _listed(entry: Entry) -> dict[str, tuple[int, str]]:
    """Size in bytes and licence of each photograph of a set, by its path in the set's folder."""
    if entry.files:
        return {file.path: (file.bytes, file.licence) for file in entry.files}
    written = registry.manifest(entry)
    return {name: (row["bytes"], row["licence"]) for name, row in written.items() if "licence" in row}
