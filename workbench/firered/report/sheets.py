"""Contact sheets: one picture a task, a row a pair: source, target, what changed, the instruction in both languages."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.catalog import Catalog
from firered.errors import CatalogError
from firered.pictures import Pictures, encode_jpeg, shrink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SIDE = 240  # pixels; longer side of a picture
SMALL = 84  # the same of a reference picture
GAP = 10
TEXT = 420  # pixels; width of the column of words
SIZE = 17  # of letters, in pixels
PAPER, INK, SOFT, LOST = (250, 248, 244), (36, 33, 29), (120, 112, 100), (190, 60, 40)
CJK = "\u2e7f"  # characters beyond are broken one by one
CLOSING = frozenset("，。！？；：、”’）》】,.!?;:)")
GAIN = 3  # by which a difference is made stronger


@dataclass(frozen=True)
class Words:
    """A paragraph in the column of words."""

    text: str
    rgb: tuple[int, int, int] = INK
    most: int = 4  # lines


def write(catalog: Catalog, folder: Path, *, pairs: int = 10, rejected: int = 3) -> list[Path]:
    """Write TASK.jpg for each task that has pairs; returns the paths. The choice is the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(catalog.blobs)
    rows = catalog.query("sheet_pairs", pairs=pairs, rejected=rejected).to_pylist()
    written = []
    for task, chosen in groupby(rows, key=lambda row: str(row["task"])):
        strips = list(strips_of(list(chosen), pictures))
        if strips:
            path = folder / f"{task}.jpg"
            path.write_bytes(encode_jpeg(stacked(strips, task), quality=88))
            written.append(path)
    return written


def strips_of(rows: Sequence[dict[str, Any]], pictures: Pictures) -> "Iterator[Pixels]":
    """A strip for each pair whose pictures can be opened."""
    for row in rows:
        try:
            yield strip(row, pictures)
        except (CatalogError, ValueError):
            continue


def strip(row: dict[str, Any], pictures: Pictures) -> "Pixels":
    """One pair: source, target, difference with the mask's outline, words, references; (SIDE, W, 3)."""
    source, target = (pictures.pixels(row[f"{side}_sha256"]) for side in ("source", "target"))
    references = [pictures.scaled(sha256, SMALL - GAP) for sha256 in row["reference_sha256s"][:4]]
    canvas = blank(SIDE, 3 * (SIDE + GAP) + TEXT)
    for place, pixels in enumerate((source, target, difference(source, target, row["parameters"]))):
        put(canvas, shrink(pixels, SIDE), place * (SIDE + GAP), 0, SIDE)
    left = 3 * (SIDE + GAP)
    bottom = write_words(canvas, words(row), left)
    for place, pixels in enumerate(references):
        put(canvas, pixels, left + place * SMALL, bottom, SMALL - GAP)
    return canvas


def words(row: dict[str, Any]) -> list[Words]:
    """What is said beside a pair."""
    few = 3 if row["reference_sha256s"] or row["reason"] else 4
    about = f"{row['strategy']}: {row['maker']}, {row['subtask']}"
    found = [Words(row["en"] or "", most=few), Words(row["zh"] or "", most=few), Words(about, SOFT, 1)]
    return [*found, Words(f"rejected: {row['reason']}", LOST, 4)] if row["reason"] else found


def difference(source: "Pixels", target: "Pixels", parameters: str) -> "Pixels":
    """What changed, dark on white, with the outline of the stored mask; grey where the sizes differ."""
    import cv2
    import numpy as np

    if source.shape != target.shape:
        return np.full_like(shrink(target, SIDE), 225)
    small = [shrink(pixels, SIDE) for pixels in (source, target)]
    grey = 255 - cv2.convertScaleAbs(cv2.absdiff(*small).max(axis=2), alpha=GAIN)
    apart: Pixels = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    mask = mask_of(parameters, apart.shape[:2])
    if mask is not None:
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.drawContours(apart, outlines, -1, (255, 140, 60), 1)
    return apart


def mask_of(parameters: str, shape: tuple[int, int]) -> "Pixels | None":
    """Mask that a making stores, brought to (H, W), 0 or 1; None where it stores none."""
    import cv2
    import numpy as np

    from firered.descriptors import rle

    try:
        stored = json.loads(parameters).get("mask")
    except (ValueError, AttributeError):
        return None
    if not isinstance(stored, dict):
        return None
    mask = rle.decode(stored["counts"], stored["height"], stored["width"]).astype(np.uint8)
    size = (shape[1], shape[0])
    fitted: Pixels = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    return fitted


def stacked(strips: "Sequence[Pixels]", title: str) -> "Pixels":
    """Strips below each other, under a title."""
    import cv2
    import numpy as np

    edge = 2 * GAP
    width = strips[0].shape[1] + 2 * edge
    sheet = blank(3 * SIZE + len(strips) * (SIDE + GAP) + edge, width)
    cv2.putText(sheet, title, (edge, 2 * SIZE), INK, face(), 2 * SIZE, 700)
    for place, each in enumerate(strips):
        top = 3 * SIZE + place * (SIDE + GAP)
        sheet[top : top + SIDE, edge : width - edge] = each
    return np.ascontiguousarray(sheet)


def write_words(canvas: "Pixels", said: Sequence[Words], left: int) -> int:
    """Set paragraphs from the top of a column; returns the row below the last line."""
    import cv2

    top = 0
    for each in said:
        for line in wrapped(each.text, TEXT - GAP, each.most):
            cv2.putText(canvas, line, (left, top + SIZE), each.rgb, face(), SIZE, 400)
            top += round(1.35 * SIZE)
        top += GAP // 2 if each.text else 0
    return top


def wrapped(text: str, width: int, most: int) -> list[str]:
    """Lines of at most `width` pixels, broken at spaces and between Chinese characters; a cut ends in dots."""
    lines, line = [], ""
    for piece in pieces(" ".join(text.split())):
        if line and length(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    lines += [line.rstrip()] if line.strip() else []
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-2]} ..."]


def pieces(text: str) -> list[str]:
    """Parts between which a line may be broken; no part begins with a closing mark."""
    found = [""]
    for char in text:
        wide = char > CJK and char not in CLOSING
        if wide or (found[-1] and (found[-1][-1] == " " or found[-1][-1] > CJK) and char not in CLOSING):
            found.append("")
        found[-1] += char
    return [each for each in found if each]


def length(text: str) -> int:
    """Width of a line in pixels."""
    import cv2

    return int(cv2.getTextSize((20000, 200), text, (0, 100), face(), SIZE, 400)[2])


@cache
def face() -> Any:
    """The font of OpenCV, which has both scripts."""
    import cv2

    return cv2.FontFace("sans")


def blank(height: int, width: int) -> "Pixels":
    """A sheet of paper."""
    import numpy as np

    paper: Pixels = np.empty((height, width, 3), np.uint8)
    paper[:] = PAPER
    return paper


def put(canvas: "Pixels", pixels: "Pixels", left: int, top: int, side: int) -> None:
    """Lay a picture into the upper middle of a square, cut to what the canvas holds."""
    height, width = (min(size, side) for size in pixels.shape[:2])
    down, across = top, left + (side - width) // 2
    height, width = min(height, canvas.shape[0] - down), min(width, canvas.shape[1] - across)
    if height > 0 and width > 0:
        canvas[down : down + height, across : across + width] = pixels[:height, :width]
