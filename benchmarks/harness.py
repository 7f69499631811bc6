"""Fair comparison: each round gives every method the same items, in a shuffled order; CPU seconds, ratios."""

import json
import os
import random
import resource
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Timing:
    """CPU seconds of a method by round."""

    name: str
    items: int  # in a round
    seconds: list[float]

    @property
    def milliseconds(self) -> float:
        """Median CPU milliseconds an item."""
        return statistics.median(self.seconds) / self.items * 1000

    def ratio(self, floor: "Timing") -> tuple[float, float, float]:
        """Tenth percentile, median and ninetieth percentile of the ratio to another method, round by round."""
        ratios = sorted(mine / theirs for mine, theirs in zip(self.seconds, floor.seconds, strict=True))
        return ratios[len(ratios) // 10], statistics.median(ratios), ratios[-1 - len(ratios) // 10]


def cpu_seconds() -> float:
    """CPU seconds of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def bench(
    methods: Mapping[str, Callable[[Any], object]],
    items: Sequence[Any],
    rounds: int,
    pictures: int | None = None,
) -> list[Timing]:
    """Run every method over all items in each round; the first round only warms up.

    `pictures` is how many the items hold, where an item is a whole folder.
    """
    order = random.Random(0)
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for turn in range(rounds + 1):
        for name in order.sample(list(methods), len(methods)):
            before = cpu_seconds()
            for item in items:
                methods[name](item)
            if turn:
                seconds[name].append(cpu_seconds() - before)
    return [Timing(name, pictures or len(items), taken) for name, taken in seconds.items()]


def net(name: str, whole: Timing, start: Timing) -> Timing:
    """Time of a program without its start, round by round."""
    seconds = [mine - other for mine, other in zip(whole.seconds, start.seconds, strict=True)]
    return Timing(name, whole.items, seconds)


def show(
    title: str,
    timings: Sequence[Timing],
    floor: str,
    out: Path | None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Print a table against the floor, and write it as JSON, with what is `extra`, where `out` is given."""
    base = next(timing for timing in timings if timing.name == floor)
    print(f"{title} (load {os.getloadavg()[0]:.1f})")
    print(f"{'method':<34} {'ms':>8} {'per CPU-s':>10} {'x floor':>8}  p10..p90")
    lines = []
    for timing in timings:
        low, middle, high = timing.ratio(base)
        print(
            f"{timing.name:<34} {timing.milliseconds:>8.2f} {1000 / timing.milliseconds:>10.0f} {middle:>8.2f}  {low:.2f}..{high:.2f}"
        )
        lines.append(
            {"method": timing.name, "ms": timing.milliseconds, "ratio": middle, "p10": low, "p90": high}
        )
    if out:
        out.write_text(
            json.dumps({"title": title, "floor": floor, "methods": lines, **(extra or {})}, indent=2),
            encoding="utf-8",
        )
