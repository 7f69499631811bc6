"""Cameras: where one stands, and where a point falls in the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks at `target`; positive azimuth stands to the right, positive elevation above."""

    azimuth: float  # degrees around the figure, 0 in front
    elevation: float  # degrees
    distance: float  # decimetres
    target: tuple[float, float, float]
    focal: float  # focal length in picture heights

    def eye(self) -> Floats:
        """Place of the camera (3,)."""
        return np.asarray(np.array(self.target) - self.axes()[2] * self.distance, np.float32)

    def axes(self) -> Floats:
        """Right, down and forward (3, 3) of the camera, as rows."""
        across, up = np.radians(self.azimuth), np.radians(self.elevation)
        toward = np.array([np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)])
        right = np.array([np.cos(across), 0.0, -np.sin(across)])
        down = np.cross(-toward, right)
        return np.stack([right, down, -toward]).astype(np.float32)

    def project(self, points: Floats, size: tuple[int, int]) -> Floats:
        """Points (N, 3) -> x, y in pixels and distance along the view (N, 3); size: height, width."""
        height, width = size
        seen = (points - self.eye()) @ self.axes().T
        scale = self.focal * height / np.maximum(seen[:, 2], 1e-3)
        x = seen[:, 0] * scale + width / 2
        y = seen[:, 1] * scale + height / 2
        return np.stack([x, y, seen[:, 2]], axis=1).astype(np.float32)

    def rays(self, size: tuple[int, int]) -> Floats:
        """Direction (H, W, 3) of each pixel's ray, 1 long along the view."""
        height, width = size
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
        local = np.stack(
            [(x - width / 2) / (self.focal * height), (y - height / 2) / (self.focal * height)], -1
        )
        ahead = np.concatenate([local, np.ones_like(local[..., :1])], axis=-1)
        return np.asarray(ahead @ self.axes(), np.float32)
