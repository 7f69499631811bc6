"""Photographs inside an unpacked package: which they are, where they go, and their licences."""

import gzip
import io
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from firered.errors import ModelError
from firered.models import debian, rcc
from firered.models.registry import Entry

FOLDER = "photos"
COPYRIGHT = "copyright"
NOTICE = "README"
# Captions lie beside cut-outs; like pictures they are kept only where an entry selects them.
KEPT = (*debian.PICTURES, ".txt")


def collect(entry: Entry, unpacked: Path, into: Path) -> dict[str, str]:
    """Copy the photographs that the entry selects into `into/photos`; returns path -> licence.

    Resource files (.rcc) are opened, and their pictures become plain files.
    """
    notices = _notices(entry, unpacked)
    licences = {}
    for path, data in _members(unpacked):
        if _selected(entry, path) and _shorter_side(data) >= entry.min_side:
            target = f"{FOLDER}/{path.removeprefix(entry.strip)}"
            _write(into / target, data)
            licences[target] = _licence(path, notices) or entry.licence
    if not licences:
        raise ModelError(f"model {entry.name!r}: no photograph in it (the package has changed)")
    _write(into / COPYRIGHT, _copyright(entry, unpacked).encode())
    return licences


def _selected(entry: Entry, path: str) -> bool:
    wanted = any(fnmatchcase(path, pattern) for pattern in entry.select)
    return wanted and not any(fnmatchcase(path, pattern) for pattern in entry.reject)


def _members(unpacked: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(unpacked.rglob("*")):
        # A link in a package may point anywhere; photographs are files.
        if path.is_symlink() or not path.is_file():
            continue
        if path.suffix == ".rcc":
            yield from rcc.files(path.read_bytes())
        elif path.name == NOTICE or path.suffix.lower() in KEPT:
            yield path.relative_to(unpacked).as_posix(), path.read_bytes()


def _shorter_side(data: bytes) -> int:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as opened:
            return min(opened.size)
    except (UnidentifiedImageError, OSError):
        return 0


# --- licences -----------------------------------------------------------------------------------


def _notices(entry: Entry, unpacked: Path) -> dict[str, debian.Copyright]:
    """What is said about single files, by the folder that the paths in it begin at, the nearest first."""
    found = {
        path.removesuffix(NOTICE): debian.parse(data.decode(errors="replace"))
        for path, data in _members(unpacked)
        if path.endswith(f"/{NOTICE}")
    }
    if entry.source_root is not None:
        found[entry.source_root] = debian.parse(_copyright(entry, unpacked))
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _licence(path: str, notices: dict[str, debian.Copyright]) -> str | None:
    said = (
        notice.licence(path.removeprefix(folder))
        for folder, notice in notices.items()
        if path.startswith(folder)
    )
    return next((licence for licence in said if licence), None)


def _copyright(entry: Entry, unpacked: Path) -> str:
    plain = unpacked / "usr" / "share" / "doc" / entry.package / COPYRIGHT
    packed = plain.with_suffix(".gz")
    if packed.is_file():
        return gzip.decompress(packed.read_bytes()).decode(errors="replace")
    return plain.read_text(errors="replace") if plain.is_file() else ""


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
