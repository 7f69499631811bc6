"""Maps and joints by controlnet-aux: each detector of it by the name of its class, its weights from a folder.

The package would download weights that it does not find; here it is only ever given a folder. Its files
are pickles, which torch opens for their tensors only.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import MissingExtra, ModelError
from firered.models import torchvision_cpu
from firered.models.regions import WHOLE, Region
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

STRONG = 90  # percentile of the steps in a picture from which an edge begins
LEAST = 60  # of Sobel's units (grey levels times four), below which a step is grain
WEAK = 0.4  # of that strength, down to which an edge goes on
BLUR = 1.0  # pixels; deviation of the blur before, so that grain is no edge
STEP = 64  # pixels; the detectors work at multiples of it


class Canny:
    """Edges (Canny 1986) of the channel that changes most, with thresholds that follow the picture."""

    name = "canny"
    revision = "1"

    def find(self, pixels: "Pixels") -> list[Region]:
        """One map of edges, 0 or 1, of (H, W, 3) uint8 RGB pixels."""
        import cv2
        import numpy as np

        smooth = cv2.GaussianBlur(pixels, (0, 0), BLUR)
        # Red on green of the same luma is an edge, too.
        across, down = (cv2.Sobel(smooth, cv2.CV_16S, *axis) for axis in ((1, 0), (0, 1)))
        steps = np.abs(across.astype(np.int32)) + np.abs(down.astype(np.int32))
        most = steps.argmax(axis=2)[:, :, None]
        strong = max(LEAST, float(np.percentile(steps.max(axis=2), STRONG)))
        x, y = (np.take_along_axis(each, most, axis=2)[:, :, 0] for each in (across, down))
        edges = cv2.Canny(x, y, WEAK * strong, strong)
        return [Region(1.0, WHOLE, "edges", matte=(edges > 0).astype(np.float32))]


@dataclass
class Annotator:
    """A detector of controlnet-aux, such as HEDdetector, MidasDetector, LineartDetector, CannyDetector, OpenposeDetector."""

    folder: Path
    detector: str
    device: str = "cpu"

    def __post_init__(self) -> None:
        self.name = self.detector.lower().removesuffix("detector")
        self._run = self._loaded()
        self.revision = _digest(self.folder)

    def find(self, pixels: "Pixels") -> list[Region]:
        """One map (H, W) in 0..1, or the persons with their joints, of (H, W, 3) uint8 RGB pixels."""
        import numpy as np

        if hasattr(self._run, "detect_poses"):
            poses = self._run.detect_poses(np.ascontiguousarray(pixels))
            return [_person(pose) for pose in poses]
        side = max(STEP, min(pixels.shape[:2]) // STEP * STEP)
        settings = {"detect_resolution": side, "image_resolution": side, "output_type": "np"}
        drawn = self._run(np.ascontiguousarray(pixels), **settings)
        return [Region(1.0, WHOLE, self.name, matte=_plane(np.asarray(drawn), pixels))]

    def _loaded(self) -> Any:
        kind: Any = getattr(_package(), self.detector, None)
        if not callable(kind):
            raise ModelError(
                f"detector {self.detector!r}: not in controlnet-aux (such as HEDdetector, MidasDetector)"
            )
        if not hasattr(kind, "from_pretrained"):
            return self._made(kind)
        if not self.folder.is_dir():
            raise ModelError(f"model 'path:{self.folder}': not a folder (of {self.detector}'s weights)")
        try:
            made: Any = kind.from_pretrained(str(self.folder))
        except FileNotFoundError as error:
            name = Path(str(error.filename)).name
            raise ModelError(
                f"detector {self.detector!r}: no {name!r} in {self.folder} (put its weights there)"
            ) from None
        return made.to(self.device)

    def _made(self, kind: Any) -> Any:
        try:
            return kind()
        except (ImportError, NameError) as error:
            # DWpose of controlnet-aux is written for mmpose, and names what it could not import.
            needed = f"needs a package that is not installed ({error})"
            raise ModelError(f"detector {self.detector!r}: {needed} (choose another detector)") from None


def _person(pose: Any) -> Region:
    """A person with 18 joints, as OpenPose orders them; those not found have a score of 0."""
    import numpy as np

    points = [(point.x, point.y, point.score) if point else (0.0, 0.0, 0.0) for point in pose.body.keypoints]
    joints = np.array(points, np.float32)
    seen = joints[joints[:, 2] > 0, :2] if (joints[:, 2] > 0).any() else joints[:, :2]
    (left, top), (right, bottom) = seen.min(axis=0), seen.max(axis=0)
    box = (float(left), float(top), float(right), float(bottom))
    return Region(float(joints[:, 2].mean()), box, "person", points=joints)


def _plane(drawn: "NDArray[Any]", pixels: "Pixels") -> "Floats":
    """Map (H, W) float32 in 0..1 of the size of the pixels."""
    import cv2
    import numpy as np

    grey = drawn.mean(axis=2) if drawn.ndim == 3 else drawn
    height, width = pixels.shape[:2]
    sized = cv2.resize(grey.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    plane: Floats = np.clip(sized / 255, 0, 1).astype(np.float32)
    return plane


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.glob("*.p*t*") if path.is_file()) if folder.is_dir() else []
    return "+".join(sha256_of(path)[:12] for path in files) or "1"


def _package() -> Any:
    torchvision_cpu.install()
    try:
        package: Any = import_module("controlnet_aux")
    except ImportError:
        raise MissingExtra("controlnet-aux", "experts") from None
    return package
