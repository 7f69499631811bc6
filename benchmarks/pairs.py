"""PSNR and SSIM of a 512-pixel pair against scikit-image, and from files against the two decodes, in one run.

python benchmarks/pairs.py [--photographs FOLDER] [--out pairs.json]
Fails where the SSIM differs from scikit-image's by more than 0.001.
"""

import argparse
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from firered.descriptors import likeness
from firered.pictures import decode, encode_jpeg
from firered.sources import list_files
from harness import bench, show

SIDE = 512  # pixels
ALLOWED = 1e-3  # of SSIM
Item = tuple[Any, Any, bytes, bytes]  # source and target as pixels and as files


def prepared(source: str, count: int) -> list[Item]:
    """Photographs at 512 x 512 and an edit of each: brighter, blurred, noisy, or another photograph."""
    read = [decode(Path(file.path).read_bytes()) for file in islice(list_files(source), count)]
    squares = [cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for pixels in read]
    noise = np.random.default_rng(0).normal(0, 12, (SIDE, SIDE, 3))
    items = []
    for place, pixels in enumerate(squares):
        edits = (
            cv2.convertScaleAbs(pixels, alpha=1.15, beta=6),
            cv2.GaussianBlur(pixels, (0, 0), 1.2),
            np.clip(pixels + noise, 0, 255).astype(np.uint8),
            squares[place - 1],
        )
        files = encode_jpeg(pixels), encode_jpeg(edits[place % 4])
        items.append((decode(files[0]), decode(files[1]), *files))
    return items


def ours(item: Item) -> tuple[float, float]:
    """PSNR and SSIM of the pixels."""
    return numbers(item[0], item[1])


def from_files(item: Item) -> tuple[float, float]:
    """PSNR and SSIM of the files."""
    return numbers(decode(item[2]), decode(item[3]))


def numbers(first: Any, second: Any) -> tuple[float, float]:
    """PSNR over the channels and SSIM of luma."""
    return likeness.psnr(first, second), likeness.ssim(likeness.luma(first), likeness.luma(second))


def theirs(item: Item) -> tuple[float, float]:
    """The same numbers from scikit-image."""
    lumas = [likeness.luma(pixels) for pixels in item[:2]]
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    return float(peak_signal_noise_ratio(*item[:2])), float(structural_similarity(*lumas, **settings))


def largest_error(items: list[Item]) -> tuple[float, float]:
    """Largest difference to scikit-image in dB and in SSIM."""
    found = np.array([np.subtract(ours(item), theirs(item)) for item in items])
    return float(np.abs(found[:, 0]).max()), float(np.abs(found[:, 1]).max())


def main() -> None:
    """Check, then compare in memory and from files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    items = prepared(options.photographs, options.count)
    decibels, ssim = largest_error(items)
    print(f"largest difference to scikit-image: {decibels:.1e} dB, {ssim:.1e} SSIM")
    if ssim > ALLOWED:
        raise SystemExit(f"SSIM differs by {ssim:.4f}, {ALLOWED} allowed")
    methods = {
        "in memory": ours,
        "scikit-image": theirs,
        "two decodes (floor)": lambda item: (decode(item[2]), decode(item[3])),
        "files to numbers": from_files,
    }
    title = f"PSNR and SSIM, {len(items)} pairs at {SIDE} px, largest SSIM error {ssim:.1e}"
    timings = bench(methods, items, options.rounds)
    show(title, timings, "two decodes (floor)", options.out)
    by_name = {timing.name: timing for timing in timings}
    low, middle, high = by_name["scikit-image"].ratio(by_name["in memory"])
    print(f"scikit-image takes {middle:.1f} times as long as in memory (p10..p90 {low:.1f}..{high:.1f})")


if __name__ == "__main__":
    main()
