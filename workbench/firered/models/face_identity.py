"""Whose face: 128 numbers by dlib's residual network, in torch, so that gradients flow back to the pixels.

Two pictures of one person are nearer than about 0.6, of two persons farther. The weights are dlib's in 8
bits, as the package `face-api` brings them. A face is cut out upright first: corners of the eyes and base
of the nose go where dlib's own chips have them.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firered.models import packaged, registry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Pixels = NDArray[np.uint8]
    Points = NDArray[np.float32]

NAME = "face-api"
SIDE = 150  # pixels of a chip
NUMBERS = 128
SAME = 0.6  # distance of two faces of one person at most, by dlib's author
PADDING = 0.25  # of a chip around the face, on each side, over the face's side
# dlib's means: outer and inner corner of the eye on the right, then on the left, and base of the nose
CORNERS = np.array(
    [
        [0.8595674595992, 0.2134981538014],
        [0.6460604764104, 0.2289674387677],
        [0.1205750620789, 0.2137274526848],
        [0.3340850613712, 0.2290642403242],
        [0.4901123135679, 0.6277975316475],
    ]
)
MESH_POINTS = (263, 362, 33, 133, 2)  # the same places in a face mesh of 468 points
MEANS = (122.782, 117.001, 104.298)  # of dlib's training faces, RGB
# Steps of the network: blocks that halve the picture, and blocks after each that keep its size
STEPS = (("conv64", 3), ("conv128", 2), ("conv256", 2))


class FaceIdentity:
    """Vectors of faces; two of one person are nearer than 0.6. About 0.06 seconds of one core a face."""

    name = NAME

    def __init__(self, device: str = "cpu") -> None:
        entry = registry.entry(NAME)
        self.revision = packaged.digest(entry)
        manifest = next(path for path in packaged.check(entry) if path.suffix == ".json")
        self._weights = {name: value.to(device) for name, value in _weights(manifest).items()}
        self._device = device

    def embed(self, pixels: "Pixels", mesh: "Points") -> "Points":
        """Numbers (128,) of the face with a mesh (468, 2) in pixels of (H, W, 3) uint8 RGB."""
        import torch

        with torch.inference_mode():
            pictures = torch.from_numpy(pixels.astype(np.float32)).to(self._device)
            chip = chips(pictures.permute(2, 0, 1)[None], to_picture(mesh)[None])
            found: Points = self(chip)[0].cpu().numpy()
        return found

    def __call__(self, faces: "Tensor") -> "Tensor":
        """Numbers (B, 128) of chips (B, 3, 150, 150) RGB in 0..255; differentiable."""
        import torch
        from torch.nn import functional

        means = torch.tensor(MEANS, device=faces.device)[:, None, None]
        found = torch.relu(self._scaled((faces - means) / 255, "conv32_down", stride=2, padding=0))
        found = functional.max_pool2d(found, 3, 2)
        for block in range(3):
            found = self._kept(found, f"conv32_{block + 1}")
        for name, blocks in STEPS:
            found = self._halved(found, f"{name}_down")
            for block in range(blocks):
                found = self._kept(found, f"{name}_{block + 1}")
        return self._halved(found, "conv256_down_out").mean(dim=(2, 3)) @ self._weights["fc"]

    def _scaled(self, given: "Tensor", name: str, *, stride: int, padding: int) -> "Tensor":
        from torch.nn import functional

        weights = self._weights
        found = functional.conv2d(
            given, weights[f"{name}/conv/filters"], weights[f"{name}/conv/bias"], stride, padding
        )
        scale, bias = weights[f"{name}/scale/weights"], weights[f"{name}/scale/biases"]
        return found * scale[:, None, None] + bias[:, None, None]

    def _kept(self, given: "Tensor", name: str) -> "Tensor":
        import torch

        inner = torch.relu(self._scaled(given, f"{name}/conv1", stride=1, padding=1))
        return torch.relu(given + self._scaled(inner, f"{name}/conv2", stride=1, padding=1))

    def _halved(self, given: "Tensor", name: str) -> "Tensor":
        import torch
        from torch.nn import functional

        inner = torch.relu(self._scaled(given, f"{name}/conv1", stride=2, padding=0))
        inner = self._scaled(inner, f"{name}/conv2", stride=1, padding=1)
        pooled = functional.avg_pool2d(given, 2, 2)
        # The shortcut has fewer channels, and the inner path may be a pixel smaller.
        down, across = (pooled.shape[axis] - inner.shape[axis] for axis in (2, 3))
        inner = functional.pad(inner, (0, across, 0, down))
        pooled = functional.pad(pooled, (0, 0, 0, 0, 0, inner.shape[1] - pooled.shape[1]))
        return torch.relu(inner + pooled)


@cache
def shared() -> FaceIdentity:
    """The network of this process, on the CPU."""
    return FaceIdentity()


def to_picture(mesh: "Points") -> "Points":
    """Similarity (2, 3) from a chip's pixels to those of the picture, for a face mesh (468, 2)."""
    corners = (CORNERS + PADDING) / (1 + 2 * PADDING) * SIDE
    return fitted(corners.astype(np.float32), mesh[list(MESH_POINTS)])


def fitted(start: "Points", end: "Points") -> "Points":
    """Similarity (2, 3): turn, scale and shift, not mirrored, that best brings points (N, 2) onto others."""
    first, second = start.mean(axis=0), end.mean(axis=0)
    a, b = start - first, end - second
    # As complex numbers a similarity is one factor, and least squares gives it in closed form.
    along = (a * b).sum()
    across = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    cos, sin = along / (a * a).sum(), across / (a * a).sum()
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([turn, (second - turn @ first)[:, None]], axis=1).astype(np.float32)


def chips(pictures: "Tensor", matrices: "Points") -> "Tensor":
    """Cut chips (B, 3, 150, 150) out of pictures (B, 3, H, W) by similarities (B, 2, 3); differentiable."""
    import torch
    from torch.nn import functional

    places = torch.arange(SIDE, dtype=torch.float32) + 0.5
    down, across = torch.meshgrid(places, places, indexing="ij")
    grid = torch.stack([across, down, torch.ones_like(down)], dim=-1)
    spots = torch.einsum("hwk,bdk->bhwd", grid, torch.from_numpy(matrices).float()).to(pictures)
    size = torch.tensor([pictures.shape[3], pictures.shape[2]], dtype=torch.float32).to(pictures)
    return functional.grid_sample(pictures, 2 * spots / size - 1, align_corners=False, padding_mode="border")


def _weights(manifest: Path) -> "dict[str, Any]":
    from firered.models.tfjs import shards

    groups = json.loads(manifest.read_text(encoding="utf-8"))
    found = shards.load({"weightsManifest": groups}, manifest.parent)
    # TensorFlow has the channels of a filter last.
    return {
        name: value.permute(3, 2, 0, 1).contiguous() if name.endswith("filters") else value
        for name, value in found.items()
    }
