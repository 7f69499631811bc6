"""Encoders of pictures as TorchScript files, the form in which SSCD's and ISC21's descriptors are released."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models.encoder import SCRIPT, refuse, unit_length
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Vectors = NDArray[np.float32]

SIDE = 288  # pixels, what SSCD recommends for squeezed pictures
MEAN = (0.485, 0.456, 0.406)  # of ImageNet, as these networks were trained
DEVIATION = (0.229, 0.224, 0.225)
BATCH = 8


class ScriptEncoder:
    """A TorchScript file from (B, 3, 288, 288) float32, normalised as ImageNet's, to (B, D).

    TorchScript is a program of torch's operators, and runs as one: name only files whose origin you trust.
    """

    def __init__(self, path: Path) -> None:
        import torch

        if not path.is_file():
            raise ModelError(f"encoder 'path:{path}': no such file (a TorchScript file, NAME{SCRIPT})")
        self.name = path.name.removesuffix(SCRIPT).lower()
        self.revision = sha256_of(path)[:12]
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._module: Any = torch.jit.load(str(path), map_location=self._device).eval()
        except RuntimeError as error:
            reason = str(error).splitlines()[0][:200]
            raise ModelError(f"encoder 'path:{path}': {reason} (a TorchScript file, NAME{SCRIPT})") from None

    def embed_texts(self, texts: Sequence[str]) -> "Vectors":
        """Refuse: this encoder knows pictures only."""
        raise refuse(self.name, "texts")

    def embed_images(self, images: "Sequence[Pixels]") -> "Vectors":
        """Vectors (B, D) float32 of unit length; the whole picture counts, squeezed to a square."""
        import numpy as np
        import torch

        parts = [np.zeros((0, 0), np.float32)] if not images else []
        for start in range(0, len(images), BATCH):
            with torch.inference_mode():
                found = self._module(_batch(images[start : start + BATCH]).to(self._device))
            parts.append(found.float().cpu().numpy())
        return unit_length(np.concatenate(parts))


def _batch(images: "Sequence[Pixels]") -> Any:
    """Pixels as (B, 3, 288, 288) float32."""
    import cv2
    import numpy as np
    import torch

    squares = [cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images]
    scaled = (np.stack(squares).astype(np.float32) / 255 - MEAN) / DEVIATION
    return torch.from_numpy(scaled.astype(np.float32)).permute(0, 3, 1, 2).contiguous()
