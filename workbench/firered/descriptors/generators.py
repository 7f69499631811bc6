"""Which generative program a file's metadata name, by the shipped table of signatures, Sec. 2.2.5."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import yaml

from firered.descriptors.tags import Tag
from firered.paths import shipped


class Signature(NamedTuple):
    """What a generator writes: a tag (`where` and `name`, any where empty) that contains a text."""

    generator: str
    where: str
    name: str
    contains: str

    def fits(self, tag: Tag) -> bool:
        """Whether the tag is of this generator."""
        return (
            self.where in ("any", tag.where)
            and self.name in ("", tag.name.lower())
            and self.contains in tag.text.lower()
        )


@cache
def signatures() -> tuple[Signature, ...]:
    """The shipped table, in its order."""
    path = shipped("templates") / "screening" / "generators.yaml"
    return tuple(
        Signature(
            row["generator"], row["where"], row.get("name", "").lower(), row.get("contains", "").lower()
        )
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def generator_of(tags: Sequence[Tag]) -> tuple[str, Tag | None]:
    """Name of the generator, '' where none is named, and the tag that names it."""
    candidates = [tag for tag in tags if tag.name not in HARMLESS]
    for signature in signatures() if candidates else ():
        for tag in candidates:
            if signature.fits(tag):
                return signature.generator, tag
    return "", None


# Tags that every camera writes and no generator is known by.
HARMLESS = ("Orientation", "Copyright")
