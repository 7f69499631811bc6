"""What a training run left behind: its loss, and the edits it tried before and after."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firered.catalog import Catalog
from firered.report.album import uri_of_file
from firered.report.charts import Curve, Dumbbell, curve, dumbbells

SIDES = ("source", "target", "before", "after")
SCALE = 260.0  # pixels of the scale of decibels


@dataclass(frozen=True)
class Sample:
    """The four pictures of one held-out pair, as data URIs."""

    pair_id: int
    task: str
    subtask: str
    text: str
    pictures: dict[str, str]  # by side


@dataclass(frozen=True)
class Learning:
    """The latest training run."""

    name: str
    steps: int
    seconds: float
    first_loss: float | None  # means of the first and the last tenth
    last_loss: float | None
    loss: Curve | None
    rate: Curve | None
    gains: list[tuple[dict[str, Any], Dumbbell]]  # by task
    overall: dict[str, Any] | None
    scale: tuple[float, float]  # dB at the ends of the dumbbells
    samples: list[Sample]

    @property
    def gain(self) -> float | None:
        """Decibels won by training, over all held-out pairs."""
        return self._after_less("psnr_before")

    @property
    def over_copy(self) -> float | None:
        """Decibels above copying the source unchanged; below 0 the model does worse than nothing."""
        return self._after_less("psnr_copy")

    def _after_less(self, bar: str) -> float | None:
        if not self.overall or None in (self.overall[bar], self.overall["psnr_after"]):
            return None
        return float(self.overall["psnr_after"] - self.overall[bar])


def latest(catalog: Catalog) -> Learning | None:
    """The training run that was written last; None where nothing was trained."""
    logs = sorted((catalog.root / "runs").glob("*/loss.jsonl"), key=lambda path: path.stat().st_mtime)
    scored = [row["run_name"] for row in catalog.query("training_runs").to_pylist()]
    names = [*(path.parent.name for path in reversed(logs)), *scored]
    return learning(catalog, names[0]) if names else None


def learning(catalog: Catalog, name: str) -> Learning:
    """All that is known of a training run."""
    folder = catalog.root / "runs" / name
    log = read_log(folder / "loss.jsonl")
    losses = [line["loss"] for line in log]
    rows = catalog.query("edit_gains", run_name=name).to_pylist()
    lines, scale = dumbbells(rows, width=SCALE)
    tenth = max(1, len(losses) // 10)
    return Learning(
        name=name,
        steps=int(log[-1]["step"]) if log else 0,
        seconds=sum(line.get("seconds", 0.0) for line in log),
        first_loss=mean(losses[:tenth]),
        last_loss=mean(losses[-tenth:]),
        loss=series(log, "loss", height=200.0, reach=len(log) // 60),
        rate=series(log, "lr", height=60.0, reach=0),
        gains=[(row, line) for row, line in zip(rows, lines, strict=True) if row["task"] is not None],
        overall=next((row for row in rows if row["task"] is None), None),
        scale=scale,
        samples=samples(catalog, folder / "samples"),
    )


def read_log(path: Path) -> list[dict[str, Any]]:
    """Lines of a log by increasing step; a step that was repeated after a resume counts once, the last time."""
    lines: dict[int, dict[str, Any]] = {}
    if path.is_file():
        for text in path.read_text(encoding="utf-8").splitlines():
            line = parsed(text)
            if line is not None:
                lines[line["step"]] = line
    return [lines[step] for step in sorted(lines)]


def parsed(text: str) -> dict[str, Any] | None:
    """A line with a step and a finite loss; None for others, such as a last line that was cut off."""
    try:
        line = json.loads(text)
        return line if line["step"] >= 0 and math.isfinite(line["loss"]) else None
    except (ValueError, TypeError, KeyError):
        return None


def series(log: Sequence[dict[str, Any]], name: str, *, height: float, reach: int) -> Curve | None:
    """Curve of one column over the steps; None where there are not two values."""
    found = [(float(line["step"]), float(line[name])) for line in log if line.get(name) is not None]
    if len(found) < 2:
        return None
    steps, values = zip(*found, strict=True)
    return curve(steps, values, width=960.0, height=height, reach=reach)


def mean(values: Sequence[float]) -> float | None:
    """Mean; None of nothing."""
    return sum(values) / len(values) if values else None


def samples(catalog: Catalog, folder: Path) -> list[Sample]:
    """Sample edits, the pairs whose four pictures are all there."""
    known = {
        row["pair_id"]: row for row in catalog.query("sampled_pairs", pair_ids=pair_ids(folder)).to_pylist()
    }
    found = []
    for pair_id in pair_ids(folder):
        pictures = {side: uri_of_file(folder / f"{pair_id}_{side}.png") for side in SIDES}
        whole = {side: uri for side, uri in pictures.items() if uri is not None}
        about = known.get(pair_id, {"task": "", "subtask": "", "text": None})
        if len(whole) == len(SIDES):
            found.append(Sample(pair_id, about["task"], about["subtask"], about["text"] or "", whole))
    return found


def pair_ids(folder: Path) -> list[int]:
    """Pairs that have a sample edit."""
    names = (path.name.partition("_")[0] for path in folder.glob("*_after.png"))
    return sorted(int(name) for name in names if name.isdigit())
