"""Makes a CUDA build of torchvision importable beside a CPU build of torch.

The package index has torchvision only with CUDA. Its extension cannot load without CUDA's libraries,
so the operator `nms` is never declared, and neither torchvision nor any transformers model imports.
`install()` puts a finder in front of Python's: when torchvision is really imported, and only for this
mixture of builds, it declares the two operators and gives `nms` a CPU kernel. It imports nothing.
"""

import importlib.util
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

SCHEMAS = tuple(
    f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")
)


def install() -> None:
    """Arrange for torchvision's import; calling again, or where it is not needed, changes nothing."""
    loaded = "torchvision" in sys.modules
    if not loaded and not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())


class Finder(MetaPathFinder):
    """Finds torchvision as Python does, and wraps its loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the wrapped spec of torchvision, None for any other module."""
        if fullname != "torchvision":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader and spec.origin and is_cuda_build(Path(spec.origin).parent):
            spec.loader = OperatorsFirst(spec.loader)
        return spec


class OperatorsFirst(Loader):
    """Declares the operators, then loads torchvision."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        # The declarations last as long as this object; the module's spec holds it.
        self.library: torch.library.Library | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as its own loader does."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, with the operators declared before it where torch has no CUDA."""
        import torch

        if torch.version.cuda is not None:
            self.loader.exec_module(module)
            return
        self.library = declared_operators()
        self.loader.exec_module(module)
        _accept_missing_extension()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def is_cuda_build(package: Path) -> bool:
    """Tell from its version file whether an installed torchvision was built for CUDA."""
    try:
        text = (package / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"__version__\s*=\s*['\"][^'\"]*\+cu\d", text) is not None


def declared_operators() -> "torch.library.Library":
    """Declare `torchvision::nms` and `torchvision::qnms`, with a CPU kernel for the first."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in SCHEMAS:
        library.define(schema)
    library.impl("nms", nms, "CPU")
    return library


def nms(boxes: "torch.Tensor", scores: "torch.Tensor", iou_threshold: float) -> "torch.Tensor":
    """Indices of the boxes (N, 4) kept by non-maximum suppression, highest score (N,) first."""
    import torch

    order = scores.argsort(descending=True, stable=True)
    overlaps = pairwise_iou(boxes[order].float()) > iou_threshold
    kept = torch.ones(len(order), dtype=torch.bool)
    for index in range(len(order)):
        if kept[index]:
            kept[index + 1 :] &= ~overlaps[index, index + 1 :]
    return order[kept]


def pairwise_iou(boxes: "torch.Tensor") -> "torch.Tensor":
    """Intersection over union of boxes (N, 4) left, top, right, bottom with each other, (N, N) in 0..1."""
    import torch

    area = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    start = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    end = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (end - start).clamp(min=0).prod(dim=2)
    return shared / (area[:, None] + area[None, :] - shared)


def is_needed() -> bool:
    """Tell whether the installed torchvision would not import without this module; imports torch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None or not is_cuda_build(Path(spec.origin).parent):
        return False
    import torch

    return torch.version.cuda is None


def _accept_missing_extension() -> None:
    boxes: Any = sys.modules["torchvision.ops.boxes"]
    boxes._assert_has_ops = lambda: None
    # Its Python path is wrapped in torch.compile, which costs minutes on first use.
    align: Any = sys.modules["torchvision.ops.roi_align"]
    align._roi_align = getattr(align._roi_align, "__wrapped__", align._roi_align)
