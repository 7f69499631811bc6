"""Qt resource files, made for the tests."""

import struct
import zlib

from firered.models import rcc


def resource(paths, *, version=2):
    """Make a resource file with a folder 'top' that holds these files, every second one packed."""
    names, data, nodes = b"", b"", b""
    offsets = {}
    for name in ["", "top", *paths]:
        offsets[name] = len(names)
        encoded = name.encode("utf-16-be")
        names += struct.pack(">HI", len(encoded) // 2, 0) + encoded
    time = b"" if version == 1 else b"\0" * 8
    nodes += struct.pack(">IHII", offsets[""], rcc.DIRECTORY, 1, 1) + time
    nodes += struct.pack(">IHII", offsets["top"], rcc.DIRECTORY, len(paths), 2) + time
    for number, (name, content) in enumerate(paths.items()):
        packed = struct.pack(">I", len(content)) + zlib.compress(content) if number % 2 else content
        nodes += struct.pack(">IHHHI", offsets[name], number % 2, 0, 0, len(data)) + time
        data += struct.pack(">I", len(packed)) + packed
    start = 20 if version < 3 else 24
    flags = b"" if version < 3 else b"\0" * 4
    header = struct.pack(">4I", version, start, start + len(nodes), start + len(nodes) + len(data))
    return rcc.MAGIC + header + flags + nodes + data + names
