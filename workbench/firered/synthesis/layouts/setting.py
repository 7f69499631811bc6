"""Setting of text: broken into lines that fit, in the largest size up to the asked one."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from firered.synthesis.layouts.shaper import Shaped, shape
from firered.synthesis.layouts.typefaces import has_letters
from firered.templating.filters import Language

SMALLEST = {"en": 10, "zh": 14}  # pixels to the em below which letters do not read
_SHRUNK = 0.6  # smallest share of the asked size
_BREAKS = "，。！？、；：,.!?;:%）)"  # never first in a line


@dataclass(frozen=True)
class Setting:
    """Lines of a text in one size, pixels."""

    size: int
    lines: tuple[Shaped, ...]
    width: float
    fit: float  # share of the asked size


def set_text(
    text: str, path: Path, asked: float, room: float, *, count: int, language: Language, most: float = 1.0
) -> Setting:
    """Set a text in at most `count` lines of at most `room` pixels; `asked` is the size, `most` a share of it.

    Raises ValueError where it would have to be smaller than is legible.
    """
    if not has_letters(path, text):
        raise ValueError(f"{path.name}: lacks letters of {text!r}")
    least = max(SMALLEST[language], _SHRUNK * asked)
    full, size = round(asked), round(asked * most)
    while size >= least:
        lines = broken(text, path, size, room, count)
        if lines:
            width = max(line.advance for line in lines)
            return Setting(size, lines, width, 1.0 if size >= full else size / asked)
        size = min(size - 1, round(size * 0.96))
    raise ValueError(f"too small for {text!r}: {room:.0f} pixels wide, letters of {asked:.0f} pixels")


@lru_cache(2048)
def broken(text: str, path: Path, size: int, room: float, count: int) -> tuple[Shaped, ...]:
    """Lines of nearly equal length, as few as fit into `room` pixels; () where `count` lines are not enough."""
    whole = shape(path, size, text)
    if whole.advance <= room:
        return (whole,)
    if count == 1 or len(text) < 8:
        return ()
    lines = _greedy(text, path, size, room)
    if not lines or len(lines) > count:
        return ()
    for step in range(1, 20):
        narrower = _greedy(text, path, size, room * (1 - step / 20))
        if not narrower or len(narrower) > len(lines):
            break
        lines = narrower
    return tuple(lines)


def _greedy(text: str, path: Path, size: int, room: float) -> list[Shaped]:
    """Lines filled one after the other; [] where a single part is wider than the room."""
    lines: list[Shaped] = []
    current = ""
    for part in _parts(text):
        if shape(path, size, part.strip()).advance > room:
            return []
        if current and shape(path, size, (current + part).rstrip()).advance > room:
            lines.append(shape(path, size, current.strip()))
            current = part.lstrip()
        else:
            current += part
    return [*lines, shape(path, size, current.strip())]


def _parts(text: str) -> list[str]:
    """Words with the space before them; single characters of Chinese, with the punctuation after them."""
    parts: list[str] = []
    for char in text:
        glued = parts and (char in _BREAKS or (not _han(char) and char != " " and not _han(parts[-1][-1])))
        if glued:
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _han(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or char in _BREAKS[:7]
