"""Encoders in transformers' format: SigLIP and CLIP (pictures and texts), DINO and the like (pictures)."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.models.encoder import refuse, unit_length
from firered.models.weights import check_weights, sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]


class CheckpointEncoder:
    """A transformers model in a folder, on the GPU where there is one; only safetensors are opened."""

    def __init__(self, folder: Path, *, name: str, revision: str) -> None:
        self.name = name
        self.revision = revision
        self._folder = folder
        self._library = _transformers()
        self._device = _device()
        self._model = self._loaded("AutoModel", use_safetensors=True).eval().to(self._device)
        self._image_processor: Any = None
        self._tokenizer: Any = None

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Vectors (B, D) float32 of unit length; raises ModelError for a model without a text tower."""
        if not hasattr(self._model, "get_text_features"):
            raise refuse(self.name, "texts")
        self._tokenizer = self._tokenizer or self._loaded("AutoTokenizer")
        # SigLIP was trained on texts padded to full length and means nothing else by them.
        siglip = self._model.config.model_type.startswith("siglip")
        padding = "max_length" if siglip else True
        length = self._model.config.text_config.max_position_embeddings
        inputs = self._tokenizer(
            list(texts), padding=padding, truncation=True, max_length=length, return_tensors="pt"
        )
        return self._vectors(self._model.get_text_features, inputs)

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, D) float32 of unit length, of pixels (H, W, 3) uint8 RGB of any size."""
        self._image_processor = self._image_processor or self._loaded("AutoImageProcessor")
        inputs = self._image_processor(images=list(images), return_tensors="pt")
        return self._vectors(getattr(self._model, "get_image_features", self._model), inputs)

    def _vectors(self, compute: Any, inputs: Any) -> "Vectors":
        import torch

        with torch.inference_mode():
            found = _pooled(compute(**inputs.to(self._device)))
        return unit_length(found.float().cpu().numpy())

    def _loaded(self, kind: str, *, use_safetensors: bool | None = None) -> Any:
        settings = {} if use_safetensors is None else {"use_safetensors": use_safetensors}
        try:
            return getattr(self._library, kind).from_pretrained(
                self._folder, local_files_only=True, **settings
            )
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise ModelError(f"encoder {self.name!r}: {reason} (a folder of a transformers model)") from None


def digest(folder: Path) -> str:
    """First 12 digits of the sha256 over all safetensors of a folder; raises ModelError without any."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"encoder 'path:{folder}': no .safetensors there (other weights are not opened)")
    sums = [sha256_of(check_weights(path, None)) for path in files]
    return hashlib.sha256("".join(sums).encode()).hexdigest()[:12]


def _pooled(output: Any) -> Any:
    """One vector a row, (B, D): the model's own features, its pooled output, or its first token."""
    if not hasattr(output, "last_hidden_state") and not hasattr(output, "pooler_output"):
        return output
    pooled = getattr(output, "pooler_output", None)
    return pooled if pooled is not None else output.last_hidden_state[:, 0]


def _transformers() -> Any:
    torchvision_cpu.install()
    import transformers

    return transformers


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
