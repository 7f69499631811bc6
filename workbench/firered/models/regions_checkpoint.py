"""Checkpoints in transformers' format that find regions: objects by labels or words, SAM 3, joints, depth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.models.checkpoint import digest
from firered.models.regions import WHOLE, Box, Perception, Region
from firered.models.soft import box_of, hard
from firered.models.specs import Spec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

LEAST = 0.05  # score below which nothing is told; operators have their own, higher ones


@dataclass
class Checkpoint:
    """A network and its processor; `labels` are what it looks for where it takes words."""

    name: str
    revision: str
    model: Any
    processor: Any
    device: str
    labels: tuple[str, ...] = ()

    def run(self, pixels: "Pixels", **words: Any) -> tuple[Any, Any]:
        """Inputs and outputs for (H, W, 3) uint8 RGB pixels (and words)."""
        import torch

        # A copy, because torch warns of pixels that cannot be written.
        inputs = self.processor(images=pixels.copy(), **words, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            return inputs, self.model(**inputs)


@dataclass
class Depth(Checkpoint):
    """Depth of each pixel, 1 the nearest and 0 the farthest of the picture."""

    def find(self, pixels: "Pixels") -> list[Region]:
        """One map of (H, W, 3) uint8 RGB pixels."""
        import cv2
        import numpy as np

        _, found = self.run(pixels)
        depth = found.predicted_depth[0].float().cpu().numpy()
        height, width = pixels.shape[:2]
        depth = cv2.resize(depth, (width, height), interpolation=cv2.INTER_LINEAR)
        spread = float(np.ptp(depth)) or 1.0
        return [Region(1.0, WHOLE, "depth", matte=((depth - depth.min()) / spread).astype(np.float32))]


@dataclass
class Detector(Checkpoint):
    """Objects of the kinds that the checkpoint knows."""

    def find(self, pixels: "Pixels") -> list[Region]:
        """Objects of (H, W, 3) uint8 RGB pixels, the surest first."""
        _, outputs = self.run(pixels)
        sizes = [pixels.shape[:2]]
        (found,) = self.processor.post_process_object_detection(outputs, threshold=LEAST, target_sizes=sizes)
        names = [self.model.config.id2label[int(label)] for label in found["labels"]]
        return _boxed(found["scores"], found["boxes"], names, pixels)


@dataclass
class WordDetector(Checkpoint):
    """Objects that words name (Grounding DINO and the like)."""

    def find(self, pixels: "Pixels") -> list[Region]:
        """Objects of (H, W, 3) uint8 RGB pixels, the surest first."""
        inputs, outputs = self.run(pixels, text=[list(self.labels)])
        (found,) = self.processor.post_process_grounded_object_detection(
            outputs,
            inputs["input_ids"],
            threshold=LEAST,
            text_threshold=LEAST,
            target_sizes=[pixels.shape[:2]],
        )
        names = found.get("text_labels") or found["labels"]
        return _boxed(found["scores"], found["boxes"], [str(name) for name in names], pixels)


@dataclass
class WordMasks(Checkpoint):
    """Masks of what words name (SAM 3)."""

    def find(self, pixels: "Pixels") -> list[Region]:
        """Regions with mattes of (H, W, 3) uint8 RGB pixels, the surest first."""
        found = [region for label in self.labels for region in self._named(pixels, label)]
        return sorted(found, key=lambda each: -each.score)

    def _named(self, pixels: "Pixels", label: str) -> list[Region]:
        import numpy as np

        _, outputs = self.run(pixels, text=label)
        (found,) = self.processor.post_process_instance_segmentation(
            outputs, threshold=LEAST, mask_threshold=0.5, target_sizes=[list(pixels.shape[:2])]
        )
        mattes = [mask.float().cpu().numpy().astype(np.float32) for mask in found["masks"]]
        scored = zip(found["scores"].tolist(), mattes, strict=True)
        boxed = [(score, box_of(hard(matte)), matte) for score, matte in scored]
        return [Region(score, box, label, matte=matte) for score, box, matte in boxed if box]


@dataclass
class Joints(Checkpoint):
    """Joints of persons (ViTPose), in the boxes that the embedded detector of objects finds."""

    def find(self, pixels: "Pixels") -> list[Region]:
        """Persons of (H, W, 3) uint8 RGB pixels, the surest first, with points (N, 3)."""
        from firered.models.human import shared_objects

        persons = [each for each in shared_objects().find(pixels) if each.label == "person"]
        return self.joints(pixels, persons) if persons else []

    def joints(self, pixels: "Pixels", persons: list[Region]) -> list[Region]:
        """Same persons with their points (N, 3)."""
        import numpy as np

        height, width = pixels.shape[:2]
        boxes = [np.array(each.box) * (width, height, width, height) for each in persons]
        sizes = np.array([[a, b, c - a, d - b] for a, b, c, d in boxes])
        _, outputs = self.run(pixels, boxes=[sizes])
        (found,) = self.processor.post_process_pose_estimation(outputs, boxes=[sizes])
        regions = []
        for person, each in zip(persons, found, strict=True):
            places = each["keypoints"].float().cpu().numpy() / (width, height)
            scores = each["scores"].float().cpu().numpy()
            points = np.concatenate([places, scores[:, None]], axis=1).astype(np.float32)
            regions.append(Region(float(scores.mean()), person.box, "person", points=points))
        return regions


def load(folder: Path, *, spec: Spec, labels: tuple[str, ...], device: str) -> Perception:
    """Load a folder by the kind of its model; raises ModelError for one that finds no regions."""
    if folder.is_file():
        from firered.models.sam import SegmentAnything

        return SegmentAnything(folder, device=device)
    torchvision_cpu.install()
    import transformers

    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"model {str(spec)!r}: {str(error).splitlines()[0][:200]}") from None
    auto, kind, takes_words = _kind(config, spec)
    if takes_words and not labels:
        raise ModelError(f"model {str(spec)!r}: takes words (set labels)")
    model = getattr(transformers, auto).from_pretrained(folder, local_files_only=True, use_safetensors=True)
    processing = "AutoProcessor" if takes_words else "AutoImageProcessor"
    processor = getattr(transformers, processing).from_pretrained(folder, local_files_only=True)
    revision = spec.revision or digest(folder)
    return kind(folder.name.lower(), revision, model.eval().to(device), processor, device, labels)


def _kind(config: Any, spec: Spec) -> tuple[str, Callable[..., Perception], bool]:
    """Class of transformers that opens a model, the class here that runs it, and whether it takes words."""
    architecture = (config.architectures or [""])[0]
    if config.model_type == "sam3":
        return "Sam3Model", WordMasks, True
    if architecture.endswith("ForDepthEstimation"):
        return "AutoModelForDepthEstimation", Depth, False
    if config.model_type in ("grounding-dino", "mm-grounding-dino"):
        return "AutoModelForZeroShotObjectDetection", WordDetector, True
    if architecture == "VitPoseForPoseEstimation":
        return "VitPoseForPoseEstimation", Joints, False
    if architecture.endswith("ForObjectDetection"):
        return "AutoModelForObjectDetection", Detector, False
    known = "a model for depth, objects or poses, Grounding DINO, SAM 3"
    raise ModelError(
        f"model {str(spec)!r}: {architecture or config.model_type} finds no regions here ({known})"
    )


def _boxed(scores: Any, boxes: Any, names: list[str], pixels: "Pixels") -> list[Region]:
    height, width = pixels.shape[:2]
    shares = [_shares(box, height, width) for box in boxes.tolist()]
    found = [
        Region(score, box, name) for score, box, name in zip(scores.tolist(), shares, names, strict=True)
    ]
    return sorted(found, key=lambda each: -each.score)


def _shares(box: list[float], height: int, width: int) -> Box:
    left, top, right, bottom = (
        min(max(value / side, 0.0), 1.0) for value, side in zip(box, (width, height) * 2, strict=True)
    )
    return left, top, right, bottom
