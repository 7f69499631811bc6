"""Judgements: what a model says of pictures, as scores with labels. One protocol, loaded by a spec string.

hf:ID@COMMIT, path:FOLDER   a transformers image classifier (NSFW, generated or not), or a regressor of one output
the same with `head`        an encoder with a linear aesthetic head on it, in the layout of LAION's predictors
embedded:nudenet            bodies, covered or not; its licence is in doubt (see the registry), nothing needs it
pyiqa:METRIC                the package pyiqa, which forbids commercial use, where the user has installed it
"""

import importlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from firered.errors import MissingExtra, ModelError
from firered.models import encoder, packaged, registry, specs, torchvision_cpu
from firered.models.checkpoint import digest
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

FORMS = "hf:ID@COMMIT, path:FOLDER, embedded:nudenet or pyiqa:METRIC"
DTYPES = ("float32", "float16", "bfloat16")
SCORE = "score"  # label of a model that gives a single number and no name for it
BODY_SIDE = 320  # pixels, of the square that nudenet sees
BODY_PARTS = (
    "female_genitalia_covered", "face_female", "buttocks_exposed", "female_breast_exposed", "female_genitalia_exposed",
    "male_breast_exposed", "anus_exposed", "feet_exposed", "belly_covered", "feet_covered", "armpits_covered",
    "armpits_exposed", "face_male", "belly_exposed", "male_genitalia_exposed", "anus_covered",
    "female_breast_covered", "buttocks_covered",
)  # fmt: skip


class Judgement(Protocol):
    """Scores pictures."""

    name: str  # spec
    revision: str  # identity of the weights, and of all else that changes the scores

    def score(self, images: "Sequence[Pixels]") -> list[dict[str, float]]:
        """Scores by label of each picture, pixels (H, W, 3) uint8 RGB of any size."""


@dataclass(frozen=True)
class Placement:
    """Where a model computes and how exactly; an empty device is the GPU where there is one."""

    device: str = ""  # cuda cuda:1 mps cpu
    dtype: str = "float32"  # float32 float16 bfloat16

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ModelError(f"dtype {self.dtype!r}: unknown (one of: {', '.join(DTYPES)})")

    def chosen_device(self) -> str:
        """Device by its name; imports torch where it has to look."""
        if self.device:
            return self.device
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"


def load(spec: str, *, head: str = "", placement: Placement | None = None) -> Judgement:
    """Load a judgement; with `head`, the path of a file, the spec names the encoder below it."""
    placement = placement or Placement()
    if head:
        return HeadJudgement(encoder.load(spec), Path(head).expanduser(), spec)
    kind, _, name = spec.partition(":")
    if kind == "pyiqa" and name:
        return PyiqaJudgement(name, placement)
    if spec == "embedded:nudenet":
        return BodyJudgement()
    if kind in ("hf", "path"):
        return _classifier(specs.parse(spec), placement)
    raise ModelError(f"judgement {spec!r}: unknown (one of: {FORMS})")


class ClassifierJudgement:
    """A transformers image classifier in a folder: a probability for each class, or the output of a regressor."""

    def __init__(self, folder: Path, *, name: str, revision: str, placement: Placement) -> None:
        torchvision_cpu.install()
        import torch
        import transformers

        self.name, self.revision = name, revision
        self._device, self._dtype = placement.chosen_device(), getattr(torch, placement.dtype)
        try:
            self._processor: Any = transformers.AutoImageProcessor.from_pretrained(
                folder, local_files_only=True
            )
            model: Any = transformers.AutoModelForImageClassification.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=self._dtype
            )
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise ModelError(f"judgement {name!r}: {reason} (a folder of an image classifier)") from None
        self._model = model.eval().to(self._device)

    def score(self, images: "Sequence[Pixels]") -> list[dict[str, float]]:
        """Scores by the labels of the model's settings; probabilities unless it has one output."""
        import numpy as np
        import torch

        # Copies: pixels of the store are read-only, which torch warns of.
        inputs = self._processor(images=[np.array(image) for image in images], return_tensors="pt")
        with torch.inference_mode():
            logits = self._model(**inputs.to(self._device, self._dtype)).logits.float().cpu()
        names = self._labels(logits.shape[1])
        return [dict(zip(names, row, strict=True)) for row in self._scores(logits).tolist()]

    def _labels(self, count: int) -> list[str]:
        named = self._model.config.id2label
        # What transformers calls an output that nobody has named.
        return [SCORE] if count == 1 and named[0] == "LABEL_0" else [str(named[n]) for n in range(count)]

    def _scores(self, logits: Any) -> Any:
        kind = self._model.config.problem_type
        if kind == "multi_label_classification":
            return logits.sigmoid()
        return logits if kind == "regression" or logits.shape[1] == 1 else logits.softmax(dim=1)


class HeadJudgement:
    """A linear aesthetic head on an encoder's unit vectors, one layer or several without anything between."""

    def __init__(self, below: encoder.Encoder, head: Path, spec: str) -> None:
        if not head.is_file():
            raise ModelError(f"head {str(head)!r}: no such file (a .safetensors or .pth)")
        self._encoder, self._layers = below, read_head(head)
        self.name = f"{spec}+{head.name}"
        self.revision = f"{below.revision}+{sha256_of(head)[:12]}"

    def score(self, images: "Sequence[Pixels]") -> list[dict[str, float]]:
        """One score for each picture, 1 to 10 with LAION's heads."""
        values = self._encoder.embed_images(images)
        for weight, bias in self._layers:
            if weight.shape[1] != values.shape[1]:
                raise ModelError(
                    f"head of {self.name!r}: takes {weight.shape[1]} numbers, not {values.shape[1]}"
                    " (the encoder that it was trained on)"
                )
            values = values @ weight.T + bias
        return [{SCORE: float(row[0])} for row in values]


class BodyJudgement:
    """NudeNet's detector: for each part of the body the highest score anywhere in the picture."""

    name = "embedded:nudenet"

    def __init__(self) -> None:
        entry = registry.entry("nudenet")
        if registry.state(entry) == "missing":
            raise ModelError(f"model 'nudenet': not installed ({entry.command})")
        (weights,) = packaged.check(entry)
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtra("onnxruntime", "embedded") from None
        self.revision = entry.revision
        self._session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])

    def score(self, images: "Sequence[Pixels]") -> list[dict[str, float]]:
        """Scores of the 18 parts, 0..1."""
        import numpy as np

        batch = np.stack([_squared(image) for image in images])
        (found,) = self._session.run(None, {"images": batch})
        # Four numbers of each box, then its parts; (B, 22, boxes).
        return [dict(zip(BODY_PARTS, row.max(axis=1).tolist(), strict=True)) for row in found[:, 4:]]


class PyiqaJudgement:
    """A metric of the package pyiqa that needs no reference; it downloads its own weights."""

    def __init__(self, metric: str, placement: Placement) -> None:
        torchvision_cpu.install()
        try:
            pyiqa = importlib.import_module("pyiqa")
        except ImportError:
            raise ModelError(
                f"judgement 'pyiqa:{metric}': pyiqa is not installed (pip install pyiqa; its licence forbids commercial use)"
            ) from None
        if metric not in pyiqa.list_models():
            raise ModelError(
                f"judgement 'pyiqa:{metric}': no such metric (pyiqa.list_models() has the names)"
            )
        self.name, self.revision = f"pyiqa:{metric}", str(pyiqa.__version__)
        self._label, self._device = metric, placement.chosen_device()
        self._metric = pyiqa.create_metric(metric, device=self._device)

    def score(self, images: "Sequence[Pixels]") -> list[dict[str, float]]:
        """One score for each picture, in the metric's own unit and direction."""
        import numpy as np
        import torch

        with torch.inference_mode():
            ready = [torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 255 for image in images]
            return [{self._label: float(self._metric(pixels.to(self._device)))} for pixels in ready]


def read_head(path: Path) -> list[tuple["Floats", "Floats"]]:
    """Layers of a head, weight (out, in) and bias (out,), in the order of their numbers in the file."""
    tensors = _tensors(path)
    stems = sorted(
        {name.rpartition(".")[0] for name in tensors},
        key=lambda stem: [int(n) for n in stem.split(".") if n.isdigit()],
    )
    try:
        layers = [
            tuple(tensors[f"{stem}.{part}".lstrip(".")] for part in ("weight", "bias")) for stem in stems
        ]
    except KeyError as error:
        raise ModelError(f"head {path.name!r}: no {error} (linear layers with weight and bias)") from None
    if not layers or layers[-1][0].shape[0] != 1:
        raise ModelError(f"head {path.name!r}: does not end in one number (an aesthetic head)")
    return [(weight, bias) for weight, bias in layers]


def _tensors(path: Path) -> dict[str, "Floats"]:
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return dict(load_file(path))
    import torch

    try:
        # A pickle, opened for its tensors only.
        found = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in found.items()}
    except (pickle.UnpicklingError, RuntimeError, AttributeError):
        raise ModelError(f"head {path.name!r}: not readable as tensors (a .safetensors is)") from None


def _classifier(spec: specs.Spec, placement: Placement) -> Judgement:
    if spec.kind == "path":
        folder = Path(spec.name)
        if not (folder / "config.json").is_file():
            raise ModelError(
                f"judgement 'path:{folder}': no config.json there (a folder of an image classifier)"
            )
        return ClassifierJudgement(folder, name=str(spec), revision=digest(folder), placement=placement)
    entry = registry.entry(str(spec))
    if registry.state(entry) != "installed":
        raise ModelError(f"judgement '{spec}': {registry.state(entry)} (firered models install {spec})")
    folder = registry.where(entry)
    return ClassifierJudgement(folder, name=f"hf:{spec.name}", revision=spec.revision, placement=placement)


def _squared(pixels: "Pixels") -> "Floats":
    """Pixels at the top left of a black square, (3, side, side) float32 in 0..1."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    square[:height, :width] = pixels
    small = cv2.resize(square, (BODY_SIDE, BODY_SIDE), interpolation=cv2.INTER_LINEAR)
    # Blue first: the package's reader swaps the channels twice, and its scores are those of that order.
    return np.asarray(small[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32) / np.float32(255)
