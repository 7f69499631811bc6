"""Most memory of a screening run over few and over many photographs: it should not grow with their number.

python benchmarks/memory.py [--counts 200 800] [--out memory.json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import cv2

from firered.pictures import decode, encode_jpeg
from firered.sources import list_files

SIDE = 1600  # pixels, longer side
RUN = """
import resource, sys
from firered import mappers, operator
from firered.catalog import Catalog
from firered.run import run
from firered.sources import list_files
catalog = Catalog.init(sys.argv[1])
catalog.append(list(list_files(sys.argv[2])))
run([operator.load("ingest")], catalog, mapper=mappers.here)
run([operator.load("photometry"), operator.load("image_hash")], catalog, mapper=mappers.here)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, catalog.status()["photometry"])
"""


def album(folder: Path, count: int) -> None:
    """Write that many different pictures: real photographs, each turned and shifted in brightness."""
    files = list(islice(list_files("embedded:photos"), 40))
    for number in range(count):
        pixels = decode(Path(files[number % len(files)].path).read_bytes())
        scale = SIDE / max(pixels.shape[:2])
        sized = cv2.resize(pixels, None, fx=scale, fy=scale)
        (folder / f"{number}.jpg").write_bytes(
            encode_jpeg(cv2.convertScaleAbs(sized, beta=number // len(files)), quality=85)
        )


def main() -> None:
    """Measure in a process of its own for each count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[200, 800])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = {}
    for count in options.counts:
        with tempfile.TemporaryDirectory() as place:
            photographs = Path(place) / "photographs"
            photographs.mkdir()
            album(photographs, count)
            command = [sys.executable, "-c", RUN, f"{place}/catalog", str(photographs)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            megabytes, images = done.stdout.split()
            found[images] = round(float(megabytes))
            print(f"{images:>6} photographs: {found[images]} MB")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
