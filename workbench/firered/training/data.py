"""What is trained on: a frozen manifest, checked, and its pictures as small squares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from torch import Tensor

from firered import manifest
from firered.errors import ManifestError
from firered.pictures import Pictures
from firered.store import BlobStore

# Squares are kept in memory up to this many bytes (87,000 pairs at 32 pixels); beyond it they are
# decoded each time they are needed, so memory stays flat.
HELD_BYTES = 512 * 1024 * 1024
COLUMNS = ("pair_id", "split", "task", "subtask", "source_id", "source_sha256", "target_sha256", "texts")


@dataclass(frozen=True)
class Words:
    """One text of a pair; `phrase` is the row of its vector in the manifest's phrases."""

    tier: str
    language: str
    phrase: int


@dataclass(frozen=True)
class Pair:
    """One edit to learn from."""

    pair_id: int
    split: str  # train held_out
    task: str
    subtask: str
    source_id: int
    source_sha256: str
    target_sha256: str
    texts: tuple[Words, ...]


@dataclass(frozen=True)
class Manifest:
    """A frozen choice of pairs; `phrases` (P, D) are the vectors of the distinct texts."""

    name: str
    digest: str
    blobs: Path
    pairs: tuple[Pair, ...]
    phrases: Tensor

    def split(self, name: str) -> list[Pair]:
        """Return the pairs of a split in order of their ids; raises ManifestError where there are none."""
        chosen = [pair for pair in self.pairs if pair.split == name]
        if not chosen:
            raise ManifestError(
                f"manifest {self.name!r}: no pair in split {name!r} (freeze one with more pairs)"
            )
        return chosen


def read(folder: Path) -> Manifest:
    """Read a manifest folder; raises ManifestError where it is missing, altered, empty or without vectors."""
    head = manifest.read(folder)
    try:
        table = pq.read_table(folder / "rows.parquet", columns=list(COLUMNS))
    except pa.ArrowInvalid as error:
        raise ManifestError(f"{folder}: not as expected: {error} (freeze the manifest again)") from None
    phrases = Phrases()
    pairs = sorted((_pair(row, phrases) for row in table.to_pylist()), key=lambda pair: pair.pair_id)
    if not pairs:
        raise ManifestError(f"{folder}: has no pairs (freeze one whose query finds some)")
    return Manifest(head.name, head.digest, (folder / head.blobs).resolve(), tuple(pairs), phrases.stacked())


class Phrases:
    """Vectors of distinct texts: templates repeat, so each is held once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], int] = {}
        self.vectors: list[NDArray[np.float32]] = []

    def row(self, language: str, text: str, vector: Sequence[float]) -> int:
        """Row of a text's vector, added where it is new."""
        if (language, text) not in self.rows:
            self.rows[language, text] = len(self.vectors)
            self.vectors.append(np.asarray(vector, dtype=np.float32))
        return self.rows[language, text]

    def stacked(self) -> Tensor:
        """All vectors, (P, D)."""
        sizes = {len(vector) for vector in self.vectors}
        if len(sizes) != 1:
            raise ManifestError(
                f"texts: vectors of different sizes {sorted(sizes)} (encode them with one encoder)"
            )
        return torch.from_numpy(np.stack(self.vectors))


def _pair(row: dict[str, Any], phrases: Phrases) -> Pair:
    texts = row.pop("texts")
    if not texts:
        raise ManifestError(f"pair {row['pair_id']}: has no text (run an operator that writes instructions)")
    if any(not text["vector"] for text in texts):
        raise ManifestError(
            f"pair {row['pair_id']}: a text has no vector (run the encode operator, then freeze again)"
        )
    words = (
        Words(text["tier"], text["language"], phrases.row(text["language"], text["text"], text["vector"]))
        for text in texts
    )
    return Pair(**row, texts=tuple(words))


# --- pictures -----------------------------------------------------------------------------------


@dataclass
class Squares:
    """Pictures of blobs as squares of `side` pixels, each kept once made while memory allows."""

    blobs: Path
    side: int
    bound: int = HELD_BYTES
    _held: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the blob store."""
        self._pictures = Pictures(BlobStore(self.blobs))

    def __call__(self, sha256s: Iterable[str]) -> Tensor:
        """Stack the squares of blobs: (B, 3, side, side) uint8."""
        return torch.stack([self._one(sha256) for sha256 in sha256s])

    def _one(self, sha256: str) -> Tensor:
        if sha256 in self._held:
            return self._held[sha256]
        try:
            pixels = self._pictures.pixels(sha256)
        except ValueError as error:
            raise ManifestError(
                f"blob {sha256[:12]}: {error} (it was altered: firered catalog audit)"
            ) from None
        made = torch.from_numpy(square(pixels, self.side)).permute(2, 0, 1).contiguous()
        if (len(self._held) + 1) * made.nbytes <= self.bound:
            self._held[sha256] = made
        return made


def square(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Cut the centre square of (H, W, 3) pixels and area-average it to (side, side, 3).

    The window depends on the size alone, so a source and a target of one size share it.
    """
    height, width = pixels.shape[:2]
    window = min(height, width)
    top, left = (height - window) // 2, (width - window) // 2
    cut = pixels[top : top + window, left : left + window]
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
