"""The tags in a file's metadata that tell how it was made: EXIF, XMP, IPTC, PNG text, C2PA."""

import re
import struct
from typing import NamedTuple

from firered.descriptors.containers import Facts

# EXIF tags that are read, of the first directory and of the one it points to.
NAMES = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0112: "Orientation",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x8769: "ExifIFD",
    0x9286: "UserComment",
    0x9C9C: "XPComment",
    0x9C9E: "XPKeywords",
}
UTF16 = ("XPComment", "XPKeywords")
ASCII, SHORT, LONG = 2, 3, 4
SIZES = {1: 1, ASCII: 1, SHORT: 2, LONG: 4, 7: 1, 13: 4}  # bytes of a value, by type
MOST_XMP = 1 << 17  # bytes of XMP that are searched
XMP = re.compile(
    rb"(CreatorTool|DigitalSourceType|softwareAgent|Credit|AIGC)"
    rb"(?:=[\"']|>\s*|\s+rdf:resource=[\"'])([^\"'<]{1,2000})"
)
DESCRIPTION = re.compile(rb"<dc:description>.{0,200}?<rdf:li[^>]*>([^<]{1,4000})", re.DOTALL)
SOURCE_TYPE = re.compile(rb"digitalsourcetype/([A-Za-z]+)")
# Keys of a claim's CBOR maps whose values name programs: "name" is four letters, which the byte before them says.
CLAIM = re.compile(rb"claim_generator(?!_)|softwareAgent|\x64name")
IPTC = {40: "SpecialInstructions", 80: "By-line", 110: "Credit", 115: "Source", 120: "Caption"}


class Tag(NamedTuple):
    """One statement of the metadata: `where` is exif, xmp, iptc, text or c2pa."""

    where: str
    name: str
    text: str


def tags_of(facts: Facts) -> list[Tag]:
    """All tags of a file that tell how it was made, in the order exif, text, xmp, iptc, c2pa."""
    found = [Tag("exif", name, text) for name, text in exif_tags(facts.exif).items() if text]
    found += [Tag("text", name, text) for name, text in facts.texts]
    if facts.xmp:
        found += _xmp(facts.xmp[:MOST_XMP])
    if facts.iptc:
        found += _iptc(facts.iptc)
    if b"c2pa" in facts.jumbf:
        found += _c2pa(facts.jumbf)
    return found


# --- EXIF ---------------------------------------------------------------------------------------------


def exif_tags(exif: bytes) -> dict[str, str]:
    """Values of the tags in NAMES as text, from a TIFF structure; what is broken is left out."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return {}
    (start,) = struct.unpack(order + "I", exif[4:8])
    found = _directory(exif, start, order)
    deeper = found.pop("ExifIFD", "")
    if deeper.isdigit():
        found.update(_directory(exif, int(deeper), order))
        found.pop("ExifIFD", None)
    return found


def _directory(exif: bytes, start: int, order: str) -> dict[str, str]:
    head = exif[start : start + 2]
    if len(head) < 2:
        return {}
    (count,) = struct.unpack(order + "H", head)
    whole = min(count, (len(exif) - start - 2) // 12)
    entries = struct.iter_unpack(order + "HHI4s", exif[start + 2 : start + 2 + 12 * whole])
    return {
        NAMES[tag]: _value(exif, NAMES[tag], kind, number, raw, order)
        for tag, kind, number, raw in entries
        if tag in NAMES and kind in SIZES
    }


def _value(exif: bytes, name: str, kind: int, number: int, raw: bytes, order: str) -> str:
    if kind in (SHORT, LONG, 13):
        return str(struct.unpack(order + ("H" if kind == SHORT else "I"), raw[: SIZES[kind]])[0])
    if number > 4:
        (at,) = struct.unpack(order + "I", raw)
        raw = exif[at : at + number]
    raw = raw[:number]
    if name in UTF16:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    if name == "UserComment":
        return _comment(raw, order)
    return raw.decode("utf-8", "replace").strip("\0 \n")


def _comment(raw: bytes, order: str) -> str:
    """A user comment after its eight bytes of encoding; writers disagree on the byte order of UTF-16."""
    body = raw[8:]
    if raw[:7] != b"UNICODE":
        return body.decode("utf-8", "replace").strip("\0 \n")
    zeros = body[0:200:2].count(0) - body[1:200:2].count(0)
    little = zeros < 0 if zeros else order == "<"
    return body.decode("utf-16-le" if little else "utf-16-be", "replace").strip("\0 \n")


# --- the others ---------------------------------------------------------------------------------------


def _xmp(xmp: bytes) -> list[Tag]:
    pairs = [(name.decode(), value) for name, value in XMP.findall(xmp)]
    pairs += [("description", value) for value in DESCRIPTION.findall(xmp)]
    return [Tag("xmp", name, value.decode("utf-8", "replace").strip()) for name, value in pairs]


def _iptc(resources: bytes) -> list[Tag]:
    """Records 2:N of IPTC, which begin with 0x1C 0x02."""
    found, at = [], resources.find(b"\x1c\x02")
    while at >= 0 and resources[at : at + 2] == b"\x1c\x02":
        length = int.from_bytes(resources[at + 3 : at + 5])
        name = IPTC.get(resources[at + 2]) if len(resources) > at + 2 else None
        if name:
            found.append(Tag("iptc", name, resources[at + 5 : at + 5 + length].decode("utf-8", "replace")))
        at += 5 + length
    return found


def _c2pa(jumbf: bytes) -> list[Tag]:
    """Digital source types and programs, by a search of the manifest's bytes; its signature is not checked."""
    kinds = dict.fromkeys(SOURCE_TYPE.findall(jumbf))
    found = [Tag("c2pa", "digitalSourceType", kind.decode()) for kind in kinds]
    for match in CLAIM.finditer(jumbf):
        text = _cbor_text(jumbf, match.end())
        if text:
            found.append(Tag("c2pa", match[0].decode().removeprefix("\x64"), text))
    return found or [Tag("c2pa", "manifest", "present")]


def _cbor_text(data: bytes, at: int) -> str:
    """CBOR text that begins at a byte, '' where there is none."""
    head = data[at] if at < len(data) else 0
    if 0x60 <= head <= 0x77:
        start, length = at + 1, head - 0x60
    elif head in (0x78, 0x79):
        start = at + head - 0x76
        length = int.from_bytes(data[at + 1 : start])
    else:
        return ""
    return data[start : start + length].decode("utf-8", "replace")
