"""What a training run writes down: a line for each step, progress, and the summary at the end."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any

from firered.training.evaluate import PairScore
from firered.training.loop import Step

TOLD_EVERY = 10.0  # seconds of work between lines of progress


class LossLog:
    """`loss.jsonl`: one line a step, none twice however often the run was cut short."""

    def __init__(self, path: Path, *, done: int) -> None:
        """Open the log of a run that goes on after `done` steps; later lines are dropped."""
        self.path = path
        kept = [line for line in read_lines(path) if line["step"] <= done]
        temporary = path.with_name(f".{path.name}")
        temporary.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        temporary.replace(path)

    def __call__(self, step: Step) -> None:
        """Add the line of a step."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the whole lines of a log; one that a crash cut short is left out."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Progress:
    """Tells on stderr how far the run is, every few seconds and at the end."""

    def __init__(self, steps: int) -> None:
        """Count towards a number of steps."""
        self.steps = steps
        self.untold = 0.0
        self.pace: float | None = None  # seconds a step, smoothed

    def __call__(self, step: Step) -> None:
        """Take note of a step."""
        self.pace = step.seconds if self.pace is None else 0.9 * self.pace + 0.1 * step.seconds
        self.untold += step.seconds
        if self.untold >= TOLD_EVERY or step.step == self.steps:
            self.untold = 0.0
            left = (self.steps - step.step) * self.pace
            tell(
                f"step {step.step}/{self.steps}  loss {step.loss:.4f}  {1 / max(self.pace, 1e-9):.2f} steps/s  "
                f"{left:.0f} s left"
            )


def tell(line: str) -> None:
    """Write a line of progress to stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def summary(rows: Sequence[PairScore]) -> dict[str, Any]:
    """Sum up scores of both phases: all pairs together, and each task."""
    tasks = sorted({row.task for row in rows})
    return {
        **means(rows),
        "tasks": {task: means([row for row in rows if row.task == task]) for task in tasks},
    }


def means(rows: Sequence[PairScore]) -> dict[str, Any]:
    """Mean PSNR (dB) before, after and of copying, and the share of edits followed."""
    before, after = ([row for row in rows if row.phase == phase] for phase in ("before", "after"))
    chances = [row.chance for row in after if row.chance is not None]
    return {
        "pairs": len(after),
        "psnr_before": fmean(row.psnr for row in before),
        "psnr_after": fmean(row.psnr for row in after),
        "psnr_copy": fmean(row.psnr_copy for row in after),
        "gain_over_copy": fmean(row.psnr - row.psnr_copy for row in after),
        "followed_before": share_followed(before),
        "followed_after": share_followed(after),
        "followed_chance": fmean(chances) if chances else None,
    }


def share_followed(rows: Sequence[PairScore]) -> float | None:
    """Share of edits followed, among the pairs for which that can be told."""
    told = [float(row.followed) for row in rows if row.followed is not None]
    return fmean(told) if told else None


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON, whole or not at all."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(path)
