"""The fast screening pass through a real catalog, against its floor and a peer, with its recall in the same run.

The floor is a bare decode of the same files. Among the photographs are planted ones: blurred, dark, bright, flat.

python benchmarks/screen.py [--photographs SOURCE] [--cleanvision PYTHON] [--out screen.json]
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import simplejpeg

from firered import mappers, operator
from firered.catalog import Catalog
from firered.pictures import decode
from firered.planting.base import Base
from firered.planting.defects import plant
from firered.run import run
from firered.sources import list_files
from harness import Timing, bench, net, show

SIDE = 1024  # pixels, longer side
LEAST_SIDE = 400  # pixels; smaller photographs would be enlarged and blurred by that
PLANTED = {
    "blur": "blurry",
    "dark": "dark",
    "bright": "light",
    "flat": "low_information",
}  # with the peer's names
FLOOR = "bare decode (floor)"
NET = "whole pass, net of the second"
PEER = """
import sys
from cleanvision import Imagelab
lab = Imagelab(data_path=sys.argv[1])
lab.find_issues(n_jobs=1, verbose=False)
lab.issues.to_json(sys.argv[2], orient="index")
"""


def write_album(source: str, count: int, each: int, folder: Path) -> None:
    """Write photographs as JPEG of quality 90, 4:2:0, at 1024 px, and `each` more of every planted defect."""
    found = []
    for file in list_files(source):
        pixels = decode(Path(file.path).read_bytes())
        if min(pixels.shape[:2]) >= LEAST_SIDE:
            scale = SIDE / max(pixels.shape[:2])
            found.append(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    spread = [found[round(number)] for number in np.linspace(0, len(found) - 1, min(count, len(found)))]
    for number, pixels in enumerate(spread):
        write_jpeg(folder / f"clean_{number:04}.jpg", pixels)
    rng = np.random.default_rng(0)
    for name in PLANTED:
        for number, pixels in enumerate(spread[:: max(1, len(spread) // each)][:each]):
            planted, _ = plant(name, Base(pixels), rng)
            assert isinstance(planted, np.ndarray), name
            write_jpeg(folder / f"{name}_{number:04}.jpg", planted)


def write_jpeg(path: Path, pixels: np.ndarray) -> None:
    """Write (H, W, 3) uint8 pixels."""
    whole = np.ascontiguousarray(pixels)
    path.write_bytes(simplejpeg.encode_jpeg(whole, quality=90, colorsubsampling="420"))


def bare_decode(folder: Path) -> None:
    """Read and decode every file."""
    for path in sorted(folder.iterdir()):
        simplejpeg.decode_jpeg(path.read_bytes(), colorspace="RGB")


@dataclass
class Passes:
    """Whole passes, each into a fresh catalog that was made beforehand."""

    root: Path
    fresh: list[Catalog] = field(default_factory=list)
    done: list[Catalog] = field(default_factory=list)

    def prepare(self, count: int) -> None:
        """Make so many empty catalogs."""
        self.fresh = [Catalog.init(self.root / f"catalog {number}") for number in range(count)]

    def whole(self, name: str, workers: int) -> Callable[[Path], None]:
        """List, read, hash, decode, measure and settle, by a mapper."""

        def method(folder: Path) -> None:
            catalog = self.fresh.pop()
            screen(catalog, folder, name, workers)
            self.done.append(catalog)

        return method

    def again(self, folder: Path) -> None:
        """The same over the folder that a catalog knows already."""
        screen(self.done[0], folder, "here", 1)


def screen(catalog: Catalog, folder: Path, mapper: str, workers: int) -> None:
    """The pass of the recipe: ingest, and photometry and hashes of what came in."""
    catalog.append(list(list_files(str(folder))))
    photometry, image_hash = operator.load("photometry"), operator.load("image_hash")
    with mappers.opened(mapper, workers) as chosen:
        run([operator.load("ingest")], catalog, mapper=chosen, then=[photometry, image_hash])
        run([photometry, image_hash], catalog, mapper=chosen)


def peer(python: Path, out: Path) -> Callable[[Path], None]:
    """The peer in its own Python."""

    def method(folder: Path) -> None:
        subprocess.run(
            [python, "-c", PEER, folder, out / f"{folder.name}.json"], check=True, capture_output=True
        )

    return method


def recall(flagged: dict[str, set[str]], names: list[str]) -> dict[str, float]:
    """Share of the planted that were flagged, and of the clean that were flagged by anything, under 'clean'."""
    found = {}
    for kind in PLANTED:
        planted = [name for name in names if name.startswith(kind)]
        found[kind] = len(flagged[kind] & set(planted)) / len(planted)
    clean = [name for name in names if name.startswith("clean")]
    found["clean"] = len(set().union(*flagged.values()) & set(clean)) / len(clean)
    return found


def ours(catalog: Catalog) -> dict[str, set[str]]:
    """Names of files that the filter photometric rejects."""
    paths = catalog.sql("select image_id, path from ingested join file using (file_id)").to_pylist()
    keys = set(catalog.query("photometric", "filters").column("key").to_pylist())
    flagged = {Path(row["path"]).name for row in paths if row["image_id"] in keys}
    return dict.fromkeys(PLANTED, flagged)


def theirs(path: Path) -> dict[str, set[str]]:
    """Names of files by the peer's issue."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {
        kind: {Path(name).name for name, row in rows.items() if row[f"is_{issue}_issue"]}
        for kind, issue in PLANTED.items()
    }


def peak(folder: Path, root: Path) -> float:
    """Most megabytes of a process that makes one pass."""
    child = subprocess.Popen([sys.executable, __file__, "--once", folder, "--catalog", root / "memory"])
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, status
    return used.ru_maxrss / 1024


def options_of() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--count", type=int, default=120, help="photographs")
    parser.add_argument("--planted", type=int, default=6, help="planted pictures of each kind")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cleanvision", type=Path, help="a Python that has CleanVision")
    parser.add_argument("--most", type=float, default=1.6, help="goal: times the floor")
    parser.add_argument("--least", type=float, default=0.95, help="goal: recall of each planted kind")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--catalog", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Compare the pass with its floor and a peer; ends with an error where a goal is missed."""
    options = options_of()
    cv2.setNumThreads(1)
    if options.once:
        screen(Catalog.init(options.catalog), options.once, "here", 1)
        return
    with TemporaryDirectory(prefix="screen") as root:
        missed = compare(options, Path(root))
    sys.exit("; ".join(missed) or 0)


def compare(options: argparse.Namespace, root: Path) -> list[str]:
    """Run the rounds; returns the goals that were missed."""
    album, few = root / "album", root / "few"
    album.mkdir()
    few.mkdir()
    write_album(options.photographs, options.count, options.planted, album)
    names = sorted(path.name for path in album.iterdir())
    for name in names[:2]:
        (few / name).write_bytes((album / name).read_bytes())
    timings, passes = timed(options, root, album, few, len(names))
    scores = {"firered": recall(ours(passes.done[0]), names)}
    if options.cleanvision:
        scores["cleanvision"] = recall(theirs(root / "album.json"), names)
    memory = peak(album, root)
    title = f"screening, {len(names)} pictures at {SIDE} px, {memory:.0f} MB at most"
    show(title, timings, FLOOR, options.out, extra={"recall": scores, "megabytes": memory})
    for name, found in scores.items():
        print(f"{name}: flagged " + ", ".join(f"{kind} {share:.3f}" for kind, share in found.items()))
    return misses(options, timings, scores)


def timed(
    options: argparse.Namespace, root: Path, album: Path, few: Path, count: int
) -> tuple[list[Timing], Passes]:
    """Times of all methods."""
    passes = Passes(root)
    passes.prepare(2 * (options.rounds + 1) + 1)
    passes.whole("here", 1)(album)
    methods: dict[str, Callable[[Path], object]] = {
        FLOOR: bare_decode,
        "whole pass": passes.whole("here", 1),
        "whole pass, 2 threads": passes.whole("threads", 2),
        "second pass, nothing changed": passes.again,
    }
    if options.cleanvision:
        call = peer(options.cleanvision, root)
        methods["CleanVision and its start"] = call
        methods["CleanVision's start"] = lambda folder: call(few)
    timings = bench(methods, [album], options.rounds, pictures=count)
    times = {timing.name: timing for timing in timings}
    if options.cleanvision:
        timings.append(net("CleanVision, net", *timings[-2:]))
    # Opening the catalog and asking what is to do costs the same for few photographs as for many.
    timings.append(net(NET, times["whole pass"], times["second pass, nothing changed"]))
    return timings, passes


def misses(
    options: argparse.Namespace, timings: list[Timing], scores: dict[str, dict[str, float]]
) -> list[str]:
    """Goals that were missed, in words."""
    times = {timing.name: timing for timing in timings}
    _, middle, _ = times[NET].ratio(times[FLOOR])
    found = [f"{NET}: {middle:.2f} times the floor"] if middle > options.most else []
    for kind in PLANTED:
        if scores["firered"][kind] < options.least:
            found.append(f"recall of {kind} {scores['firered'][kind]:.3f}")
    return [f"missed: {each}" for each in found]


if __name__ == "__main__":
    main()
