"""Checkpoints: whole or not there, exact to the bit, the last two kept."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from firered.errors import RunError
from firered.recipe.stage import StageRecipe
from firered.training import lora
from firered.training.loop import Learner

KEPT = 2


def save(folder: Path, learner: Learner, recipe: StageRecipe, manifest: str) -> Path:
    """Save everything needed to go on as if nothing had happened; `manifest` is its digest."""
    final = folder / f"step-{learner.step:08d}"
    if final.exists():
        return final
    temporary = folder / f".{final.name}.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file(_state(learner.model), temporary / "model.safetensors")
    save_file(_flat_optimizer(learner.optimizer), temporary / "optimizer.safetensors")
    if learner.average:
        weights = {str(index): weight for index, weight in enumerate(learner.average.weights)}
        save_file(weights, temporary / "average.safetensors")
    state = {
        "step": learner.step,
        "average_updates": learner.average.updates if learner.average else None,
        "manifest": manifest,
        "recipe": recipe.model_dump(mode="json"),
    }
    (temporary / "state.json").write_text(json.dumps(state, indent=1), encoding="utf-8")
    _to_disk(temporary)
    # The rename is what makes the checkpoint exist.
    temporary.rename(final)
    _sync(folder)
    _prune(folder)
    return final


def resume(folder: Path, learner: Learner, recipe: StageRecipe, manifest: str) -> None:
    """Bring a learner to its last checkpoint, if there is one.

    Raises RunError where that was made with another recipe or manifest.
    """
    saved = saved_steps(folder)
    if not saved:
        return
    path = saved[-1]
    state = json.loads((path / "state.json").read_text(encoding="utf-8"))
    now = {"recipe": recipe.model_dump(mode="json"), "manifest": manifest}
    for what, value in now.items():
        if state[what] != value:
            raise RunError(f"{path}: made with another {what} (give another --out, or remove this folder)")
    _fill(learner.model, path / "model.safetensors")
    _fill_optimizer(learner.optimizer, load_file(path / "optimizer.safetensors"))
    if learner.average:
        weights = load_file(path / "average.safetensors")
        learner.average.weights = [weights[str(index)] for index in range(len(weights))]
        learner.average.updates = state["average_updates"]
    learner.step = state["step"]


def saved_steps(folder: Path) -> list[Path]:
    """Whole checkpoints in a folder, the oldest first."""
    return sorted(folder.glob("step-*"))


def trained_weights(learner: Learner) -> dict[str, Tensor]:
    """Weights to hand on: the moving average where there is one."""
    if not learner.average:
        return _state(learner.model)
    with learner.average.swapped_in(learner.model):
        return {name: weight.clone() for name, weight in _state(learner.model).items()}


def _state(model: Any) -> dict[str, Tensor]:
    """Weights that training changes: the adapters alone where there are any, else the whole model."""
    if lora.is_on(model):
        return lora.weights(model)
    return {name: weight.contiguous() for name, weight in model.state_dict().items()}


def _fill(model: Any, path: Path) -> None:
    if lora.is_on(model):
        lora.load(model, path)
    else:
        model.load_state_dict(load_file(path))


def _flat_optimizer(optimizer: Any) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, values in state.items() for name, value in values.items()}


def _fill_optimizer(optimizer: Any, flat: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in flat.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _to_disk(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(folder: Path) -> None:
    for old in saved_steps(folder)[:-KEPT]:
        shutil.rmtree(old)
    for unfinished in folder.glob(".step-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
