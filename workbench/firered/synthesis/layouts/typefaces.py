"""Typefaces by role: which installed file sets a string, in which weight, and whether it has all its letters."""

import hashlib
import struct
from functools import cache
from pathlib import Path
from typing import Literal

from firered.models import registry
from firered.paths import shipped
from firered.templating.filters import Language, Strict, read_yaml

Role = Literal["sans", "serif", "slab", "display", "hand", "mono"]
Weight = Literal["light", "regular", "bold", "black", "italic", "bold_italic"]
# What stands in for a weight that a typeface does not have; a face is never emboldened or slanted by us.
_NEAREST: dict[Weight, tuple[Weight, ...]] = {
    "light": ("light", "regular"),
    "regular": ("regular",),
    "bold": ("bold", "black", "regular"),
    "black": ("black", "bold", "regular"),
    "italic": ("italic", "regular"),
    "bold_italic": ("bold_italic", "bold", "italic", "regular"),
}


class Typeface(Strict):
    """A family of letters in one language: its role, the package that brings it, and its files by weight."""

    role: Role
    language: Language
    package: str
    name: dict[Language, str]
    files: dict[Weight, str]

    def nearest(self, weight: Weight) -> Weight:
        """The weight itself, or the one that stands in for it."""
        return next(each for each in _NEAREST[weight] if each in self.files)

    def path(self, weight: Weight) -> Path:
        """File of a weight that the typeface has."""
        return registry.where(registry.entry(self.package)) / self.files[weight]


@cache
def typefaces() -> dict[str, Typeface]:
    """All typefaces by name; raises TemplateError naming file and key."""
    found: dict[str, Typeface] = read_yaml(
        shipped("templates") / "lexicon" / "typefaces.yaml", dict[str, Typeface]
    )
    return found


@cache
def packages() -> tuple[str, ...]:
    """Registry names of all packages of typefaces."""
    return tuple(dict.fromkeys(face.package for face in typefaces().values()))


def typeface(role: Role, language: Language) -> Typeface:
    """Typeface of a role in a language; a language without the role is set in its sans."""
    found = {(face.role, face.language): face for face in typefaces().values()}
    return found.get((role, language)) or found["sans", language]


def roles(language: Language) -> list[Role]:
    """Roles that a language has a typeface for."""
    return [face.role for face in typefaces().values() if face.language == language]


def weights(role: Role, language: Language) -> list[Weight]:
    """Weights that the typeface of a role has."""
    return list(typeface(role, language).files)


@cache
def digest() -> str:
    """Digest of all files that may be opened, 16 hex digits."""
    told = " ".join(registry.entry(name).revision for name in packages())
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def has_letters(path: Path, text: str) -> bool:
    """Whether a file has a glyph for every character of a text but spaces."""
    covered = _covered(path)
    return all(char == " " or ord(char) in covered for char in text)


@cache
def _covered(path: Path) -> frozenset[int]:
    """Code points that the Unicode character map of a TrueType file maps to a glyph."""
    data = path.read_bytes()
    start = _table(data, b"cmap")
    count = struct.unpack_from(">H", data, start + 2)[0]
    found: set[int] = set()
    for place in range(count):
        _, _, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * place)
        kind = struct.unpack_from(">H", data, start + offset)[0]
        if kind in (4, 12):
            found |= (_pieces if kind == 4 else _groups)(data, start + offset)
    return frozenset(found)


def _table(data: bytes, tag: bytes) -> int:
    for place in range(struct.unpack_from(">H", data, 4)[0]):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * place)
        if name == tag:
            return int(offset)
    raise ValueError(f"typeface without a {tag.decode()} table")


def _pieces(data: bytes, start: int) -> set[int]:
    """Code points of a map of format 4."""
    double = struct.unpack_from(">H", data, start + 6)[0]
    number = double // 2
    ends = struct.unpack_from(f">{number}H", data, start + 14)
    begins = struct.unpack_from(f">{number}H", data, start + 16 + double)
    deltas = struct.unpack_from(f">{number}H", data, start + 16 + 2 * double)
    ranges = start + 16 + 3 * double
    found: set[int] = set()
    for place, (begin, end, delta) in enumerate(zip(begins, ends, deltas, strict=True)):
        at = ranges + 2 * place
        jump = struct.unpack_from(">H", data, at)[0]
        for code in range(begin, min(end, 0xFFFE) + 1):
            glyph = (
                struct.unpack_from(">H", data, at + jump + 2 * (code - begin))[0] if jump else code + delta
            )
            if glyph & 0xFFFF:
                found.add(code)
    return found


def _groups(data: bytes, start: int) -> set[int]:
    """Code points of a map of format 12."""
    count = struct.unpack_from(">I", data, start + 12)[0]
    rows = (struct.unpack_from(">III", data, start + 16 + 12 * place) for place in range(count))
    return {code for begin, end, first in rows for code in range(begin, end + 1) if first + code - begin}
