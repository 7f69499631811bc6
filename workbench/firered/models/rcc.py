"""Files inside a Qt resource file (.rcc), read without Qt.

A header names three sections: a tree of fixed-size nodes, names in UTF-16, and data. A directory
node points at its children, which lie side by side; a file node points at its bytes.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from firered.errors import ModelError

MAGIC = b"qres"
COMPRESSED, DIRECTORY, ZSTANDARD = 1, 2, 4
# One resource of these packages is a few megabytes; far more is damage, or a bomb.
MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Header:
    """Where the sections of a resource file begin, in bytes, and how long a node of its tree is."""

    tree: int
    data: int
    names: int
    node_bytes: int


def files(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (path, bytes) of every file in a resource file; raises ModelError for a damaged one."""
    header = _header(content)
    try:
        yield from _children(content, header, node=0, folder="")
    except (struct.error, zlib.error, UnicodeDecodeError, IndexError) as error:
        raise ModelError(f"resource file: damaged, {error} (install it again)") from None


def _header(content: bytes) -> Header:
    if content[:4] != MAGIC or len(content) < 20:
        raise ModelError("resource file: does not begin with 'qres' (not a Qt resource file)")
    version, tree, data, names = struct.unpack_from(">4I", content, 4)
    if version not in (1, 2, 3):
        raise ModelError(f"resource file: version {version} (versions 1 to 3 can be read)")
    # From version 2 on each node ends in its time of change, 8 bytes.
    return Header(tree, data, names, 14 if version == 1 else 22)


def _children(content: bytes, header: Header, *, node: int, folder: str) -> Iterator[tuple[str, bytes]]:
    _, _, count, first = struct.unpack_from(">IHII", content, header.tree + node * header.node_bytes)
    # Children come after their parent, so a damaged tree cannot lead in a circle.
    if count and first <= node:
        raise IndexError(f"node {node} points backwards")
    for child in range(first, first + count):
        yield from _node(content, header, child, folder)


def _node(content: bytes, header: Header, node: int, folder: str) -> Iterator[tuple[str, bytes]]:
    at = header.tree + node * header.node_bytes
    name_at, flags = struct.unpack_from(">IH", content, at)
    path = f"{folder}/{_name(content, header.names + name_at)}".lstrip("/")
    if flags & DIRECTORY:
        yield from _children(content, header, node=node, folder=path)
    else:
        (data_at,) = struct.unpack_from(">I", content, at + 10)
        yield path, _data(content, header.data + data_at, flags)


def _name(content: bytes, at: int) -> str:
    (length,) = struct.unpack_from(">H", content, at)
    name = content[at + 6 : at + 6 + 2 * length].decode("utf-16-be")
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ModelError(f"resource file: {name!r} is not a file's name (do not use this file)")
    return name


def _data(content: bytes, at: int, flags: int) -> bytes:
    (size,) = struct.unpack_from(">I", content, at)
    packed = content[at + 4 : at + 4 + size]
    if len(packed) != size:
        raise IndexError(f"{size} bytes promised, {len(packed)} there")
    if flags & ZSTANDARD:
        raise ModelError("resource file: packed with zstandard (only zlib can be read)")
    if not flags & COMPRESSED:
        return packed
    # The first four bytes are the size before packing; the rest is a zlib stream.
    return zlib.decompressobj().decompress(packed[4:], MAX_BYTES)
