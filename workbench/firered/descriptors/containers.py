"""What JPEG, PNG and WEBP files say in their headers, by walking their segments; nothing is decoded.

`take(start, stop)` gives bytes of the file, fewer at its end, so that a caller may read no more than is looked at;
a negative start counts from the end of the file, which is then the stop.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Take = Callable[[int, int], bytes]

EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
PNG = b"\x89PNG\r\n\x1a\n"
SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN, COMMENT, APP1, APP11, APP13 = 0xDA, 0xFE, 0xE1, 0xEB, 0xED
MOST_TEXT = 1 << 20  # bytes of a compressed text that are unpacked
TAIL = 1 << 15  # bytes at the end of a PNG that may hold text


@dataclass
class Facts:
    """Facts of a file; the last five are raw metadata, empty where there are none."""

    format: str
    width: int = 0  # pixels, before any turn
    height: int = 0
    mode: str = "RGB"  # as Pillow names it; ';16' is added for 16 bits
    frames: int = 1
    progressive: bool = False
    exif: bytes = b""  # TIFF structure, without a prefix
    xmp: bytes = b""
    iptc: bytes = b""  # Photoshop resources with IPTC records
    jumbf: bytes = b""  # boxes of a C2PA manifest
    texts: list[tuple[str, str]] = field(default_factory=list)  # keyword, text


def taking(data: bytes) -> Take:
    """Take from bytes that are all at hand."""
    return lambda start, stop: data[start:stop] if start >= 0 else data[start:]


def read(take: Take) -> Facts | None:
    """Facts of a JPEG, PNG or WEBP, None for other formats; raises ValueError where the header ends early."""
    start = take(0, 12)
    if start[:3] == b"\xff\xd8\xff":
        return _jpeg(take)
    if start[:8] == PNG:
        return _png(take)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return _webp(take)
    return None


# --- JPEG ---------------------------------------------------------------------------------------------


def _jpeg(take: Take) -> Facts:
    facts = Facts("JPEG")
    at = 2
    while True:
        head = take(at, at + 4)
        if len(head) < 4:
            raise ValueError("truncated JPEG: it ends inside its header")
        if head[0] != 0xFF or head[1] in (0x00, 0xFF):
            at += 1  # padding
            continue
        marker, length = head[1], int.from_bytes(head[2:])
        if marker == START_OF_SCAN:
            return facts
        if marker in SOF:
            _frame(facts, marker, take(at + 4, at + 10))
        elif marker in (APP1, APP11, APP13, COMMENT):
            _segment(facts, marker, take(at + 4, at + 2 + length))
        at += 2 + length


def _frame(facts: Facts, marker: int, body: bytes) -> None:
    if len(body) < 6:
        raise ValueError("truncated JPEG: it ends inside its header")
    precision, facts.height, facts.width, components = struct.unpack(">BHHB", body)
    facts.progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
    facts.mode = {1: "L", 4: "CMYK"}.get(components, "RGB") + ("" if precision == 8 else f";{precision}")


def _segment(facts: Facts, marker: int, body: bytes) -> None:
    if marker == COMMENT:
        facts.texts.append(("comment", _text(body)))
    elif marker == APP11 and body[:2] == b"JP":
        facts.jumbf += body[8:]  # after the common identifier, the instance and the sequence number
    elif marker == APP13 and body.startswith(PHOTOSHOP):
        facts.iptc += body[len(PHOTOSHOP) :]
    elif marker == APP1 and body.startswith(EXIF):
        facts.exif = facts.exif or body[len(EXIF) :]
    elif marker == APP1 and body.startswith(XMP):
        facts.xmp += body[len(XMP) :]


# --- PNG ----------------------------------------------------------------------------------------------

MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}


def _png(take: Take) -> Facts:
    head = take(16, 29)
    if len(head) < 13:
        raise ValueError("truncated PNG: it ends inside its header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    mode = "1" if (depth, colour) == (1, 0) else MODES.get(colour, "RGB")
    if depth == 16:
        mode = "I;16" if mode == "L" else f"{mode};16"
    facts = Facts("PNG", width, height, mode, progressive=bool(interlaced))
    for kind, body in _chunks(take, 33):
        _chunk(facts, kind, body)
    return facts


def _chunks(take: Take, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Chunks before the pixels, then what follows the last of them."""
    while len(head := take(at, at + 8)) == 8:
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"IDAT":
            break
        yield kind, take(at + 8, at + 8 + length) if kind in KINDS else b""
        at += 12 + length
    tail = take(-TAIL, 0)
    for kind in KINDS:
        found = tail.find(kind, 4)
        if found >= 4 and b"IDAT" not in tail[found:]:
            yield kind, tail[found + 4 : found + 4 + int.from_bytes(tail[found - 4 : found])]


def _chunk(facts: Facts, kind: bytes, body: bytes) -> None:
    if kind == b"acTL":
        facts.frames = max(1, int.from_bytes(body[:4]))
    elif kind == b"eXIf":
        facts.exif = body.removeprefix(EXIF)
    elif kind == b"caBX":
        facts.jumbf = body
    elif kind in TEXTS:
        keyword, _, rest = body.partition(b"\0")
        text = TEXTS[kind](rest)
        if keyword == b"XML:com.adobe.xmp":
            facts.xmp = text
        else:
            facts.texts.append((_text(keyword), _text(text)))


def _inflated(rest: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(rest[1:], MOST_TEXT)
    except zlib.error:
        return b""


def _international(rest: bytes) -> bytes:
    """Text after the compression flag and method, the language and the translated keyword."""
    packed = rest[:1] == b"\x01"
    _, _, text = [*rest[2:].split(b"\0", 2), b"", b""][:3]
    return _inflated(b"\0" + text) if packed else text


TEXTS: dict[bytes, Callable[[bytes], bytes]] = {b"tEXt": bytes, b"zTXt": _inflated, b"iTXt": _international}
KINDS = (*TEXTS, b"eXIf", b"caBX", b"acTL")


# --- WEBP ---------------------------------------------------------------------------------------------


def _webp(take: Take) -> Facts:
    facts = Facts("WEBP")
    at, frames = 12, 0
    while len(head := take(at, at + 8)) == 8:
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if kind in (b"VP8 ", b"VP8L", b"VP8X"):
            _webp_size(facts, kind, take(at + 8, at + 18))
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            facts.exif = take(at + 8, at + 8 + length).removeprefix(EXIF)
        elif kind == b"XMP ":
            facts.xmp = take(at + 8, at + 8 + length)
        elif kind == b"C2PA":
            facts.jumbf = take(at + 8, at + 8 + length)
        at += 8 + length + length % 2
    if not facts.width:
        raise ValueError("truncated WEBP: it ends inside its header")
    facts.frames = max(1, frames)
    return facts


def _webp_size(facts: Facts, kind: bytes, body: bytes) -> None:
    """The first of these chunks tells the size."""
    if facts.width or len(body) < 10:
        return
    if kind == b"VP8X":
        facts.width, facts.height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        facts.mode = "RGBA" if body[0] & 0x10 else "RGB"
    elif kind == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        facts.width, facts.height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        facts.mode = "RGBA" if packed >> 28 & 1 else "RGB"
    else:
        facts.width, facts.height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8").strip("\0 \n")
    except UnicodeDecodeError:
        return data.decode("latin-1").strip("\0 \n")
