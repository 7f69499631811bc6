"""Single translucent marks on a photograph, as a small network has learned to see them on drawn ones.

The network says for every cell of 8 pixels how likely it is under a mark. It sees the colours and a levelled
residual of the luma, in which a faint mark counts as much as the picture. `benchmarks/train_watermark.py`
made the weights; `marks.yaml` is their card.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.models import openvino_run
from firered.models.openvino_run import Graph
from firered.models.weights import sha256_of
from firered.pictures import shrink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

SIDE = 512  # pixels, longer side of what the network sees
CELL = 8  # pixels
WEIGHTS = Path(__file__).with_name("marks.npz")
WIDTHS = (16, 32, 48)  # channels at a half, a quarter and an eighth of the side
DILATIONS = (1, 2, 4, 8, 1)  # in cells; together they see 270 pixels around
AROUND = 17  # pixels; side of the window over which the residual is levelled
FLOOR = 0.01  # of white; what is weaker than this is noise and not raised
GREY = 128  # outside of the picture
WINDOW = 3  # cells; a mark is no single cell
UNDER = 0.5  # probability from which a cell counts as marked


@dataclass(frozen=True)
class Mark:
    """Probability of the likeliest mark, 0..1, and the share of the picture's area that is under any, 0..1."""

    probability: float
    share: float


class Marks:
    """Finds translucent marks on pictures, on the CPU."""

    def __init__(self, runtime: str = "auto", weights: Path = WEIGHTS) -> None:
        self.revision = sha256_of(weights)[:12]
        graph = Graph(f"marks-{self.revision}", partial(opened, weights), SIDE)
        self._run = openvino_run.load(graph, openvino_run.resolved(runtime))

    def find(self, pixels: "Pixels") -> Mark:
        """Likeliest mark on (H, W, 3) uint8 RGB pixels."""
        return judged(self.odds(pixels))

    def odds(self, pixels: "Pixels") -> "Floats":
        """Log odds (h, w) that a mark covers each whole cell of the picture with its longer side at SIDE."""
        small = shrink(pixels, SIDE)
        (odds,) = self._run(boxed(small)[None])
        rows, columns = (max(1, side // CELL) for side in small.shape[:2])
        found: Floats = odds[0, :rows, :columns]
        return found


def boxed(pixels: "Pixels") -> "Pixels":
    """Pixels (SIDE, SIDE, 3) with those of a smaller picture at the top left, grey elsewhere."""
    import numpy as np

    square = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    square[: pixels.shape[0], : pixels.shape[1]] = pixels
    return square


def judged(odds: "Floats") -> Mark:
    """Mark by the log odds (h, w) of the cells: the highest mean over a window counts."""
    import cv2
    import numpy as np

    height, width = odds.shape
    window = (min(WINDOW, width), min(WINDOW, height))
    highest = float(cv2.blur(odds, window, borderType=cv2.BORDER_REFLECT).max())
    under = float((odds > np.log(UNDER / (1 - UNDER))).mean())
    return Mark(float(1 / (1 + np.exp(-highest))), under)


def opened(weights: Path) -> Any:
    """Network with the weights of a file, for inference."""
    import numpy as np
    import torch

    with np.load(weights, allow_pickle=False) as held:
        state = {name: torch.from_numpy(held[name].astype(np.float32)) for name in held.files}
    built = network()
    built.load_state_dict(state)
    return built.eval()


def network(*, normed: bool = False) -> Any:
    """Network from (B, S, S, 3) uint8 RGB to a tuple of log odds (B, S / 8, S / 8); `normed` ones can be trained."""
    import torch

    class Seen(torch.nn.Module):  # type: ignore[misc]
        """Planes (B, 4, S, S): colours, -1..1, and the levelled residual of the luma."""

        def forward(self, squares: Any) -> Any:
            colours = squares.permute(0, 3, 1, 2).float() / 255
            luma = 0.299 * colours[:, :1] + 0.587 * colours[:, 1:2] + 0.114 * colours[:, 2:]
            residual = luma - _mean(luma)
            level = _mean(residual * residual).clamp(min=0).sqrt() + FLOOR
            return torch.cat([2 * colours - 1, residual / level], dim=1)

    class Step(torch.nn.Module):  # type: ignore[misc]
        """Convolution and ReLU, added to what comes in where the shape stays."""

        def __init__(self, before: int, after: int, side: int, *, stride: int = 1, dilation: int = 1) -> None:
            super().__init__()
            padding = dilation * (side // 2)
            settings = {"stride": stride, "padding": padding, "dilation": dilation}
            self.conv = torch.nn.Conv2d(before, after, side, bias=not normed, **settings)
            self.norm = torch.nn.BatchNorm2d(after) if normed else torch.nn.Identity()
            self.adds = stride == 1 and before == after

        def forward(self, planes: Any) -> Any:
            found = torch.relu(self.norm(self.conv(planes)))
            return planes + found if self.adds else found

    class Cells(torch.nn.Sequential):  # type: ignore[misc]
        """All steps; the last has one plane of log odds."""

        def forward(self, squares: Any) -> Any:
            return (super().forward(squares)[:, 0],)

    half, quarter, eighth = WIDTHS
    return Cells(
        Seen(),
        Step(4, half, 5, stride=2),
        Step(half, half, 3),
        Step(half, quarter, 3, stride=2),
        Step(quarter, quarter, 3),
        Step(quarter, quarter, 3),
        Step(quarter, eighth, 3, stride=2),
        *(Step(eighth, eighth, 3, dilation=dilation) for dilation in DILATIONS),
        torch.nn.Conv2d(eighth, 1, 1),
    )


def _mean(planes: Any) -> Any:
    from torch.nn.functional import avg_pool2d

    margin = AROUND // 2
    across = avg_pool2d(planes, (1, AROUND), stride=1, padding=(0, margin), count_include_pad=False)
    return avg_pool2d(across, (AROUND, 1), stride=1, padding=(margin, 0), count_include_pad=False)
