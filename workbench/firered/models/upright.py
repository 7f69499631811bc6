"""Which way up a photograph is, as a small head on ImageNet features has learned it from turned photographs.

The network sees the picture at its four quarter turns, and one and the same vector says how upright
each looks; so turning the picture turns the answer, and nothing can lean to one side. The features
are means over the picture, and how its upper third differs from its lower third.
`benchmarks/train_turn.py` made the head; `turn_head.yaml` is its card.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.models import imagenet, openvino_run, packaged, registry
from firered.models.openvino_run import Graph
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

DIMENSIONS = 2 * imagenet.DIMENSIONS
HEAD = Path(__file__).with_name("turn_head.npy")


class Upright:
    """Scores the quarter turns of a picture, on the CPU."""

    def __init__(self, runtime: str = "auto", head: Path = HEAD) -> None:
        import numpy as np

        self._features = TurnFeatures(runtime)
        self._weight = np.load(head, allow_pickle=False).astype(np.float32)
        self.revision = f"{registry.entry(imagenet.NAME).revision}+{sha256_of(head)[:12]}"

    def scores(self, pixels: "Pixels") -> "Floats":
        """Log odds (4,) that the picture is upright when turned clockwise by 0, 90, 180, 270 degrees."""
        scores: Floats = self._features(pixels) @ self._weight
        centered: Floats = scores - scores.mean()
        return centered


class TurnFeatures:
    """Features of a picture at its four quarter turns."""

    def __init__(self, runtime: str = "auto") -> None:
        entry = registry.entry(imagenet.NAME)
        (weights,) = packaged.check(entry)
        graph = Graph(f"{imagenet.NAME}-{entry.revision}-turns", partial(_thirds, weights), imagenet.SIDE)
        self._run = openvino_run.load(graph, openvino_run.resolved(runtime))

    def __call__(self, pixels: "Pixels") -> "Floats":
        """Features (4, 2560) float32 of (H, W, 3) uint8 RGB pixels turned clockwise by 0, 90, 180, 270 degrees."""
        import cv2
        import numpy as np

        square = cv2.resize(pixels, (imagenet.SIDE, imagenet.SIDE), interpolation=cv2.INTER_AREA)
        (features,) = self._run(np.stack([np.rot90(square, -quarter) for quarter in range(4)]))
        return features


def _thirds(weights: Path) -> Any:
    import torch

    class Thirds(torch.nn.Module):  # type: ignore[misc]
        """Features (B, 2560) of pictures (B, 224, 224, 3) uint8: their mean, and upper less lower third."""

        def __init__(self, whole: Any) -> None:
            super().__init__()
            self.whole = whole

        def forward(self, squares: Any) -> Any:
            maps = self.whole.extract_features(imagenet.normalised(squares))
            rows = maps.mean(dim=3)
            third = rows.shape[2] // 3
            contrast = rows[:, :, :third].mean(dim=2) - rows[:, :, -third:].mean(dim=2)
            return (torch.cat([rows.mean(dim=2), contrast], dim=1),)

    return Thirds(imagenet.network(weights)).eval()
