"""Low-rank adapters (Hu et al. 2021) that are trained in place of the weights: an expert refined on few pairs.

They are named as diffusers names them, so that its pipelines load them, too.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.recipe.stage import LoraSettings

NAME = "expert"
PREFIX = "transformer."


def add(model: Any, settings: LoraSettings, *, seed: int) -> None:
    """Add adapters that change nothing yet, and freeze all else; raises ModelError where none fits."""
    peft = _peft()
    # Scale 1, which is what whoever loads adapters without their settings assumes.
    config = peft.LoraConfig(r=settings.rank, lora_alpha=settings.rank, target_modules=list(settings.targets))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            model.add_adapter(config, adapter_name=NAME)
        except ValueError:
            names = ", ".join(settings.targets)
            raise ModelError(f"lora.targets: no layer is called {names} (such as: to_q, to_v)") from None


def is_on(model: Any) -> bool:
    """Whether a model has adapters."""
    return bool(getattr(model, "peft_config", None))


def weights(model: Any) -> dict[str, Tensor]:
    """The adapters' weights, by diffusers' names."""
    found = _peft().get_peft_model_state_dict(model, adapter_name=NAME)
    return {f"{PREFIX}{name}": weight.detach().contiguous() for name, weight in found.items()}


def set_weights(model: Any, found: dict[str, Tensor], place: Path) -> None:
    """Fill the adapters; raises ModelError where weights are missing or of another shape."""
    expected = {name: weight.shape for name, weight in weights(model).items()}
    if expected != {name: weight.shape for name, weight in found.items()}:
        raise ModelError(
            f"{place}: adapters of another model (give the recipe the lora settings of that run)"
        )
    own_names = {name.removeprefix(PREFIX): weight for name, weight in found.items()}
    _peft().set_peft_model_state_dict(model, own_names, adapter_name=NAME)


def load(model: Any, path: Path) -> None:
    """Fill the adapters from a file; raises ModelError where it does not fit."""
    set_weights(model, load_file(path), path)


def _peft() -> Any:
    """Import peft, which brings all of transformers; only runs with adapters need it."""
    torchvision_cpu.install()
    import peft

    return peft
