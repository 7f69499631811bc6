"""The networks, opened by the name of their file, and the squares of pictures that they look at."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from firered.models import openvino_run, packaged, registry
from firered.models.openvino_run import Compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

NAME = "mediapipe-weights"
# Their points are positions in pixels, for which bfloat16 has too few digits.
RUNTIME = "openvino-f32"
TRANSPOSED = "Convolution2DTransposeBias"  # the one operation of theirs that OpenVINO does not know


@cache
def graph(stem: str) -> Compiled:
    """Open the network of a file's name without its ending; raises ModelError where it is not installed."""
    files = {path.stem: path for path in packaged.check(registry.entry(NAME))}
    extension = openvino_run.operation(TRANSPOSED, _transposed)
    return Compiled(openvino_run.read(files[stem], extension), RUNTIME)


def revision() -> str:
    """Identity of the weights."""
    return packaged.digest(registry.entry(NAME))


@dataclass(frozen=True)
class Square:
    """A turned square of a picture: its centre and side in pixels, and its angle in radians clockwise."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def matrix(self, pixels: int) -> "Floats":
        """Affine map (2, 3) from a cut of `pixels` a side to the picture."""
        import numpy as np

        scale = self.side / pixels
        cos, sin = np.cos(self.angle) * scale, np.sin(self.angle) * scale
        half = pixels / 2
        across = [cos, -sin, self.x - half * (cos - sin)]
        down = [sin, cos, self.y - half * (sin + cos)]
        return np.array([across, down]).astype(np.float32)

    def cut(self, picture: "Pixels", pixels: int) -> "Floats":
        """What the square shows (pixels, pixels, 3) of (H, W, 3) uint8, float32 in 0..1, black beyond its edges."""
        import cv2
        import numpy as np

        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        # A pixel's centre is half a pixel from its edge, on both sides of the map.
        cut = cv2.warpAffine(picture, centred(self.matrix(pixels)), (pixels, pixels), flags=flags)
        shares: Floats = cut.astype(np.float32) / 255
        return shares

    def placed(self, points: "Floats", pixels: int) -> "Floats":
        """Points (N, 2) of a cut of `pixels` a side, in pixels of the picture."""
        matrix = self.matrix(pixels)
        moved: Floats = (points @ matrix[:, :2].T + matrix[:, 2]).astype("float32")
        return moved

    def pasted(self, plane: "Floats", height: int, width: int) -> "Floats":
        """Plane (S, S) of a cut laid over a picture of (height, width), 0 outside of the square."""
        import cv2

        matrix = centred(self.matrix(plane.shape[0]))
        laid: Floats = cv2.warpAffine(plane, matrix, (width, height), flags=cv2.INTER_LINEAR)
        return laid


def centred(matrix: "Floats") -> "Floats":
    """Same affine map (2, 3) for indices of pixels, whose centres are half a pixel from their edges."""
    moved = matrix.copy()
    moved[:, 2] += 0.5 * (matrix[:, 0] + matrix[:, 1]) - 0.5
    return moved


def odds(logits: "Floats") -> "Floats":
    """Probabilities 0..1 of log odds."""
    import numpy as np

    shares: Floats = (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)
    return shares


def _transposed(node: Any) -> Any:
    """Convolution that doubles the size, each pixel becoming a square of 2 x 2, and a bias; rows come first."""
    from openvino import opset13 as ops

    pixels, weights, bias = (node.get_input(place) for place in range(3))
    planes = ops.transpose(pixels, [0, 3, 1, 2])
    kernel = ops.transpose(weights, [3, 0, 1, 2])
    doubled = ops.convolution_backprop_data(planes, kernel, strides=[2, 2])
    return ops.add(ops.transpose(doubled, [0, 2, 3, 1]), bias).outputs()
