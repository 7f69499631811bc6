"""Where a model of the user's is, on which device it runs, in which numbers: what all big models share."""

from pathlib import Path
from typing import Any

from firered.errors import ModelError
from firered.models import registry, specs


def place_of(spec: str, *, what: str) -> tuple[Path, str]:
    """Folder or file of a spec, and its commit where it has one; raises ModelError where it is not there."""
    parsed = specs.parse(spec)
    if parsed.kind == "path":
        path = Path(parsed.name)
        if not path.exists():
            raise ModelError(f"{what} {spec!r}: no such folder (path:FOLDER)")
        return path, ""
    if parsed.kind != "hf":
        raise ModelError(f"{what} {spec!r}: cannot be loaded as weights (hf:ID@COMMIT or path:FOLDER)")
    entry = registry.entry(spec)
    if registry.state(entry) != "installed":
        raise ModelError(f"{what} {spec!r}: {registry.state(entry)} (firered models install {spec})")
    return registry.where(entry), parsed.revision


def device_named(name: str) -> str:
    """Device of a name, `auto` the best one here; raises ModelError for a GPU that is not there."""
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"device {name!r}: torch sees no such GPU here (device: cpu)")
    return name


def dtype_named(name: str, device: str) -> Any:
    """Torch's dtype of a name; `auto` is bfloat16 on a GPU and float32 elsewhere."""
    import torch

    # Processors compute bfloat16 slower than float32, and not the same everywhere.
    chosen = name if name != "auto" else "bfloat16" if device.startswith("cuda") else "float32"
    return getattr(torch, chosen)
