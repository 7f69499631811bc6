"""A small frozen manifest for the training tests: noise photographs, edits that are easy to learn."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from firered.manifest import Manifest
from firered.pictures import Pictures
from firered.recipe.stage import StageRecipe
from firered.rows import id_of, id_of_sha256
from firered.store import BlobStore

Pixels = np.ndarray
EDITS: dict[str, Callable[[Pixels], Pixels]] = {
    "brighten": lambda pixels: np.clip(pixels.astype(int) + 60, 0, 255).astype(np.uint8),
    "invert": lambda pixels: 255 - pixels,
    "mirror": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
}
VECTOR_SIZE = 8
SMALL = {"patch": 4, "layers": 1, "width": 32, "heads": 2}
SCHEMA = pa.schema(
    [
        ("pair_id", pa.int64()),
        *[(name, pa.string()) for name in ("split", "task", "subtask", "strategy")],
        *[(name, pa.int64()) for name in ("source_id", "target_id")],
        *[(name, pa.string()) for name in ("source_sha256", "target_sha256")],
        *[(f"{end}_{side}", pa.int32()) for end in ("source", "target") for side in ("width", "height")],
        (
            "texts",
            pa.list_(
                pa.struct(
                    [
                        *[(name, pa.string()) for name in ("tier", "language", "text")],
                        ("vector", pa.list_(pa.float32())),
                    ]
                )
            ),
        ),
    ]
)


def freeze(folder: Path, *, photographs: int = 4, held_out: int = 1) -> Path:
    """Write a manifest of every edit of every photograph; the first few photographs are held out."""
    pictures = Pictures(BlobStore(folder / "blobs"))
    rows = []
    for number in range(photographs):
        pixels = np.random.default_rng(number).integers(0, 255, (24, 32, 3), dtype=np.uint8)
        split = "held_out" if number < held_out else "train"
        rows += [row(pictures, pixels, name, split) for name in EDITS]
    return write(folder, rows)


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as a manifest whose digest is right."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / "rows.parquet")
    digest = hashlib.sha256((folder / "rows.parquet").read_bytes()).hexdigest()
    head = Manifest("test", digest, len(rows), "blobs", "", {})
    (folder / "manifest.json").write_text(json.dumps(asdict(head)))
    return folder


def row(pictures: Pictures, pixels: Pixels, name: str, split: str) -> dict[str, Any]:
    """Make the row of one edit of one photograph."""
    source = png(pictures, pixels)
    target = png(pictures, EDITS[name](pixels))
    height, width = pixels.shape[:2]
    return {
        "pair_id": id_of("pair", source, target),
        "split": split,
        "task": "adjust",
        "subtask": name,
        "strategy": "template",
        "source_id": id_of_sha256(source),
        "target_id": id_of_sha256(target),
        "source_sha256": source,
        "target_sha256": target,
        **{
            f"{end}_{side}": size
            for end in ("source", "target")
            for side, size in (("width", width), ("height", height))
        },
        "texts": [
            text("concise", "en", f"{name} it"),
            text("user", "en", f"please {name}"),
            text("concise", "zh", f"{name}吧"),
        ],
    }


def text(tier: str, language: str, words: str) -> dict[str, Any]:
    """Make a text with a unit vector of its own."""
    vector = np.random.default_rng(id_of(language, words)).normal(size=VECTOR_SIZE)
    return {
        "tier": tier,
        "language": language,
        "text": words,
        "vector": (vector / np.linalg.norm(vector)).tolist(),
    }


def png(pictures: Pictures, pixels: Pixels) -> str:
    """Store pixels without loss; returns their sha256."""
    import cv2

    return pictures.save_bytes(bytes(cv2.imencode(".png", pixels[..., ::-1])[1]))


def recipe(**changes: Any) -> StageRecipe:
    """Make a recipe of seconds: 16 pixels, one narrow block."""
    plain = {
        "stage": "sft",
        "resolutions": [16],
        "model": SMALL,
        "optim": {"lr": 1e-2},
        "captions": {"tiers": {"original": 0, "structured": 0, "instructive": 1}},
        "steps": 6,
        "batch_size": 4,
        "checkpoint_every": 3,
        "threads": 1,
        "evaluation": {"pairs": 4, "sampler_steps": 2, "samples": 1},
    }
    return StageRecipe.model_validate({**plain, **changes})
