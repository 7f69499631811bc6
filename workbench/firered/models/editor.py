"""Editors: pictures changed by an instruction. One protocol, loaded by a spec string, fed in batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from firered.errors import ModelError
from firered.models import specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

# Kind of a spec -> the module whose `load(spec, **settings)` makes the editor.
BACKENDS = {
    "embedded": "firered.models.editors.embedded",
    "hf": "firered.models.editors.pipelines",
    "path": "firered.models.editors.pipelines",
    "http": "firered.models.editors.endpoint",
    "https": "firered.models.editors.endpoint",
    "comfyui+http": "firered.models.editors.comfyui",
    "comfyui+https": "firered.models.editors.comfyui",
}


@dataclass(frozen=True)
class EditRequest:
    """One edit that is asked for; the first picture is the one to change, the others are spoken of."""

    images: "tuple[Pixels, ...]"  # (H, W, 3) uint8 RGB, Fig 1 .. Fig n
    instruction: str = ""
    negative: str = ""
    mask: "Mask | None" = None  # (H, W) of the first picture: what may change
    control_image: "Pixels | None" = None  # edges, depth, pose ...
    seed: int = 0
    strength: float | None = None  # 0 nothing .. 1 everything; None: the editor's own
    settings: Mapping[str, Any] = field(default_factory=dict)  # what this editor alone understands


@dataclass(frozen=True)
class EditError:
    """Why one request of a batch came to nothing; the others of the batch are as they would be without it."""

    reason: str
    transient: bool = False  # worth another try later: a full queue, a timeout


class Editor(Protocol):
    """Changes pictures; the same request gives the same pixels wherever the device allows it."""

    name: str
    revision: str  # identity of the weights
    device: str  # cpu, cuda, mps, or remote

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Edit a batch; one answer for each request, in order: (H, W, 3) uint8 RGB, or why there is none."""


def load(spec: str, **settings: Any) -> Editor:
    """Load an editor with its settings (`device`, `dtype` ...); raises ModelError or MissingExtra.

    Specs: `embedded:NAME`, `hf:ID@COMMIT`, `path:FOLDER`, `http://...` and `comfyui+http://...`.
    """
    kind = kind_of(spec)
    try:
        module = import_module(BACKENDS[kind])
    except ModuleNotFoundError as error:
        if error.name != BACKENDS[kind]:
            raise
        raise ModelError(f"editor {spec!r}: no backend for {kind!r} here (one of: embedded:NAME)") from None
    made: Callable[..., Editor] = module.load
    return made(spec, **settings)


def kind_of(spec: str) -> str:
    """Kind of an editor's spec: `embedded`, `hf`, `path`, `http`, `https` or `comfyui+http(s)`."""
    kind, _, rest = spec.partition(":")
    if kind.startswith("comfyui+") and kind in BACKENDS and rest:
        return kind
    return specs.parse(spec).kind


def edit_one(editor: Editor, request: EditRequest) -> "Pixels":
    """Edit one picture; raises ValueError with the reason where the editor gives none."""
    (found,) = editor.edit([request])
    if isinstance(found, EditError):
        raise ValueError(found.reason)
    return found
