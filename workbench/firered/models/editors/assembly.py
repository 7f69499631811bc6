"""A diffusers pipeline put together: class, weights, ControlNet, LoRA, device; what of it makes its revision."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.models.places import device_named, dtype_named, place_of
from firered.models.settings import Settings
from firered.models.weights import check_weights, sha256_of

INDEX = "model_index.json"


class Lora(Settings):
    """Adapters that are laid over the weights."""

    spec: str = Field(description="hf:ID@COMMIT, path:FOLDER or path:FILE.safetensors")
    weight: float = Field(default=1.0, description="how strongly it counts")
    file: str = Field(default="", description="file in the folder, where it has several")


class PipelineSettings(Settings):
    """Settings of a pipeline."""

    pipeline: str = Field(default="", description="class in diffusers; empty: the one that the folder names")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="numbers of the weights; auto: bfloat16 on a GPU, float32 elsewhere"
    )
    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:1, mps")
    offload: Literal["none", "model", "sequential"] = Field(
        default="none", description="keep in the GPU what is at work only: whole models, or single layers"
    )
    batch: int = Field(default=1, ge=1, description="requests in a call, where the pipeline takes several")
    steps: int | None = Field(default=None, ge=1, description="denoising steps; none: the pipeline's own")
    guidance: float | None = Field(default=None, description="guidance_scale; none: the pipeline's own")
    true_guidance: float | None = Field(default=None, description="true_cfg_scale; none: the pipeline's own")
    arguments: dict[str, Any] = Field(default={}, description="further arguments of the pipeline's call")
    lora: tuple[Lora, ...] = Field(default=(), description="adapters, in order")
    controlnet: str = Field(default="", description="hf:ID@COMMIT or path:FOLDER of a ControlNet")
    max_side: int = Field(default=1024, ge=16, description="longest side that the pipeline sees, in pixels")
    multiple: int = Field(
        default=0, ge=0, description="sides are multiples of it; 0: twice the autoencoder's"
    )
    keep_size: bool = Field(default=True, description="bring the answer to the size of the source")

    def call_arguments(self) -> dict[str, Any]:
        """Arguments of every call, by diffusers' names."""
        named = {
            "num_inference_steps": self.steps,
            "guidance_scale": self.guidance,
            "true_cfg_scale": self.true_guidance,
        }
        return {**{name: value for name, value in named.items() if value is not None}, **self.arguments}


@dataclass(frozen=True)
class Assembled:
    """A pipeline ready to be called."""

    pipeline: Any
    name: str  # of its class
    revision: str
    device: str


def device_of(settings: PipelineSettings) -> str:
    """Device of the settings; raises ModelError for one that is not there, or for offload without a GPU."""
    chosen = device_named(settings.device)
    if settings.offload != "none" and not chosen.startswith("cuda"):
        raise ModelError(f"offload {settings.offload!r}: needs a GPU, the device is {chosen} (offload: none)")
    return chosen


def assembled(spec: str, folder: Path, commit: str, settings: PipelineSettings, device: str) -> Assembled:
    """Load a pipeline from a folder with all that its settings lay over it; only safetensors are opened."""
    kind = _class(settings.pipeline or _named_in(folder, spec))
    dtype = dtype_named(settings.dtype, device)
    parts: dict[str, Any] = {}
    revision = [commit[:12] or digest(folder, spec)]
    if settings.controlnet:
        parts["controlnet"], its_revision = _controlnet(settings.controlnet, dtype)
        revision.append(its_revision)
    pipeline = _loaded(kind, folder, spec, dtype=dtype, **parts)
    revision += [_with_lora(pipeline, lora, number) for number, lora in enumerate(settings.lora)]
    if settings.lora:
        names = [f"lora{number}" for number in range(len(settings.lora))]
        pipeline.set_adapters(names, [lora.weight for lora in settings.lora])
    pipeline.set_progress_bar_config(disable=True)
    _put(pipeline, settings.offload, device)
    return Assembled(pipeline, kind.__name__, "+".join(revision), device)


def digest(path: Path, spec: str) -> str:
    """First 12 digits of the sha256 over names and contents of all weights and settings below a folder.

    Raises ModelError where there are no safetensors; other weights are not opened.
    """
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    counted = [each for each in files if each.suffix in (".safetensors", ".json", ".txt", ".model")]
    if not any(each.suffix == ".safetensors" for each in counted):
        raise ModelError(f"model {spec!r}: no .safetensors there (other weights are not opened)")
    total = hashlib.sha256()
    for each in counted:
        if each.suffix == ".safetensors":
            check_weights(each, None)
        name = each.name if path.is_file() else each.relative_to(path).as_posix()
        total.update(f"{name} {sha256_of(each)}\n".encode())
    return total.hexdigest()[:12]


def _library() -> Any:
    torchvision_cpu.install()
    import diffusers
    import transformers

    # They would draw bars over the lines of progress.
    for each in (diffusers, transformers):
        each.utils.logging.disable_progress_bar()
    return diffusers


def _class(name: str) -> type:
    library = _library()
    found = getattr(library, name, None)
    if not isinstance(found, type) or not issubclass(found, library.DiffusionPipeline):
        likely = [
            each
            for each in dir(library)
            if each.endswith("Pipeline") and ("Edit" in each or "Inpaint" in each)
        ]
        raise ModelError(
            f"pipeline {name!r}: not in diffusers {library.__version__} (such as: {', '.join(likely[:12])})"
        )
    return found


def _named_in(folder: Path, spec: str) -> str:
    try:
        return str(json.loads((folder / INDEX).read_text(encoding="utf-8"))["_class_name"])
    except FileNotFoundError:
        raise ModelError(
            f"editor {spec!r}: no {INDEX} there (a folder of a diffusers pipeline, or of a training run)"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"editor {spec!r}: {INDEX} names no class (set pipeline)") from None


def _loaded(kind: Any, folder: Path, what: str, **settings: Any) -> Any:
    try:
        return kind.from_pretrained(folder, local_files_only=True, use_safetensors=True, **settings)
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError, ImportError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"model {what!r}: {kind.__name__}: {reason} (is it of this class and whole?)"
        ) from None


def _controlnet(spec: str, dtype: Any) -> tuple[Any, str]:
    folder, commit = place_of(spec, what="controlnet")
    try:
        name = str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(f"controlnet {spec!r}: no config.json that names its class") from None
    kind = getattr(_library(), name, None)
    if not isinstance(kind, type) or "ControlNet" not in name:
        raise ModelError(f"controlnet {spec!r}: {name!r} is no ControlNet of diffusers")
    return _loaded(kind, folder, spec, dtype=dtype), commit[:12] or digest(folder, spec)


def _with_lora(pipeline: Any, lora: Lora, number: int) -> str:
    """Lay adapters over a pipeline; returns their revision, the weight included."""
    adapter = f"lora{number}"
    path, commit = place_of(lora.spec, what="lora")
    if not hasattr(pipeline, "load_lora_weights"):
        raise ModelError(f"lora {lora.spec!r}: {type(pipeline).__name__} takes none")
    file = path / lora.file if lora.file else _only_weights(path, lora.spec)
    revision = commit[:12] or digest(file, lora.spec)
    try:
        pipeline.load_lora_weights(
            file.parent, weight_name=file.name, adapter_name=adapter, local_files_only=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"lora {lora.spec!r}: {reason} (trained for this model?)") from None
    # Adapters whose names match nothing are passed over in silence.
    if not any(adapter in names for names in pipeline.get_list_adapters().values()):
        raise ModelError(
            f"lora {lora.spec!r}: nothing in it fits {type(pipeline).__name__} (trained for this model?)"
        )
    return f"{revision}@{lora.weight:g}"


def _only_weights(path: Path, spec: str) -> Path:
    if path.is_file():
        return path
    found = sorted(path.glob("*.safetensors"))
    if len(found) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise ModelError(f"lora {spec!r}: needs one .safetensors, has {names} (set file)")
    return found[0]


def _put(pipeline: Any, offload: str, device: str) -> None:
    if offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.to(device)
