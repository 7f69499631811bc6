"""Does the copy descriptor tell copies from other photographs? Learns its projection, too.

python benchmarks/copies.py [--learn copy_projection.npz] [--out copies.json]
Learns from the photographs whose sha256 begins with an even digit, and checks on the odd ones.
"""

import argparse
import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from firered.descriptors.hashes import hashes_of
from firered.models.copy_descriptor import CopyEncoder
from firered.models.imagenet import ImageNetEncoder
from firered.pictures import decode, encode_jpeg, shrink
from firered.sources import list_files

Pixels = Any  # (H, W, 3) uint8
DIMENSIONS = 256
SHRINKAGE = 0.02  # of the differences' mean variance, added to each
SAME_SCENE = (0.85, 8)  # EfficientNet's cosine above, or bits up to which two photographs show one scene
# Two views of one scene that neither measure shows, by patterns of their paths.
VIEWS = ("graf", "leuven", "data/aero", "euschwanstein", "data/(left|right)")


def crop(share: float) -> Callable[[Pixels, Any], Pixels]:
    """Make a crop that leaves a share of the area, anywhere."""

    def cut(pixels: Pixels, random: Any) -> Pixels:
        height, width = (round(side * share**0.5) for side in pixels.shape[:2])
        top, left = (
            random.integers(pixels.shape[0] - height + 1),
            random.integers(pixels.shape[1] - width + 1),
        )
        return pixels[top : top + height, left : left + width]

    return cut


def letters(pixels: Pixels, random: Any) -> Pixels:
    """Three lines of large letters."""
    written, (height, width) = pixels.copy(), pixels.shape[:2]
    for _ in range(3):
        place = int(random.integers(width // 3)), int(random.integers(height // 6, height))
        ink = tuple(int(value) for value in random.integers(0, 256, 3))
        text = f"SALE 50% {random.integers(1000)}"
        cv2.putText(
            written, text, place, cv2.FONT_HERSHEY_DUPLEX, width / 267, ink, 2 + width // 200, cv2.LINE_AA
        )
    return written


def recoloured(pixels: Pixels, random: Any) -> Pixels:
    """Channels mixed, and other light."""
    mix = np.eye(3) + random.normal(0, 0.25, (3, 3))
    mixed = pixels.astype(np.float32) @ mix.T * random.uniform(0.7, 1.2) + random.uniform(-20, 20)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def tilted(pixels: Pixels, random: Any) -> Pixels:
    """Turned by five degrees, with black corners."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 5 * random.choice([-1, 1]), 1)
    return cv2.warpAffine(pixels, turn, (width, height))


COPIES: dict[str, Callable[[Pixels, Any], Pixels]] = {
    "crop 90 %": crop(0.9),
    "crop 70 %": crop(0.7),
    "crop 50 %": crop(0.5),
    "letters": letters,
    "recoloured": recoloured,
    "tilted": tilted,
    "mirrored": lambda pixels, random: np.ascontiguousarray(pixels[:, ::-1]),
    "jpeg 30": lambda pixels, random: decode(encode_jpeg(pixels, quality=30)),
    "blurred": lambda pixels, random: cv2.GaussianBlur(pixels, (0, 0), max(pixels.shape) / 170),
}


def photographs(source: str) -> tuple[list[str], list[Pixels], Any]:
    """Paths, pixels and evenness of the sha256 of the distinct photographs."""
    found: dict[str, tuple[str, Pixels]] = {}
    for file in list_files(source):
        data = Path(file.path).read_bytes()
        found.setdefault(sha256(data).hexdigest(), (file.path, shrink(decode(data), 512)))
    even = np.array([int(digits[0], 16) % 2 == 0 for digits in found])
    paths, pixels = zip(*found.values(), strict=True)
    return list(paths), list(pixels), even


def learned(plain: Any, copies: list[Any]) -> tuple[Any, Any]:
    """Mean (D,) and projection (D, 256): differences between copies are white, then principal components."""
    every = np.concatenate([plain, *copies])
    apart = np.concatenate([each - plain for each in copies])
    spread = apart.T @ apart / len(apart)
    spread += SHRINKAGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    values, axes = np.linalg.eigh(spread)
    whitening = axes / np.sqrt(values)
    white = (every - every.mean(axis=0)) @ whitening
    _, components = np.linalg.eigh(white.T @ white)
    projection = whitening @ components[:, ::-1][:, :DIMENSIONS]
    return every.mean(axis=0), projection / np.abs(projection).max()


def figures(likeness: dict[str, Any], different: Any) -> dict[str, float]:
    """Area under the curve, and the recall of each kind above every two different photographs."""
    others = np.sort(np.concatenate([each[different] for each in likeness.values()]))
    own = {kind: np.diag(each) for kind, each in likeness.items()}
    whole = np.concatenate(list(own.values()))
    below = (np.searchsorted(others, whole, "left") + np.searchsorted(others, whole, "right")) / 2
    recalls = {kind: float((values > others[-1]).mean()) for kind, values in own.items()}
    return {"auc": float(below.mean() / len(others)), "all": float((whole > others[-1]).mean()), **recalls}


def of_one_scene(paths: list[str], features: Any, hashes: Any) -> Any:
    """Which two photographs (N, N) show one scene."""
    cosine, bits = SAME_SCENE
    views = np.array([next((view for view in VIEWS if re.search(view, path)), path) for path in paths])
    near = np.bitwise_count(hashes[:, None] ^ hashes[None]) <= bits
    return (features @ features.T > cosine) | near | (views[:, None] == views[None])


def unit(vectors: Any) -> Any:
    """Rows of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def hashes_of_all(pictures: list[Pixels]) -> Any:
    """Perceptual hashes (N,) as unsigned integers."""
    lumas = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in pictures]
    return np.array([hashes_of(luma).phash for luma in lumas], np.int64).view(np.uint64)


def main() -> None:
    """Embed photographs and copies, learn where asked, and print a table for the odd half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--learn", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    random = np.random.default_rng(0)
    paths, plain, even = photographs(options.photographs)
    sets = {"": plain, **{kind: [make(each, random) for each in plain] for kind, make in COPIES.items()}}
    copy, imagenet = CopyEncoder(), ImageNetEncoder()
    pooled = {kind: copy.pooled(pictures) for kind, pictures in sets.items()}
    features = {kind: imagenet.embed_images(pictures) for kind, pictures in sets.items()}
    hashes = {kind: hashes_of_all(pictures) for kind, pictures in sets.items()}
    mean, matrix = learned(pooled[""][even], [pooled[kind][even] for kind in COPIES])
    if options.learn:
        np.savez(options.learn, mean=mean.astype(np.float32), matrix=matrix.astype(np.float16))
    odd, different = ~even, ~of_one_scene(paths, features[""], hashes[""])[~even][:, ~even]
    projected = {kind: unit((each - mean) @ matrix)[odd] for kind, each in pooled.items()}
    spaces = {
        "copy": {kind: projected[""] @ projected[kind].T for kind in COPIES},
        "efficientnet-lite0": {kind: features[""][odd] @ features[kind][odd].T for kind in COPIES},
        "phash": {
            kind: 64.0 - np.bitwise_count(hashes[""][odd][:, None] ^ hashes[kind][odd][None])
            for kind in COPIES
        },
    }
    table = {name: figures(likeness, different) for name, likeness in spaces.items()}
    for name, line in table.items():
        print(f"{name:<20} " + "  ".join(f"{kind} {value:.3f}" for kind, value in line.items()))
    if options.out:
        options.out.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
