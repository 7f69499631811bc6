"""Bars of one colour along the edges: letterbox, pillarbox and frames, Sec. 2.2.3.

A bar is plain from the edge inwards and ends, over its whole length, in a straight sharp edge. The second
half of that is what a studio background or a night sky does not do.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Sides = tuple[float, float, float, float]  # left, top, right, bottom

DIFFERENT = 14  # grey levels in any channel; JPEG noise beside an edge mostly stays below
DRIFT = 7  # grey levels that a bar stays below, but for the lines beside its end; a sky does not
PLAIN = 0.04  # share of a line that may differ within a bar: dust, noise
JUMP = 0.4  # share of a line that must start to differ where the bar ends
PARTNER = 0.12  # the same, where the opposite bar is as wide and certain
STEP = 3  # lines; an edge that was resized is two lines wide
RINGING = 8  # lines before the end that JPEG blocks may disturb
DISTURBED = 0.3  # share of a line that may differ there
SEGMENTS = 8  # of the bar's length
BEGUN = 0.15  # share of a segment that differs where the picture begins
HELD = 6  # segments in which it must


def bars(pixels: "Pixels") -> Sides:
    """Widths of the bars of (H, W, 3) uint8 pixels: left, top, right, bottom, relative, 0..1."""
    views = turned(pixels)
    plain = [plain_lines(view, edge_color(view)) for view in views]
    deep = [ended(view, plain, side, plain, (JUMP, HELD)) for side, view in enumerate(views)]
    for side, other in enumerate((2, 3, 0, 1)):
        if not deep[side] and deep[other] and abs(plain[side] - deep[other]) <= RINGING:
            deep[side] = ended(views[side], plain, side, plain, (PARTNER, 1))
    # An object on a plain ground ends straight over its own length; a bar over all that is no bar
    whole = [
        ended(view, plain, side, deep, (PARTNER, 1)) if deep[side] else 0 for side, view in enumerate(views)
    ]
    left, top, right, bottom = (lines / len(view) for lines, view in zip(whole, views, strict=True))
    return left, top, right, bottom


def turned(pixels: "Pixels") -> list["Pixels"]:
    """Views of (H, W, 3) pixels as (lines, length, 3): the first line is the left, top, right, bottom edge."""
    across = pixels.transpose(1, 0, 2)
    return [across, pixels, across[::-1], pixels[::-1]]


def edge_color(view: "Pixels") -> "Pixels":
    """Median color (3,) of the outermost line."""
    return np.asarray(np.median(view[0], axis=0), np.uint8)


def ended(view: "Pixels", plain: list[int], side: int, outside: list[int], needed: tuple[float, int]) -> int:
    """Lines of the bar of a side, 0 where none ends in a straight edge.

    `plain` are the plain lines of all sides, `outside` the lines of the others that this one does not cross,
    `needed` the share of its length that starts to differ and the segments that do.
    """
    lines, length = view.shape[:2]
    across = 1 - side % 2
    start, stop = outside[across], length - outside[across + 2]
    if not 0 < plain[side] < lines // 2 or stop - start < SEGMENTS:
        return 0
    first = max(0, plain[side] - RINGING)
    near, color = view[first : plain[side] + RINGING + STEP, start:stop], edge_color(view)
    if differing(near[:1], color, DRIFT, 1)[0, 0] > DISTURBED:
        return 0
    found = _end(differing(near, color, DIFFERENT, SEGMENTS), *needed)
    return int(first + found) if found else 0


def _end(shares: "NDArray[np.float32]", jump: float, held: int) -> int:
    """Line at which most of (lines, SEGMENTS) shares start to differ, 0 where there is none."""
    share = shares.mean(axis=1)
    rise = share[STEP:] - share[:-STEP]
    before = int(np.argmax(rise))
    after = before + STEP
    if rise[before] < jump or share[: before + 1].max() > DISTURBED:
        return 0
    if (shares[after] > BEGUN).sum() < held:
        return 0
    steepest: int = np.argmax(np.diff(share[before : after + 1])).item()
    return before + 1 + steepest


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def plain_lines(view: "Pixels", color: "Pixels") -> int:
    """Lines from the first of (lines, length, 3) pixels on that have the colour but for a PLAIN share."""
    lines, length = int(view.shape[0]), int(view.shape[1])
    allowed = int(PLAIN * length)
    for line in range(lines):
        count = 0
        for place in range(length):
            count += _differs(view[line, place], color, DIFFERENT)
            if count > allowed:
                return line
    return lines


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def differing(view: "Pixels", color: "Pixels", limit: int, segments: int) -> Any:
    """Share of each segment of each line that is over `limit` levels from the colour, (lines, segments)."""
    lines, length = view.shape[:2]
    shares = np.zeros((lines, segments), np.float32)
    for line in range(lines):
        for place in range(length):
            shares[line, place * segments // length] += _differs(view[line, place], color, limit)
    return shares * np.float32(segments / length)


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def _differs(pixel: "Pixels", color: "Pixels", limit: int) -> Any:
    red = abs(np.int16(pixel[0]) - np.int16(color[0])) > limit
    green = abs(np.int16(pixel[1]) - np.int16(color[1])) > limit
    blue = abs(np.int16(pixel[2]) - np.int16(color[2])) > limit
    return red or green or blue
