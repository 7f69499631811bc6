"""The out folder of a training run: what is in it says how far the run is.

It holds loss.jsonl, checkpoints/, scores.parquet, samples/, model.safetensors (adapter.safetensors where
adapters were trained) and, written last, summary.json.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from firered.errors import RunError
from firered.models.weights import sha256_of
from firered.recipe.stage import StageRecipe
from firered.training import checkpoint, evaluate, journal
from firered.training.data import Manifest
from firered.training.loop import Hook, Learner, Step
from firered.training.model import parameter_count


@dataclass(frozen=True)
class RunFolder:
    """Out folder of one recipe on one manifest."""

    path: Path
    recipe: StageRecipe
    manifest: Manifest

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; waits for a trainer that is at work in it, such as one whose parent was killed."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                journal.tell(f"{self.path}: another trainer is at work here, waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def finished(self) -> dict[str, Any] | None:
        """Return the summary of a finished run; raises RunError where the folder holds another run's."""
        summary = self.path / "summary.json"
        if not summary.exists():
            return None
        found: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))
        for what, value in self._identity().items():
            if found[what] != value:
                raise RunError(f"{self.path}: holds a run with another {what} (give another --out)")
        return found

    def resume(self, learner: Learner) -> None:
        """Bring a learner to the last checkpoint, if there is one."""
        checkpoint.resume(self._checkpoints(), learner, self.recipe, self.manifest.digest)

    def score(self, phase: str, learner: Learner, chosen: evaluate.HeldOut) -> None:
        """Edit and score held-out pairs with the averaged weights, once for each phase; saves samples."""
        known = evaluate.read_scores(self._scores())
        if any(row.phase == phase for row in known):
            return
        journal.tell(f"scoring {len(chosen.pairs)} held-out pairs {phase} training")
        average = learner.average
        with average.swapped_in(learner.model) if average else nullcontext():
            edits = evaluate.edited(self.recipe, learner.model, chosen)
        pictures = {"source": chosen.source, "target": chosen.target, phase: edits}
        evaluate.save_samples(self.path / "samples", self.recipe, chosen, pictures)
        evaluate.write_scores(self._scores(), [*known, *evaluate.scores(phase, edits, chosen)])

    def hooks(self, learner: Learner) -> list[Hook]:
        """Make what is to be done after each step: log, progress, checkpoints."""

        def save(step: Step) -> None:
            if step.step % self.recipe.checkpoint_every == 0 or step.step == self.recipe.steps:
                checkpoint.save(self._checkpoints(), learner, self.recipe, self.manifest.digest)

        return [journal.LossLog(self._log(), done=learner.step), journal.Progress(self.recipe.steps), save]

    def finish(self, learner: Learner) -> dict[str, Any]:
        """Write the weights and the summary, after which the run is finished; returns the summary."""
        name = "adapter.safetensors" if self.recipe.lora else "model.safetensors"
        save_file(checkpoint.trained_weights(learner), self.path / name)
        lines = journal.read_lines(self._log())
        summary = {
            "stage": self.recipe.stage,
            "steps": learner.step,
            "seconds": sum(line["seconds"] for line in lines),
            "parameters": parameter_count(learner.model),
            "train_pairs": len(self.manifest.split("train")),
            **journal.summary(evaluate.read_scores(self._scores())),
            **self._base(),
            **self._identity(),
        }
        journal.write_json(self.path / "summary.json", summary)
        return summary

    def _base(self) -> dict[str, str]:
        """Sha256 of the weights that adapters lie over, without which they mean nothing."""
        weights = self.recipe.model.weights
        return {"base": sha256_of(Path(weights))} if self.recipe.lora and weights else {}

    def _identity(self) -> dict[str, Any]:
        return {"recipe": self.recipe.model_dump(mode="json"), "manifest": self.manifest.digest}

    def _checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def _scores(self) -> Path:
        return self.path / "scores.parquet"

    def _log(self) -> Path:
        return self.path / "loss.jsonl"
