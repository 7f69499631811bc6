"""MTCNN (Zhang et al. 2016): three small networks, each of which looks closer at what the one before found.

The first is laid over a pyramid of the picture; the second and third see 24 and 48 pixel cuts. Each
gives a score and a correction of the box, relative to its sides.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.models import packaged, registry
from firered.models.faces import FaceBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Boxes = NDArray[np.float32]
    Tensors = dict[str, Any]

CELL = 12  # pixels that the first network sees at once
STRIDE = 2  # pixels between its places
STEP = 0.709  # of the pyramid: each level has half the area of the one before
PASS = (0.6, 0.7, 0.7)  # scores that the three networks ask for, as in the paper's code
CUTS = (24, 48)  # pixels; sides of what the second and third network see


class Mtcnn:
    """Faces upright within about 20 degrees, on the CPU; `least` is a face's side over the picture's longer side."""

    name = "mtcnn"

    def __init__(self, *, least: float) -> None:
        entry = registry.entry(self.name)
        self.revision = entry.revision
        self.least = least
        files = {path.stem: path for path in packaged.check(entry) if path.suffix == ".pt"}
        self._first, self._second, self._third = (_tensors(files[name]) for name in ("pnet", "rnet", "onet"))

    def find(self, pixels: "Pixels") -> list[FaceBox]:
        """Faces in (H, W, 3) uint8 RGB pixels, the surest first."""
        import numpy as np
        import torch

        with torch.inference_mode():
            boxes = self._propose(pixels)
            boxes = self._refine(pixels, boxes)
            boxes, scores = self._confirm(pixels, boxes)
        height, width = pixels.shape[:2]
        shares = np.clip(boxes / (width, height, width, height), 0, 1)
        found = zip(scores, shares, strict=True)
        return [
            FaceBox(float(score), (float(a), float(b), float(c), float(d))) for score, (a, b, c, d) in found
        ]

    def _propose(self, pixels: "Pixels") -> "Boxes":
        """Square boxes (N, 4) that the first network finds at any level of the pyramid."""
        import numpy as np

        levels = [self._level(pixels, scale) for scale in scales(pixels.shape[:2], self.least)]
        boxes = np.concatenate([box for box, _, _ in levels] or [np.zeros((0, 4), np.float32)])
        if not len(boxes):
            return boxes
        scores = np.concatenate([score for _, score, _ in levels])
        shifts = np.concatenate([shift for _, _, shift in levels])
        kept = distinct(boxes, scores, overlap=0.7)
        return squared(moved(boxes[kept], shifts[kept]))

    def _level(self, pixels: "Pixels", scale: float) -> "tuple[Boxes, Boxes, Boxes]":
        """Boxes (N, 4), scores (N,) and corrections (N, 4) of one level, the same face only once."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        size = (max(CELL, round(width * scale)), max(CELL, round(height * scale)))
        scores, shifts = _propose(
            self._first, _input([cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)])
        )
        rows, columns = np.nonzero(scores > PASS[0])
        corners = np.stack([columns, rows, columns, rows], axis=1) * STRIDE + (0, 0, CELL, CELL)
        boxes = (corners / scale).astype(np.float32)
        kept = distinct(boxes, scores[rows, columns], overlap=0.5)
        rows, columns = rows[kept], columns[kept]
        return boxes[kept], scores[rows, columns], shifts[:, rows, columns].T

    def _refine(self, pixels: "Pixels", boxes: "Boxes") -> "Boxes":
        """Square boxes that the second network lets pass."""
        if not len(boxes):
            return boxes
        scores, shifts = _refine(self._second, _input([cut(pixels, box, CUTS[0]) for box in boxes]))
        passed = scores > PASS[1]
        boxes, scores, shifts = boxes[passed], scores[passed], shifts[passed]
        kept = distinct(boxes, scores, overlap=0.7)
        return squared(moved(boxes[kept], shifts[kept]))

    def _confirm(self, pixels: "Pixels", boxes: "Boxes") -> "tuple[Boxes, Boxes]":
        """Boxes and scores (N,) that the third network lets pass, the surest first."""
        if not len(boxes):
            return boxes, boxes[:, 0]
        scores, shifts = _confirm(self._third, _input([cut(pixels, box, CUTS[1]) for box in boxes]))
        passed = scores > PASS[2]
        boxes, scores = moved(boxes[passed], shifts[passed]), scores[passed]
        kept = distinct(boxes, scores, overlap=0.7, of_smaller=True)
        return boxes[kept], scores[kept]


# --- boxes: (N, 4) left, top, right, bottom in pixels -------------------------------------------------


def scales(shape: tuple[int, ...], least: float) -> list[float]:
    """Scales at which the first network's cell is as large as the faces looked for, the smallest faces first."""
    scale = CELL / max(CELL, least * max(shape))
    found = []
    while scale * min(shape) >= CELL:
        found.append(scale)
        scale *= STEP
    return found


def distinct(boxes: "Boxes", scores: "Boxes", *, overlap: float, of_smaller: bool = False) -> list[int]:
    """Indices of boxes, the surest first, of which none overlaps a surer one by more than `overlap`."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        low, high = np.maximum(boxes[best, :2], boxes[rest, :2]), np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        smaller = np.minimum(areas[best], areas[rest])
        whole = smaller if of_smaller else areas[best] + areas[rest] - shared
        order = rest[shared <= overlap * whole]
    return kept


def moved(boxes: "Boxes", shifts: "Boxes") -> "Boxes":
    """Boxes whose edges move by `shifts` (N, 4) times their width or height."""
    import numpy as np

    sides = boxes[:, 2:] - boxes[:, :2]
    found: Boxes = boxes + shifts * np.concatenate([sides, sides], axis=1)
    return found


def squared(boxes: "Boxes") -> "Boxes":
    """Squares around the same centers, as large as the longer sides."""
    import numpy as np

    centers = (boxes[:, 2:] + boxes[:, :2]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centers - halves, centers + halves], axis=1)


def cut(pixels: "Pixels", box: "Boxes", side: int) -> "Pixels":
    """Part of the picture as (side, side, 3) pixels; what lies outside is black."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    left, top, right, bottom = (int(value) for value in np.round(box))
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    inner = pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not inner.size:
        return np.zeros((side, side, 3), np.uint8)
    above, before = max(-top, 0), max(-left, 0)
    below, after = max(bottom - height, 0), max(right - width, 0)
    whole = cv2.copyMakeBorder(inner, above, below, before, after, cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


# --- the networks -----------------------------------------------------------------------------------


def _tensors(path: Path) -> "Tensors":
    import torch

    # A pickle, but one with a known hash, and opened for its tensors only.
    loaded: Tensors = torch.load(path, map_location="cpu", weights_only=True)
    return loaded


def _input(images: "list[Pixels]") -> Any:
    """Pixels as the networks want them: (B, 3, H, W) float32 in about -1..1."""
    import numpy as np
    import torch

    stacked = (np.stack(images).astype(np.float32) - 127.5) / 128
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous()


def _propose(tensors: "Tensors", picture: Any) -> "tuple[Boxes, Boxes]":
    """Scores (H, W) and corrections (4, H, W) over one picture."""
    features = _pooled(_convolved(tensors, 1, picture), 2)
    features = _convolved(tensors, 3, _convolved(tensors, 2, features))
    scores, shifts = (_linear_map(tensors, name, features)[0] for name in ("conv4_1", "conv4_2"))
    return scores.softmax(dim=0)[1].numpy(), shifts.numpy()


def _refine(tensors: "Tensors", cuts: Any) -> "tuple[Boxes, Boxes]":
    """Scores (B,) and corrections (B, 4) of cuts (B, 3, 24, 24)."""
    features = _pooled(_convolved(tensors, 1, cuts), 3)
    features = _convolved(tensors, 3, _pooled(_convolved(tensors, 2, features), 3))
    return _heads(tensors, 4, features)


def _confirm(tensors: "Tensors", cuts: Any) -> "tuple[Boxes, Boxes]":
    """Scores (B,) and corrections (B, 4) of cuts (B, 3, 48, 48)."""
    features = _pooled(_convolved(tensors, 1, cuts), 3)
    features = _pooled(_convolved(tensors, 2, features), 3)
    features = _pooled(_convolved(tensors, 3, features), 2)
    return _heads(tensors, 5, _convolved(tensors, 4, features))


def _convolved(tensors: "Tensors", layer: int, features: Any) -> Any:
    from torch.nn import functional

    return functional.prelu(_linear_map(tensors, f"conv{layer}", features), tensors[f"prelu{layer}.weight"])


def _linear_map(tensors: "Tensors", name: str, features: Any) -> Any:
    from torch.nn import functional

    return functional.conv2d(features, tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _pooled(features: Any, side: int) -> Any:
    from torch.nn import functional

    return functional.max_pool2d(features, side, stride=2, ceil_mode=True)


def _heads(tensors: "Tensors", layer: int, features: Any) -> "tuple[Boxes, Boxes]":
    from torch.nn import functional

    def dense(name: str, values: Any) -> Any:
        return functional.linear(values, tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    # The weights were trained where pictures are stored column by column.
    flat = features.permute(0, 3, 2, 1).flatten(start_dim=1)
    hidden = functional.prelu(dense(f"dense{layer}", flat), tensors[f"prelu{layer}.weight"])
    scores = dense(f"dense{layer + 1}_1", hidden).softmax(dim=1)[:, 1]
    return scores.numpy(), dense(f"dense{layer + 1}_2", hidden).numpy()
