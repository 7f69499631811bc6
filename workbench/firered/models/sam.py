"""Segment Anything: cuts out what is in given boxes, and everything there is. Weights by path or of the hub.

A file of the first release (`sam_vit_b_01ec64.pth` and the like) is run by the package segment-anything,
whatever its size: the shapes of its tensors tell. Folders in transformers' format are run by transformers:
SAM, SAM 2, and the tracker of SAM 3.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import MissingExtra, ModelError
from firered.models import torchvision_cpu
from firered.models.checkpoint import digest
from firered.models.regions import Box, Cutter, Region
from firered.models.soft import box_of, hard
from firered.models.specs import Spec
from firered.models.weights import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FAMILIES = ("sam", "sam2", "sam3_tracker")
POINTS_A_SIDE = 16  # of the grid from which everything is cut out
PIXEL_MEANS, PIXEL_DEVIATIONS = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]


def load_cutter(path: Path, *, spec: Spec, device: str) -> Cutter:
    """Load a file of segment-anything or a folder of transformers; raises ModelError, MissingExtra."""
    if path.is_file():
        return SegmentAnything(path, device=device)
    return SamCheckpoint(path, spec=spec, device=device)


class SegmentAnything:
    """SAM of the first release, any size of it."""

    name = "sam"

    def __init__(self, path: Path, *, device: str = "cpu") -> None:
        self.revision = sha256_of(path)[:12]
        self._package = _segment_anything()
        self._model = built(_tensors(path)).to(device)
        self._predictor = self._package.SamPredictor(self._model)

    def cut(self, pixels: "Pixels", boxes: Sequence[Box]) -> list[Region]:
        """One region with a matte for each box of (H, W, 3) uint8 RGB pixels, in their order."""
        import numpy as np

        height, width = pixels.shape[:2]
        self._predictor.set_image(np.ascontiguousarray(pixels))
        regions = []
        for box in boxes:
            corners = np.array(box) * (width, height, width, height)
            logits, scores, _ = self._predictor.predict(
                box=corners, multimask_output=False, return_logits=True
            )
            regions.append(_region(logits[0], float(scores[0]), box))
        return regions

    def find(self, pixels: "Pixels") -> list[Region]:
        """Everything that a grid of points brings to light in (H, W, 3) uint8 RGB pixels, the surest first."""
        import numpy as np

        generator = self._package.SamAutomaticMaskGenerator(self._model, points_per_side=POINTS_A_SIDE)
        found = generator.generate(np.ascontiguousarray(pixels))
        regions = []
        for each in found:
            matte = each["segmentation"].astype(np.float32)
            box = box_of(hard(matte))
            if box:
                regions.append(Region(min(1.0, float(each["predicted_iou"])), box, matte=matte))
        return sorted(regions, key=lambda each: -each.score)


class SamCheckpoint:
    """SAM, SAM 2 or the tracker of SAM 3 in transformers' format."""

    def __init__(self, folder: Path, *, spec: Spec, device: str = "cpu") -> None:
        torchvision_cpu.install()
        import transformers

        family = transformers.AutoConfig.from_pretrained(folder, local_files_only=True).model_type
        if family not in FAMILIES:
            raise ModelError(f"cutter {str(spec)!r}: {family} takes no boxes (one of: {', '.join(FAMILIES)})")
        self.name = folder.name.lower()
        self.revision = spec.revision or digest(folder)
        self._device = device
        self._processor = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
        model = transformers.AutoModelForMaskGeneration.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._model = model.eval().to(device)

    def cut(self, pixels: "Pixels", boxes: Sequence[Box]) -> list[Region]:
        """One region with a matte for each box of (H, W, 3) uint8 RGB pixels, in their order."""
        import torch

        if not boxes:
            return []
        height, width = pixels.shape[:2]
        corners = [[a * width, b * height, c * width, d * height] for a, b, c, d in boxes]
        inputs = self._processor(images=pixels.copy(), input_boxes=[corners], return_tensors="pt")
        sizes = [inputs[name] for name in ("original_sizes", "reshaped_input_sizes") if name in inputs]
        with torch.inference_mode():
            found = self._model(**inputs.to(self._device), multimask_output=False)
        logits = self._processor.post_process_masks(found.pred_masks.cpu(), *sizes, binarize=False)[0]
        scores = found.iou_scores[0].reshape(len(boxes)).tolist()
        planes = logits.reshape(len(boxes), height, width).numpy()
        return [_region(*each) for each in zip(planes, scores, boxes, strict=True)]


def built(tensors: dict[str, Any]) -> Any:
    """The network of segment-anything that has these weights; raises ModelError where they are not SAM's."""
    package = _segment_anything()
    try:
        sizes = _sizes(tensors)
        model = package.modeling.Sam(*_parts(package.modeling, sizes), PIXEL_MEANS, PIXEL_DEVIATIONS)
        model.load_state_dict(tensors)
    except (KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:120]
        raise ModelError(f"weights of SAM: {reason} (a file of segment-anything's first release)") from None
    return model.eval()


def _parts(modeling: Any, sizes: dict[str, Any]) -> tuple[Any, Any, Any]:
    from functools import partial

    import torch

    side, patch, width = sizes["side"], sizes["patch"], sizes["out"]
    encoder = modeling.ImageEncoderViT(
        depth=sizes["depth"],
        embed_dim=sizes["width"],
        img_size=side,
        mlp_ratio=4,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        num_heads=sizes["heads"],
        patch_size=patch,
        qkv_bias=True,
        use_rel_pos=True,
        global_attn_indexes=sizes["whole"],
        window_size=sizes["window"],
        out_chans=width,
    )
    grid = (side // patch, side // patch)
    prompts = modeling.PromptEncoder(width, grid, (side, side), 16)
    transformer = modeling.TwoWayTransformer(depth=2, embedding_dim=width, mlp_dim=sizes["mlp"], num_heads=8)
    masks = modeling.MaskDecoder(transformer_dim=width, transformer=transformer)
    return encoder, prompts, masks


def _sizes(tensors: dict[str, Any]) -> dict[str, Any]:
    """Sizes of the network that the shapes of its tensors tell; raises KeyError for tensors that are not SAM's."""
    _, grid, _, width = tensors["image_encoder.pos_embed"].shape
    patch = tensors["image_encoder.patch_embed.proj.weight"].shape[-1]
    depth = len({name.split(".")[2] for name in tensors if name.startswith("image_encoder.blocks.")})
    positions = [tensors[f"image_encoder.blocks.{block}.attn.rel_pos_h"].shape for block in range(depth)]
    # A block that sees the whole picture knows of twice as many places, less one, as the picture has.
    whole = [block for block, shape in enumerate(positions) if shape[0] == 2 * grid - 1]
    windows = [(shape[0] + 1) // 2 for block, shape in enumerate(positions) if block not in whole]
    return {
        "side": grid * patch,
        "patch": patch,
        "width": width,
        "depth": depth,
        "heads": width // positions[0][1],
        "whole": whole,
        "window": windows[0] if windows else 14,
        "out": tensors["image_encoder.neck.0.weight"].shape[0],
        "mlp": tensors["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0],
    }


def _region(logits: "NDArray[Any]", score: float, box: Box) -> Region:
    import numpy as np

    matte = (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)
    return Region(min(max(score, 0.0), 1.0), box_of(hard(matte)) or box, matte=matte)


def _tensors(path: Path) -> dict[str, Any]:
    import torch

    # A pickle, opened for its tensors only.
    tensors: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return tensors


def _segment_anything() -> Any:
    torchvision_cpu.install()
    try:
        package = import_module("segment_anything")
        import_module("segment_anything.modeling")
    except ImportError:
        raise MissingExtra("SAM masks", "experts") from None
    return package
