"""Vectors of pictures by OpenVINO against torch, in one run, with their cosines to torch's.

python benchmarks/embeddings.py [--photographs FOLDER] [--out embeddings.json]
Fails where a vector's cosine to torch's is below 0.995.
"""

import argparse
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from firered.models.imagenet import BATCH, ImageNetEncoder
from firered.models.openvino_run import RUNTIMES, resolved
from firered.pictures import decode, shrink
from firered.sources import list_files
from harness import bench, show

LEAST = 0.995  # cosine


def prepared(source: str, count: int) -> list[list[Any]]:
    """Photographs of at most 512 pixels, in batches."""
    files = islice(list_files(source), count)
    pixels = [shrink(decode(Path(file.path).read_bytes()), 512) for file in files]
    return [pixels[start : start + BATCH] for start in range(0, len(pixels), BATCH)]


def least_cosine(batches: list[list[Any]], encoder: ImageNetEncoder, reference: ImageNetEncoder) -> float:
    """Least cosine of a picture's vector to the reference's."""
    both = [(encoder.embed_images(batch), reference.embed_images(batch)) for batch in batches]
    return float(min(np.einsum("nd,nd->n", mine, theirs).min() for mine, theirs in both))


def main() -> None:
    """Check the cosines, then compare the times; a method's item is a batch of eight pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    import torch

    torch.set_num_threads(1)
    batches = prepared(options.photographs, options.count)
    encoders = {runtime: ImageNetEncoder(runtime) for runtime in RUNTIMES}
    cosines = {name: least_cosine(batches, each, encoders["torch"]) for name, each in encoders.items()}
    for name, cosine in cosines.items():
        print(f"{name:<16} least cosine to torch {cosine:.5f}")
        if cosine < LEAST:
            raise SystemExit(f"{name}: cosine {cosine:.4f} below {LEAST}")
    methods = {name: each.embed_images for name, each in encoders.items()}
    timings = bench(methods, batches, options.rounds)
    show(
        f"EfficientNet-Lite0, batches of {BATCH}, bf16 least cosine {cosines['openvino-bf16']:.5f}",
        timings,
        "torch",
        options.out,
    )
    by_name = {timing.name: timing for timing in timings}
    low, middle, high = by_name["torch"].ratio(by_name[resolved("auto")])
    print(f"torch takes {middle:.1f} times as long as {resolved('auto')} (p10..p90 {low:.1f}..{high:.1f})")


if __name__ == "__main__":
    main()
