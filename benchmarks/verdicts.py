"""Does the rule over pair similarities keep good pairs and find planted ones? Losses a task, recall a kind.

python benchmarks/verdicts.py [--half odd] [--photos 40] [--out verdicts.json]
Good pairs are those of the template operator and their inverses; the rule was tuned on the photographs whose
sha256 begins with an even digit.
"""

import argparse
import dataclasses
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from firered.catalog import Catalog
from firered.operators.screen.pair_similarity import OPERATOR
from firered.operators.synth.invert import Invert
from firered.operators.synth.template import Template
from firered.pictures import Pictures, decode, shrink
from firered.rows import Image, KeptPhoto, Pair, PairImages, Row, id_of, id_of_sha256
from firered.sources import list_files

FILTERS = ("nothing_changed", "template_clone", "too_much_changed")
Pixels = Any  # (H, W, 3) uint8
Labelled = tuple[str, PairImages]  # kind of pair, or 'good TASK'


def photographs(source: str, half: str, count: int) -> list[Pixels]:
    """Photographs of one half, of 200 to 512 pixels a side."""
    wanted = "02468ace" if half == "even" else "13579bdf"
    data = {
        sha256(each).hexdigest(): each
        for each in (Path(file.path).read_bytes() for file in list_files(source))
    }
    chosen = sorted(digits for digits in data if digits[0] in wanted)
    Random(5).shuffle(chosen)
    pixels = (shrink(decode(data[digits]), 512) for digits in chosen)
    return [each for each in pixels if min(each.shape[:2]) >= 200][:count]


def stored(pixels: Pixels, pictures: Pictures, quality: int = 92) -> KeptPhoto:
    """Row of a photograph whose blob is stored."""
    digits, size = pictures.save(pixels, quality=quality)
    height, width = pixels.shape[:2]
    return KeptPhoto(id_of_sha256(digits), digits, width, height, size, "JPEG", "RGB", 1, "photo", "")


def good(photos: list[KeptPhoto], pictures: Pictures, each: int) -> Iterator[Labelled]:
    """Yield template pairs and their inverses."""
    for photo, rows in zip(photos, Template(per_image=each, seed=3)(photos, pictures), strict=True):
        made: list[Row] = list(rows)
        blobs = {row.image_id: row.sha256 for row in [photo, *made] if isinstance(row, Image)}
        pairs = [with_blobs(row, blobs) for row in made if isinstance(row, Pair)]
        for pair, inverses in zip(pairs, Invert()(pairs, pictures), strict=True):
            for row in (pair, *(with_blobs(row, blobs) for row in inverses if isinstance(row, Pair))):
                yield f"good {row.task}", row


def with_blobs(pair: Pair, blobs: dict[int, str]) -> PairImages:
    """Pair with the blobs of both sides."""
    fields = {name: getattr(pair, name) for name in PairImages.columns()[:-2]}
    return PairImages(**fields, source_sha256=blobs[pair.source_id], target_sha256=blobs[pair.target_id])


def planted(photos: list[KeptPhoto], pictures: Pictures) -> Iterator[Labelled]:
    """Yield pairs in which nothing, too little or everything changed."""
    random = np.random.default_rng(7)
    for place, photo in enumerate(photos):
        for kind, target in edits(pictures.pixels(photo.sha256), random):
            yield kind, paired(kind, photo, pictures.save(target)[0])
        for kind, quality in (("same: quality 90", 90), ("faint: quality 50", 50)):
            again = pictures.save(pictures.pixels(photo.sha256), quality=quality)[0]
            yield kind, paired(kind, photo, again)
        yield "same: copy", paired("same: copy", photo, photo.sha256)
        for step in (7, 14, 21):
            other = photos[(place + step) % len(photos)].sha256
            yield "unrelated", paired("unrelated", photo, other)
            yield "unrelated, stylize", dataclasses.replace(paired("style", photo, other), task="stylize")


def paired(kind: str, source: KeptPhoto, target: str) -> PairImages:
    """Pair as an import would bring it."""
    key, target_id = id_of(kind, source.sha256, target), id_of_sha256(target)
    blobs = (source.sha256, target)
    return PairImages(key, source.image_id, target_id, "replace", "", "import", "", "", 0, None, None, *blobs)


def edits(pixels: Pixels, random: Any) -> Iterator[tuple[str, Pixels]]:
    """Yield targets that nobody could tell from their source."""
    height, width = pixels.shape[:2]
    side = round(min(height, width) * 0.02)
    top, left = int(random.integers(height - side)), int(random.integers(width - side))
    patched = pixels.copy()
    patched[top : top + side, left : left + side] ^= 255
    small = cv2.resize(pixels, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    yield "same: brightness +1", cv2.add(pixels, (1, 1, 1, 0))
    yield "same: brightness -1", cv2.subtract(pixels, (1, 1, 1, 0))
    yield "faint: patch of 2 %", patched
    yield "faint: brightness +4", cv2.add(pixels, (4, 4, 4, 0))
    yield "faint: saturation +5 %", cv2.addWeighted(pixels, 1.05, grey, -0.05, 0)
    yield "faint: noise 2", np.clip(pixels + random.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
    yield "faint: blur 0.5", cv2.GaussianBlur(pixels, (0, 0), 0.5)
    yield "faint: resized 0.7", cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def verdicts(pairs: list[Labelled], pictures: Pictures, root: Path) -> dict[int, str]:
    """Filter that rejects each pair, by its key; raises where two do."""
    operator = OPERATOR()
    operator.setup()
    catalog = Catalog.init(root)
    catalog.register([operator])
    found: dict[int, str] = {}
    rows = list({row.pair_id: row for _, row in pairs}.values())
    for start in range(0, len(rows), 8):
        part = rows[start : start + 8]
        made = [row for each in operator(part, Pictures(pictures.store)) for row in each]
        catalog.append(made, operator.fingerprint())
    catalog.append([without_blobs(row) for row in rows])
    for name in FILTERS:
        for key in catalog.query(name, "filters").column("key").to_pylist():
            assert key not in found, f"{key}: {found[key]} and {name}"
            found[key] = name
    return found


def without_blobs(row: PairImages) -> Pair:
    """The pair itself."""
    shared = {name: getattr(row, name) for name in PairImages.columns()[:-2]}
    return Pair(**shared, reference_ids=[], step=0)


def main() -> None:
    """Make the pairs, measure them, and print which share of each kind each filter rejects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--half", choices=("even", "odd"), default="odd")
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--each", type=int, default=6, help="template pairs a photograph")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with TemporaryDirectory() as root:
        pictures = Pictures(Catalog.init(Path(root) / "made").blobs)
        chosen = photographs(options.photographs, options.half, options.photos)
        photos = [stored(pixels, pictures) for pixels in chosen]
        pairs = [*good(photos, pictures, options.each), *planted(photos, pictures)]
        found = verdicts(pairs, pictures, Path(root) / "catalog")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, row in pairs:
        counts[kind][found.get(row.pair_id, "kept")] += 1
    for kind, count in sorted(counts.items()):
        shares = "  ".join(f"{name} {number / count.total():.3f}" for name, number in count.most_common())
        print(f"{kind:<24}{count.total():>5}  {shares}")
    if options.out:
        options.out.write_text(json.dumps(counts, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
