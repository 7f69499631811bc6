"""Photometry and hashes: images per CPU-second at 1024 px, against the bare decode, in one run.

python benchmarks/screen.py [--photographs FOLDER] [--out screen.json]
"""

import argparse
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from firered.descriptors.hashes import hashes_of
from firered.operators.screen.ingest import facts
from firered.descriptors.photometry import photometry_of
from firered.pictures import decode, encode_jpeg
from firered.sources import list_files
from harness import bench, show

SIDE = 1024  # pixels, longer side


def prepared(source: str, count: int) -> list[bytes]:
    """Photographs as JPEG of quality 90, 4:2:0, at 1024 px."""
    found = []
    for file in islice(list_files(source), count):
        pixels = decode(Path(file.path).read_bytes())
        scale = SIDE / max(pixels.shape[:2])
        sized = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found.append(simplejpeg.encode_jpeg(np.ascontiguousarray(sized), quality=90, colorsubsampling="420"))
    return found


def main() -> None:
    """Compare the pass with its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    items = prepared(options.photographs, options.count)
    methods = {
        "bare decode (floor)": lambda data: simplejpeg.decode_jpeg(data, colorspace="RGB"),
        "decode, photometry, hashes": lambda data: (measure(0, pixels := decode(data)), hashes(pixels)),
        "decode, photometry": lambda data: measure(0, decode(data)),
        "decode, hashes": lambda data: hashes(decode(data)),
        "header facts": facts,
        "encode": lambda data: encode_jpeg(decode(data)),
    }
    show(
        f"screening, {len(items)} photographs at {SIDE} px",
        bench(methods, items, options.rounds),
        "bare decode (floor)",
        options.out,
    )


if __name__ == "__main__":
    main()
