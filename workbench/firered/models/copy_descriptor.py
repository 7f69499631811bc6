"""Copy descriptor: what two crops, recolourings or recompressions of one photograph share and others do not.

Features from the middle of EfficientNet-Lite0 keep the layout and texture that the last layer forgets. They
are pooled by a generalised mean (Radenović et al. 2018) and projected so that the differences between copies
of one photograph, learned from edited photographs, count least. It stands in the role of ISC21's descriptors.
"""

from collections.abc import Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.models import openvino_run, packaged, registry
from firered.models.encoder import refuse, unit_length
from firered.models.imagenet import NAME as NETWORK
from firered.models.imagenet import network, normalised, run_on
from firered.models.openvino_run import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

SIDE = 288  # pixels
# Blocks of the network whose output is pooled, and its channels.
BLOCKS = {4: 40, 7: 80, 10: 112, 14: 192}
POWER = 3.0  # of the generalised mean
PROJECTION = Path(__file__).with_name("copy_projection.npz")


class CopyEncoder:
    """Pooled middle features of EfficientNet-Lite0, projected; about 10 ms of one CPU core a picture."""

    name = "copy"

    def __init__(self, runtime: str = "auto") -> None:
        runtime = openvino_run.resolved(runtime)
        self._run = openvino_run.load(graph(), runtime)
        shipped = sha256(PROJECTION.read_bytes()).hexdigest()[:8]
        self.revision = f"{registry.entry(NETWORK).revision}-{shipped}-{runtime}"

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Refuse: this encoder knows pictures only."""
        raise refuse(self.name, "texts")

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, 256) float32 of unit length; the whole picture counts, squeezed to a square."""
        import numpy as np

        mean, matrix = _projection()
        return unit_length(np.asarray((self.pooled(images) - mean) @ matrix, np.float32))

    def pooled(self, images: "Sequence[Pixels]") -> "Vectors":
        """Pooled features (B, 424) before the projection, each block's scaled to unit length."""
        import numpy as np

        parts = run_on(images, self._run, SIDE, tuple(BLOCKS.values()))
        return np.concatenate([unit_length(part) for part in parts], axis=1)


def graph() -> Graph:
    """The network up to its last block, with pooled features as outputs; raises MissingExtra, ModelError."""
    entry = registry.entry(NETWORK)
    (weights,) = packaged.check(entry)
    chosen = "-".join(str(block) for block in BLOCKS)
    key = f"{NETWORK}-{entry.revision}-pooled-{chosen}-{POWER:g}-{SIDE}"
    return Graph(key, partial(_pooling, weights), SIDE)


def _pooling(weights: Path) -> Any:
    import torch

    class Pooling(torch.nn.Module):  # type: ignore[misc]
        """Generalised means (B, channels) of the chosen blocks, of pictures (B, S, S, 3) uint8."""

        def __init__(self, whole: Any) -> None:
            super().__init__()
            self.whole = whole

        def forward(self, squares: Any) -> Any:
            whole = self.whole
            found = []
            maps = whole._swish(whole._bn0(whole._conv_stem(normalised(squares))))
            for place, block in enumerate(whole._blocks):
                maps = block(maps, drop_connect_rate=None)
                if place in BLOCKS:
                    # The blocks end without an activation: what is negative is no sign of anything.
                    powers = maps.clamp(min=1e-3) ** POWER
                    found.append(powers.mean(dim=(2, 3)) ** (1 / POWER))
                if place == max(BLOCKS):
                    break
            return tuple(found)

    return Pooling(network(weights)).eval()


@cache
def _projection() -> "tuple[Vectors, Vectors]":
    """Mean (424,) and matrix (424, 256) that were learned."""
    import numpy as np

    with np.load(PROJECTION, allow_pickle=False) as stored:
        return stored["mean"].astype(np.float32), stored["matrix"].astype(np.float32)
