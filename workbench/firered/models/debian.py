"""Licences of single files, from the machine-readable copyright file of a Debian package."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Copyright:
    """Which files have which licence; a later paragraph overrules an earlier one, `*` is left out."""

    exact: dict[str, str] = field(default_factory=dict)
    patterns: list[tuple[str, str]] = field(default_factory=list)

    def licence(self, path: str) -> str | None:
        """Return 'LICENCE (holder)' of a file of the package, None where only the whole package has one.

        Pictures may have changed their format since this was written: their suffixes are not compared.
        """
        bare = _without_suffix(path)
        if bare in self.exact:
            return self.exact[bare]
        return next((said for pattern, said in reversed(self.patterns) if fnmatchcase(path, pattern)), None)


def parse(text: str) -> Copyright:
    """Parse a copyright file (format 1.0)."""
    found = Copyright()
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(_fields(paragraph))
        if "files" in fields and "license" in fields:
            _add(found, fields)
    return found


def _add(found: Copyright, fields: dict[str, str]) -> None:
    holder = fields.get("copyright", "").splitlines()[:1]
    said = f"{fields['license'].splitlines()[0].strip()} ({''.join(holder).strip()})"
    for pattern in fields["files"].split():
        if "*" not in pattern:
            found.exact[_without_suffix(pattern)] = said
        elif pattern != "*":
            found.patterns.append((pattern, said))


def _fields(paragraph: str) -> Iterator[tuple[str, str]]:
    # Packages' own notices of this form do not always indent the lines that belong to a field.
    for match in re.finditer(r"^([A-Za-z-]+):(.*(?:\n(?![A-Za-z-]+:).*)*)", paragraph, re.MULTILINE):
        yield match[1].lower(), match[2].strip()


def _without_suffix(path: str) -> str:
    pure = PurePosixPath(path)
    return str(pure.with_suffix("")) if pure.suffix.lower() in PICTURES else path
