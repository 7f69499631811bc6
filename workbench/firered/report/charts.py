"""Charts: where bars, cuts and curves lie on the paper; the template draws them as SVG.

Coordinates are those of a view box, x to the right and y down, in pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

WIDTH, HEIGHT = 320.0, 96.0  # of a histogram
LEAST = 1.5  # pixels that a bin with anything in it is high


@dataclass(frozen=True)
class Bar:
    """One bin: what is kept below, what is rejected above it."""

    x: float
    width: float
    kept: float  # height
    rejected: float
    title: str


@dataclass(frozen=True)
class Cut:
    """A cut line, and the side that it rejects, shaded."""

    x: float
    value: float
    shade_x: float
    shade_width: float


@dataclass(frozen=True)
class Histogram:
    """Counts by equal bins, with the cuts that fall inside the range."""

    name: str
    bars: list[Bar]
    cuts: list[Cut]
    lowest: float
    highest: float
    total: int
    rejected: int


def histogram(name: str, bins: Sequence[dict[str, Any]], *, count: int, of: str) -> Histogram:
    """Lay out rows with bin, lowest, highest, rejected, low, high (None is no cut) and the column `of`."""
    lowest, highest = bins[0]["lowest"], bins[0]["highest"]
    tallest = max(row[of] for row in bins)
    step = WIDTH / count
    bars = [
        Bar(
            row["bin"] * step + 0.5, step - 1, _height(row[of] - row["rejected"], tallest), _height(row["rejected"], tallest),
            _title(lowest + (highest - lowest) * row["bin"] / count, row[of], row["rejected"]),
        )
        for row in bins
    ]  # fmt: skip
    cuts = _cuts(bins[0]["low"], bins[0]["high"], lowest, highest)
    return Histogram(
        name, bars, cuts, lowest, highest, sum(row[of] for row in bins), sum(row["rejected"] for row in bins)
    )


def _height(value: int, tallest: int) -> float:
    return max(LEAST, HEIGHT * value / tallest) if value else 0.0


def _title(start: float, found: int, rejected: int) -> str:
    return f"from {start:.3g}: {found:,}" + (f", {rejected:,} cut" if rejected else "")


def _cuts(low: float | None, high: float | None, lowest: float, highest: float) -> list[Cut]:
    found = []
    if low is not None and lowest < low <= highest:
        x = WIDTH * (low - lowest) / (highest - lowest)
        found.append(Cut(x, low, 0.0, x))
    if high is not None and lowest <= high < highest:
        x = WIDTH * (high - lowest) / (highest - lowest)
        found.append(Cut(x, high, x, WIDTH - x))
    return found


# --- curves -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Curve:
    """A series as an SVG path, raw and smoothed, with its axes."""

    width: float
    height: float
    raw: str
    smooth: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def curve(
    steps: Sequence[float], values: Sequence[float], *, width: float, height: float, reach: int
) -> Curve:
    """Draw finite values over increasing steps; the smooth one averages `reach` values on both sides."""
    smooth = smoothed(values, reach)
    kept = thinned(len(values), 600)
    x_range, y_range = (steps[0], max(steps[-1], steps[0] + 1)), limits(values, smooth)
    xs = [place(steps[i], x_range, width) for i in kept]
    return Curve(
        width,
        height,
        path(xs, [height - place(clipped(values[i], y_range), y_range, height) for i in kept]),
        path(xs, [height - place(smooth[i], y_range, height) for i in kept]),
        [
            Tick(place(tick, x_range, width), f"{tick:,.0f}")
            for tick in ticks(*x_range, 6)
            if tick == int(tick)
        ],
        [Tick(height - place(tick, y_range, height), f"{tick:.4g}") for tick in ticks(*y_range, 4)],
    )


def limits(values: Sequence[float], smooth: Sequence[float]) -> tuple[float, float]:
    """Range of an axis that holds zero and the smooth values, and all of the raw ones but the wildest."""
    # One wild value must not flatten the rest: the ends are the 0.5th and 99.5th percentile.
    ordered = sorted(values)
    low = min(0.0, ordered[len(values) // 200], *smooth)
    high = max(0.0, ordered[-1 - len(values) // 200], *smooth)
    return low, high + 0.02 * (high - low) if high > low else low + 1.0


def smoothed(values: Sequence[float], reach: int) -> list[float]:
    """Mean of each value and its neighbours up to `reach` on both sides, fewer towards the ends."""
    sums = [0.0, *accumulate(values)]
    made = []
    for i in range(len(values)):
        near = min(reach, i, len(values) - 1 - i)
        made.append((sums[i + near + 1] - sums[i - near]) / (2 * near + 1))
    return made


def thinned(count: int, most: int) -> list[int]:
    """At most `most` places out of `count`, evenly, with the first and the last."""
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def place(value: float, within: tuple[float, float], length: float) -> float:
    """Where a value of a range lies on an axis of this length."""
    low, high = within
    return length * (value - low) / (high - low)


def clipped(value: float, within: tuple[float, float]) -> float:
    """The value, or the end of the range that it lies beyond."""
    return min(max(value, within[0]), within[1])


def path(xs: Sequence[float], ys: Sequence[float]) -> str:
    """SVG path through these points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within a range, at most `most` + 1 of them."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


# --- before and after ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dumbbell:
    """Three values of one line on a shared scale: copy, before, after."""

    copy: float | None
    before: float | None
    after: float | None


def dumbbells(rows: Sequence[dict[str, Any]], *, width: float) -> tuple[list[Dumbbell], tuple[float, float]]:
    """Lay out psnr_copy, psnr_before and psnr_after of each row; returns them and the range of the scale."""
    names = ("psnr_copy", "psnr_before", "psnr_after")
    found = [row[name] for row in rows for name in names if row[name] is not None]
    within = (math.floor(min(found, default=0)), math.ceil(max(found, default=1)) + 1)
    lines = [
        Dumbbell(*(None if row[name] is None else place(row[name], within, width) for name in names))
        for row in rows
    ]
    return lines, within
