"""Codes: CPU against zxing-cpp at full size on photographs, recall on planted codes, in one run.

python benchmarks/codes.py [--photographs FOLDER] [--plants 120] [--out codes.json]
"""

import argparse
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zxingcpp

from firered.descriptors import codes
from firered.operators.screen.codes import Codes
from firered.pictures import decode, encode_jpeg
from firered.sources import list_files
from harness import bench, show

SYMBOLOGIES = (
    "QRCode",
    "QRCode",
    "QRCode",
    "EAN13",
    "Code128",
    "Code39",
    "UPCA",
    "EAN8",
    "ITF",
    "DataMatrix",
    "Aztec",
)
SQUARE = ("QRCode", "DataMatrix", "Aztec")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
SCALE = 8  # pixels a module, as drawn
LEAST = 2.0  # pixels a module, as planted
FAST = {"try_rotate": False, "try_downscale": False, "try_invert": False}

Method = Callable[[Any], list[Any]]


@dataclass(frozen=True)
class Plant:
    """A photograph (H, W, 3) with a code on it."""

    pixels: Any
    symbology: str


def photographs(source: str, count: int, chance: random.Random) -> list[Any]:
    """Photographs at 600 to 1600 px, once through a JPEG of quality 75 to 95."""
    found = []
    for file in islice(list_files(source), count):
        pixels = decode(Path(file.path).read_bytes())
        scale = chance.randint(600, 1600) / max(pixels.shape[:2])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        sized = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way)
        found.append(decode(encode_jpeg(sized, quality=chance.randint(75, 95))))
    return found


def content(symbology: str, chance: random.Random) -> str:
    """What a code of this symbology may say."""
    digits = {"EAN13": 12, "UPCA": 11, "EAN8": 7}.get(symbology)
    if digits:
        said = "".join(chance.choices("0123456789", k=digits))
        total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(said)))
        return said + str(-total % 10)
    if symbology == "ITF":
        return "".join(chance.choices("0123456789", k=2 * chance.randint(4, 7)))
    return "".join(
        chance.choices(LETTERS, k=chance.choice((6, 10) if symbology == "Code39" else (8, 14, 40)))
    )


def symbol(symbology: str, chance: random.Random) -> Any:
    """A code (h, w) uint8 with its quiet zone, SCALE pixels a module."""
    said = content(symbology, chance)
    made = zxingcpp.create_barcode(said, getattr(zxingcpp.BarcodeFormat, symbology))
    drawn = np.array(made.to_image(scale=SCALE))
    if symbology in SQUARE:
        return drawn
    bars = np.repeat(drawn[len(drawn) // 2][None], round(drawn.shape[1] * chance.uniform(0.35, 0.7)), axis=0)
    return np.pad(bars, ((3 * SCALE, 3 * SCALE), (0, 0)), constant_values=255)


def plant(photograph: Any, symbology: str, chance: random.Random) -> Plant:
    """Lay a code of 8 to 35 % of the longer side on a photograph, half of them turned by up to 12 degrees."""
    height, width = photograph.shape[:2]
    drawn = symbol(symbology, chance)
    side = max(chance.uniform(0.08, 0.35) * max(height, width), drawn.shape[1] / SCALE * LEAST)
    factor = min(side / drawn.shape[1], 0.9 * height / drawn.shape[0], 0.9 * width / drawn.shape[1])
    drawn = cv2.resize(drawn, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    dark, light = chance.randint(0, 45), chance.randint(205, 255)
    tall, wide = drawn.shape
    left, top = chance.randint(0, width - wide), chance.randint(0, height - tall)
    angle = chance.choice((0.0, chance.uniform(-12, 12)))
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1) + np.array([[0, 0, left], [0, 0, top]])
    ink = cv2.warpAffine(drawn.astype(np.float32) / 255 * (light - dark) + dark, turn, (width, height))
    cover = cv2.warpAffine(np.ones_like(drawn, np.float32), turn, (width, height))[..., None]
    mixed = np.clip(photograph * (1 - cover) + ink[..., None] * cover, 0, 255).astype(np.uint8)
    return Plant(decode(encode_jpeg(mixed, quality=chance.randint(75, 95))), symbology)


def luma(pixels: Any) -> Any:
    """Luma (H, W) uint8 of (H, W, 3) pixels."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def recall(method: Method, plants: list[Plant], *, square: bool) -> float:
    """Share of plants of one shape in which a method sees a code, 0..1."""
    asked = [each for each in plants if (each.symbology in SQUARE) == square]
    return sum(bool(method(each.pixels)) for each in asked) / max(1, len(asked))


def main() -> None:
    """Compare the cascade with zxing-cpp."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--plants", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    chance = random.Random(0)
    items = photographs(options.photographs, options.count, chance)
    plants = [
        plant(chance.choice(items), SYMBOLOGIES[number % len(SYMBOLOGIES)], chance)
        for number in range(options.plants)
    ]
    gate = Codes().gate
    methods: dict[str, Method] = {
        "zxing-cpp, fast flags (floor)": lambda pixels: zxingcpp.read_barcodes(luma(pixels), **FAST),
        "zxing-cpp, as it comes": lambda pixels: zxingcpp.read_barcodes(luma(pixels)),
        "cascade": lambda pixels: codes.find(pixels, gate=gate),
    }
    title = f"codes, {len(items)} photographs of 600 to 1600 px"
    show(title, bench(methods, items, options.rounds), "zxing-cpp, fast flags (floor)", options.out)
    quality = {name: found(method, plants, items) for name, method in methods.items()}
    for name, each in quality.items():
        print(f"{name:<34} " + "  ".join(f"{key} {value:.3f}" for key, value in each.items()))
    if options.out:
        written = json.loads(options.out.read_text(encoding="utf-8")) | {
            "plants": len(plants),
            "found": quality,
        }
        options.out.write_text(json.dumps(written, indent=2), encoding="utf-8")


def found(method: Method, plants: list[Plant], items: list[Any]) -> dict[str, float]:
    """Recall of square codes and of bars, and the share of photographs without codes where one is seen."""
    return {
        "square": recall(method, plants, square=True),
        "bars": recall(method, plants, square=False),
        "false": sum(bool(method(pixels)) for pixels in items) / len(items),
    }


if __name__ == "__main__":
    main()
