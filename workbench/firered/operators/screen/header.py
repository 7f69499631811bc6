"""What a file says of itself, without a decode: size, mode, camera, and which generative program made it."""

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.descriptors.containers import EXIF, Facts, Take, read
from firered.descriptors.generators import generator_of
from firered.descriptors.tags import Tag, tags_of
from firered.operator import Operator
from firered.pictures import Pictures, begins_like
from firered.rows import File, Row
from firered.rows import Header as Found

HEAD = 1 << 16  # bytes; the metadata of most files lie in them
MOST_EVIDENCE = 160  # characters


@dataclass(frozen=True, kw_only=True)
class Header(Operator):
    """Read the head of each file; what is acceptable is decided in SQL."""

    reads = File
    writes = (Found,)
    expected = (ValueError, OSError)
    batch_size = 256

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of facts for each file."""
        for row in rows:
            yield [header(row.file_id, row.path)]


def header(file_id: int, path: str) -> Found:
    """Read a file's facts; raises ValueError where it is no picture or its header ends early."""
    facts = facts_of(path)
    tags = tags_of(facts)
    generator, tag = generator_of(tags)
    return Found(
        file_id=file_id,
        format=facts.format,
        extension=path.rpartition("/")[2].rpartition(".")[2].lower(),
        width=facts.width,
        height=facts.height,
        mode=facts.mode,
        orientation=orientation_of(tags),
        frames=facts.frames,
        progressive=facts.progressive,
        camera=camera_of(tags),
        software=software_of(tags),
        generator=generator,
        c2pa=c2pa_of(tags),
        evidence=f"{tag.where} {tag.name}: {' '.join(tag.text.split())}"[:MOST_EVIDENCE] if tag else "",
    )


def facts_of(path: str) -> Facts:
    """Facts of a file from as few of its bytes as will do."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - making a path object costs as much as reading
        head = file.read(HEAD)
        found = read(partly(file, head)) if head else None
    if not head:
        raise ValueError("empty file")
    return found or by_pillow(path, head)


def partly(file: io.FileIO, head: bytes) -> Take:
    """Take from a file whose head is read already; more is read where it is asked for."""

    def take(start: int, stop: int) -> bytes:
        if len(head) < HEAD:
            return head[start:stop] if start >= 0 else head[start:]
        if start >= 0 and stop <= HEAD:
            return head[start:stop]
        if start >= 0:
            file.seek(start)
            return file.read(stop - start)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size + start))
        return file.read(-start)

    return take


def by_pillow(path: str, head: bytes) -> Facts:
    """Facts of a GIF, TIFF, BMP, AVIF or whatever else has a reader; raises ValueError where none has."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            frames = getattr(opened, "n_frames", 1)
            exif = opened.getexif().tobytes().removeprefix(EXIF)
            return Facts(str(opened.format), *opened.size, opened.mode, frames, exif=exif)
    except UnidentifiedImageError:
        raise ValueError(f"not a picture that can be read: it begins like {begins_like(head)}") from None
    except (OSError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f"unreadable header: {' '.join(str(error).split())[:120]}") from None


def text_of(tags: Sequence[Tag], where: str, name: str) -> str:
    """Text of the first tag of this name, '' where there is none."""
    return next((tag.text for tag in tags if tag.where == where and tag.name == name), "")


def orientation_of(tags: Sequence[Tag]) -> int:
    """EXIF orientation, 1 where it is not stated or not of 1 to 8."""
    text = text_of(tags, "exif", "Orientation")
    return int(text) if text in "12345678" and text else 1


def camera_of(tags: Sequence[Tag]) -> str:
    """Make and model of the camera; many models begin with the make."""
    make, model = text_of(tags, "exif", "Make"), text_of(tags, "exif", "Model")
    return (model if model.startswith(make) else f"{make} {model}").strip()


def software_of(tags: Sequence[Tag]) -> str:
    """What wrote the file."""
    places = (("exif", "Software"), ("text", "Software"), ("xmp", "CreatorTool"))
    return next((text for where, name in places if (text := text_of(tags, where, name))), "")


def c2pa_of(tags: Sequence[Tag]) -> str:
    """Digital source type of a C2PA manifest, 'present' where it states none, '' without a manifest."""
    found = [tag for tag in tags if tag.where == "c2pa"]
    kinds = [tag.text for tag in found if tag.name == "digitalSourceType"]
    generated = [kind for kind in kinds if "lgorithmicMedia" in kind]
    return (generated or kinds or ["present"])[0] if found else ""


OPERATOR = Header
