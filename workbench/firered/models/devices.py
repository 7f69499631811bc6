"""Devices that models can run on here."""

import importlib.util
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """A device; memory in GB, 0 where it is not known, cores 0 for a GPU."""

    kind: str  # cuda mps cpu
    name: str
    memory: float
    cores: int = 0


def devices() -> list[Device]:
    """List the GPUs that torch can use, the processor last; imports torch, which may take seconds."""
    return [*_gpus(), Device("cpu", "processor", _memory(), _cores())]


def _gpus() -> list[Device]:
    if importlib.util.find_spec("torch") is None:
        return []
    import torch

    if torch.backends.mps.is_available():
        return [Device("mps", "Apple GPU", _memory())]
    found = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
    return [Device("cuda", card.name, round(card.total_memory / 1e9, 1)) for card in found]


def _memory() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def _cores() -> int:
    # macOS has no affinity.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
