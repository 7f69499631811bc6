"""Pairs: an edit, its scores, and the views of pairs that operators read."""

from dataclasses import dataclass
from typing import ClassVar

from firered.rows.base import Row


@dataclass(frozen=True)
class Pair(Row):
    """An edit: source image, target image, further reference images, task, and how it was made."""

    pair_id: int
    source_id: int
    target_id: int
    reference_ids: list[int]
    task: str
    subtask: str
    strategy: str  # template expert control invert split import
    maker: str  # name of the template, expert, ...
    parameters: str  # JSON, everything needed to make the target again
    seed: int
    parent_id: int | None  # pair this one was made from
    photo_id: int | None  # photograph it goes back to, which no split of a manifest may share
    step: int  # k-th step of a split request, 0 for a whole one
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class PixelScore(Row):
    """Model-free judgement of a pair against its stored parameters (pixel truth)."""

    pair_id: int
    property: str  # what was asked to change: brightness, hue, crop, text, ...; "blur undone" for an inverse
    asked: float  # amount asked, in the property's unit
    measured: float  # amount found in the pixels
    followed: float  # 0..1, 1 is exactly as asked
    kept: float  # 0..1, how well the rest is kept
    changed_area: float  # share of pixels that changed, 0..1
    psnr: float  # dB between source and target (100 where identical or of unequal size)


@dataclass(frozen=True)
class EditScore(Row):
    """How a trained model edited a held-out pair."""

    score_id: int
    run_name: str
    pair_id: int
    phase: str  # before after (training)
    psnr: float  # dB, edit against target
    psnr_copy: float  # dB, source against target
    followed: bool | None  # nearer to its own target than to the source's other targets
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class KeptPair(Pair):
    """A pair that no filter of the latest run rejects (view)."""


@dataclass(frozen=True)
class PairImages(Row):
    """A pair with the blobs of its source and target (view)."""

    pair_id: int
    source_id: int
    target_id: int
    task: str
    subtask: str
    strategy: str
    maker: str
    parameters: str
    seed: int
    parent_id: int | None
    photo_id: int | None
    source_sha256: str
    target_sha256: str


# --- levels 2 and 3 of deduplication ------------------------------------------------------------


@dataclass(frozen=True)
class PairSimilarity(Row):
    """How alike source and target are, Sec. 2.2.1 levels 2 and 3, and where they differ."""

    pair_id: int
    features: float  # cosine of the picture embedding, -1..1
    semantic: float  # cosine of the embedding in CLIP's role, -1..1
    copy: float  # cosine of the copy-detection descriptor (the role of ISC21), -1..1
    psnr: float  # dB, at most 100; of the target brought to the source's size where they differ
    ssim: float  # luma, gaussian window of 11 pixels, sigma 1.5, mean over the picture, -1..1
    changed_area: float  # share of pixels that changed visibly, 0..1
    change: float  # mean change of those pixels, 0..1 of the full range
    psnr_outside: float  # dB outside the edit's mask, 100 where nothing changed or all is mask
    leak: float  # share of the changed pixels that lie outside the edit's mask, 0..1
    changed_map: str  # 32 x 32 bits by rows in hexadecimal, 1 where something changed
    source_phash: int  # 64-bit perceptual hashes, signed
    target_phash: int


@dataclass(frozen=True)
class Twin(Row):
    """Two pairs of one task whose sources and targets may be the same (view); pair_id < other_id."""

    twin_id: int
    pair_id: int
    other_id: int
    source_sha256: str
    target_sha256: str
    other_source_sha256: str
    other_target_sha256: str


@dataclass(frozen=True)
class TwinScore(Row):
    """How alike two pairs are: the lesser likeness of their sources and of their targets."""

    twin_id: int
    pair_id: int
    other_id: int
    source_psnr: float  # dB, at most 100
    target_psnr: float
    source_ssim: float  # -1..1
    target_ssim: float
