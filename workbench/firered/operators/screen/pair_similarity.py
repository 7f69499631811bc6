"""How alike the pictures of a pair are and where they differ, Sec. 2.2.1 levels 2 and 3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from firered.models import encoder, openvino_run
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import PairImages, PairSimilarity, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.descriptors.change import Mask
    from firered.pictures import Pixels

    Vectors = dict[str, NDArray[np.float32]]  # sha256 -> unit vector (D,)

# Tasks that change a part of the picture and leave the rest; all others may change every pixel.
LOCAL = frozenset({"add", "remove", "replace", "text", "portrait", "motion", "compose", "beauty"})


@dataclass(frozen=True, kw_only=True)
class Similarity(Operator):
    """Writes three cosines, PSNR, SSIM, the changed region and the hashes of each pair."""

    features: str = "embedded:efficientnet-lite0"
    features_revision: str = "579344248a93"
    semantic: str = "embedded:conse"  # in CLIP's role
    semantic_revision: str = "1571fc982750-5c1c6517+0b0f9fee+579344248a93"
    copy: str = "embedded:copy"  # in ISC21's role
    copy_revision: str = "579344248a93-92c99a80"
    runtime: str = "auto"  # of embedded encoders: openvino-bf16, openvino-f32 or torch
    max_side: int = 1024  # pixels

    reads: ClassVar[type[Row]] = PairImages
    writes: ClassVar[tuple[type[Row], ...]] = (PairSimilarity,)
    batch_size: ClassVar[int] = 8

    def __post_init__(self) -> None:
        """Name the runtime, so that vectors of another precision are another operator's; raises ModelError."""
        object.__setattr__(self, "runtime", openvino_run.resolved(self.runtime))

    def setup(self) -> None:
        """Load the encoders; raises ModelError where one is not the revision that the settings name."""
        assert all(each.revision for each in self._encoders)

    @cached_property
    def _encoders(self) -> list[encoder.Encoder]:
        """Encoders of features, semantic and copy, in this order."""
        chosen = (
            (self.features, self.features_revision),
            (self.semantic, self.semantic_revision),
            (self.copy, self.copy_revision),
        )
        return [
            encoder.load_revision(spec, revision, runtime=self.runtime, operator=self.name())
            for spec, revision in chosen
        ]

    def __call__(self, rows: Sequence[PairImages], pictures: Pictures) -> Iterator[list[PairSimilarity]]:
        """Yield the similarity of each pair; each distinct picture of the batch is embedded once."""
        shas = list(dict.fromkeys(sha for row in rows for sha in (row.source_sha256, row.target_sha256)))
        scaled = {sha: pictures.scaled(sha, self.max_side) for sha in shas}
        images = [read_only(each) for each in scaled.values()]
        spaces = [dict(zip(shas, each.embed_images(images), strict=True)) for each in self._encoders]
        for row in rows:
            yield [similarity(row, scaled[row.source_sha256], scaled[row.target_sha256], spaces)]


def similarity(
    row: PairImages, source: "Pixels", target: "Pixels", spaces: "Sequence[Vectors]"
) -> PairSimilarity:
    """Row of a pair from its pixels and its vectors of features, semantic and copy."""
    from firered.descriptors import change, likeness

    features, semantic, copy = (float(each[row.source_sha256] @ each[row.target_sha256]) for each in spaces)
    laid = likeness.laid_over(target, source.shape[:2])
    lumas = likeness.luma(source), likeness.luma(laid)
    found = change.change_of(source, laid)
    mask = edit_mask(row, found)
    return PairSimilarity(
        row.pair_id,
        features=features,
        semantic=semantic,
        copy=copy,
        psnr=likeness.psnr(source, laid),
        ssim=likeness.ssim(*lumas),
        changed_area=found.area,
        change=found.strength,
        psnr_outside=found.psnr_outside(mask),
        leak=found.leak(mask),
        changed_map=found.bits(),
        source_phash=_hash(lumas[0]),
        target_phash=_hash(likeness.luma(target)),
    )


def read_only(pixels: "Pixels") -> "Pixels":
    """The same pixels, not to be written to, so that encoders know them again."""
    pixels.setflags(write=False)
    return pixels


def edit_mask(row: PairImages, found: Any) -> "Mask":
    """Where the edit may change pixels, (H, W): the stored box, the main changed regions, or everywhere."""
    from firered.descriptors import change

    shape = found.visible.shape
    if row.task not in LOCAL:
        return change.whole(shape)
    box = _stored_box(row)
    return change.of_box(shape, box) if box else change.of_regions(found.visible)


def _stored_box(row: PairImages) -> tuple[float, float, float, float] | None:
    """Box of a template's letters, relative to the picture; None where the parameters hold none."""
    import json

    parameters = json.loads(row.parameters or "{}")
    text = parameters.get("text") if isinstance(parameters, dict) else None
    return tuple(text["box"]) if isinstance(text, dict) and text.get("box") else None


def _hash(luma: Any) -> int:
    from firered.descriptors.hashes import hashes_of

    return hashes_of(luma).phash


OPERATOR = Similarity
