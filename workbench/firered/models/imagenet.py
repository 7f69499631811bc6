"""Picture vectors: the pooled features of EfficientNet-Lite0, trained on ImageNet's 1000 classes."""

import threading
from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from firered.models import openvino_run, packaged, registry
from firered.models.encoder import refuse, unit_length
from firered.models.openvino_run import Graph

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

NAME = "efficientnet-lite0"
SIDE = 224  # pixels
DIMENSIONS = 1280
CLASSES = 1000
BATCH = 8  # pictures at a time; more gain nothing and hold more memory


class ImageNetEncoder:
    """EfficientNet-Lite0, 1280 dimensions, about 6 ms of one CPU core a picture."""

    name = NAME

    def __init__(self, runtime: str = "auto") -> None:
        runtime = openvino_run.resolved(runtime)
        self.revision = f"{registry.entry(NAME).revision}-{runtime}"
        self._run = openvino_run.load(graph(), runtime)
        self._last = threading.local()

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Refuse: this encoder knows pictures only."""
        raise refuse(self.name, "texts")

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, 1280) float32 of unit length; the whole picture counts, squeezed to a square."""
        return self.features_and_classes(images)[0]

    def features_and_classes(self, images: "Sequence[Pixels]") -> "tuple[Vectors, Vectors]":
        """Vectors (B, 1280) of unit length, and probabilities (B, 1000) of ImageNet's classes."""
        # Whoever asks for the classes of pictures has often just asked for their features.
        if not self._are_last(images):
            self._last.found = self._outputs(images)
            self._last.images = list(images)
        found: tuple[Vectors, Vectors] = self._last.found
        return found

    def _are_last(self, images: "Sequence[Pixels]") -> bool:
        """Whether these very pictures came last in this thread, and are read-only, so that they are unchanged."""
        known: list[Pixels] | None = getattr(self._last, "images", None)
        if known is None or any(image.flags.writeable for image in images):
            return False
        return [id(each) for each in known] == [id(each) for each in images]

    def _outputs(self, images: "Sequence[Pixels]") -> "tuple[Vectors, Vectors]":
        import numpy as np

        features, logits = run_on(images, self._run, SIDE, (DIMENSIONS, CLASSES))
        odds = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        return unit_length(features), odds / odds.sum(axis=1, keepdims=True)


@cache
def shared(runtime: str) -> ImageNetEncoder:
    """The encoder of this process with a runtime, for all that look at the same pictures."""
    return ImageNetEncoder(runtime)


def run_on(
    images: "Sequence[Pixels]", run: "openvino_run.Run", side: int, widths: Sequence[int]
) -> "list[Vectors]":
    """Outputs (B, width) of a network for pictures of any size, squeezed to squares."""
    import numpy as np

    if not images:
        return [np.zeros((0, width), np.float32) for width in widths]
    parts = [
        run(np.stack([_square(image, side) for image in images[start : start + BATCH]]))
        for start in range(0, len(images), BATCH)
    ]
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


def graph() -> Graph:
    """The network with its pooled features and logits as outputs; raises MissingExtra, ModelError."""
    entry = registry.entry(NAME)
    (weights,) = packaged.check(entry)
    return Graph(f"{NAME}-{entry.revision}", partial(_heads, weights), SIDE)


def network(weights: "Path") -> Any:
    """The network of the package in torch, with these weights, for inference."""
    import torch

    package = packaged.module(registry.entry(NAME), "efficientnet_lite_pytorch")
    made = package.EfficientNet.from_name(NAME)
    # A pickle, but one with a known hash, and opened for its tensors only.
    made.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return made.eval()


def normalised(squares: Any) -> Any:
    """Pixels (B, S, S, 3) uint8 as the network wants them: (B, 3, S, S) float32 in about -1..1; torch tensors."""
    return ((squares.float() / 255 - 0.498) / 0.502).permute(0, 3, 1, 2)


def _heads(weights: "Path") -> Any:
    import torch

    class Heads(torch.nn.Module):  # type: ignore[misc]
        """Features (B, 1280) and logits (B, 1000) of pictures (B, 224, 224, 3) uint8."""

        def __init__(self, whole: Any) -> None:
            super().__init__()
            self.whole = whole

        def forward(self, squares: Any) -> Any:
            features = self.whole.extract_features(normalised(squares)).mean(dim=(2, 3))
            return features, self.whole._fc(features)

    return Heads(network(weights)).eval()


def _square(image: "Pixels", side: int) -> "Pixels":
    import cv2

    squeezed: Pixels = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return squeezed
