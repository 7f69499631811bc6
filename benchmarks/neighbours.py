"""Near duplicates: CPU and memory of the search by hash over a million, against faiss; recall by defect.

python benchmarks/neighbours.py speed [--count 1000000] [--skewed] [--faiss PYTHON] [--out speed.json]
python benchmarks/neighbours.py quality [--half even] [--photographs 160] [--out quality.json]
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from firered import mappers, operator
from firered.catalog import Catalog
from firered.descriptors.hashes import hashes_of
from firered.neighbours import clusters, hashes, vectors
from firered.pictures import decode, encode_jpeg, shrink
from firered.planting.base import Base
from firered.planting.defects import defects, plant
from firered.run import run
from firered.sources import list_files

VIEWS = ("phash", "mirrored", "cropped", "cropped_more")
COPIES = [name for name, defect in defects().items() if defect.group == "near duplicate"]
MEASURE = """
import json, resource, sys
from firered.catalog import Catalog
from firered.neighbours import clusters, hashes
def used():
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime
catalog, started = Catalog(sys.argv[1]), used()
pairs, _ = hashes.search(catalog, hashes.HashSearch())
searched = used()
lines, _ = clusters.update(catalog, clusters.ClusterRule(correlation=None))
print(json.dumps({"pairs": pairs, "lines": lines, "search": searched - started, "clusters": used() - searched,
    "whole_process": used(), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
FAISS = """
import json, resource, sys
import faiss, numpy as np
faiss.omp_set_num_threads(1)
hashes = np.load(sys.argv[1]).view(np.uint8).reshape(-1, 8)
index = faiss.IndexBinaryFlat(64)
index.add(hashes)
before = resource.getrusage(resource.RUSAGE_SELF)
limits, _, _ = index.range_search(hashes[: int(sys.argv[2])], 9)
after = resource.getrusage(resource.RUSAGE_SELF)
seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"queries": int(sys.argv[2]), "found": int(limits[-1]), "cpu": seconds}))
"""


# --- speed ------------------------------------------------------------------------------------------


def planted(count: int, random: np.random.Generator) -> np.ndarray:
    """Hashes (count, 4): random ones, of which two in a hundred are copies of others with up to ten bits turned."""
    found = random.integers(0, 1 << 63, (count, 4), np.uint64) * np.uint64(2)
    copies = random.permutation(count)[: 2 * (count // 50)].reshape(2, -1)
    found[copies[0]] = found[copies[1]]
    for _ in range(10):
        turned = copies[0][random.random(copies.shape[1]) < 0.5]
        found[turned, 0] ^= np.uint64(1) << random.integers(0, 64, len(turned), np.uint64)
    return found.view(np.int64)


def overlapping(count: int, random: np.random.Generator) -> np.ndarray:
    """Hashes (count, 4) of real crops that overlap: the bits of such hashes are far from even."""
    files = list(islice(list_files("embedded:photos"), 200))
    found = []
    for file in files:
        luma = cv2.cvtColor(shrink(decode(Path(file.path).read_bytes()), 384), cv2.COLOR_RGB2GRAY)
        for _ in range(-(-count // len(files))):
            height, width = (int(side * random.uniform(0.3, 0.95)) for side in luma.shape)
            top, left = (
                int(random.uniform(0, side - size))
                for side, size in zip(luma.shape, (height, width), strict=True)
            )
            found.append(hashes_of(luma[top : top + height, left : left + width]))
    return np.array(found[:count], np.int64)


def fill(catalog: Catalog, found: np.ndarray) -> None:
    """Write photographs that have these hashes and nothing else."""
    columns: dict[str, Any] = dict(zip(VIEWS, found.T.copy(), strict=True))
    columns["image_id"] = np.sort(np.random.default_rng(1).integers(0, 1 << 63, len(found)))
    with catalog.database.transaction() as connection:
        connection.register("made", pa.table(columns))
        connection.execute("insert into operator values (7, 'image_hash', 1, '{}', now()::timestamp)")
        connection.execute("insert into image_hash by name select *, 7 as operator_id from made")
        connection.execute(
            "insert into image select image_id, '', 1, 1, 1, 'JPEG', 'RGB', 1, 'photo', '', 0 from made"
        )


def speed(options: argparse.Namespace) -> dict[str, Any]:
    """Measure in a process of its own, kernels compiled before, and extrapolate faiss from fewer queries."""
    make = overlapping if options.skewed else planted
    found = make(options.count, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as place:
        for name, part in (("warm", found[:1000]), ("measured", found)):
            fill(Catalog.init(f"{place}/{name}"), part)
            done = subprocess.run(
                [sys.executable, "-c", MEASURE, f"{place}/{name}"], capture_output=True, text=True, check=True
            )
        result: dict[str, Any] = {
            "count": len(found),
            "skewed": options.skewed,
            **json.loads(done.stdout.splitlines()[-1]),
        }
        if options.faiss:
            np.save(f"{place}/hashes.npy", found[:, 0].copy())
            command = [options.faiss, "-c", FAISS, f"{place}/hashes.npy", str(options.queries)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            peer = json.loads(told.splitlines()[-1])
            result["faiss"] = peer["cpu"] * len(found) / peer["queries"]
            result["ratio"] = result["faiss"] / (result["search"] + result["clusters"])
    return result


# --- quality ----------------------------------------------------------------------------------------


def album(folder: Path, half: str, count: int) -> int:
    """Write photographs of this half and one copy of each kind of each; returns how many photographs."""
    seen: set[str] = set()
    for file in list_files("embedded:photos"):
        data = Path(file.path).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest in seen or (digest[0] in "02468ace") != (half == "even") or len(seen) == count:
            continue
        base = Base(shrink(decode(data), 1024))
        if min(base.pixels.shape[:2]) < 200:
            continue
        seen.add(digest)
        (folder / f"{digest[:12]}-original-{Path(file.path).stem}.jpg").write_bytes(base.data)
        for name in COPIES:
            made, _ = plant(name, base, np.random.default_rng(int(digest[:8], 16)))
            written = made if isinstance(made, bytes) else encode_jpeg(made, quality=90)
            (folder / f"{digest[:12]}-{name}.jpg").write_bytes(written)
    return len(seen)


def screened(catalog: Catalog, folder: Path) -> None:
    """Do all steps from files to clusters."""
    catalog.append(list(list_files(str(folder))))
    run([operator.load("ingest")], catalog, mapper=mappers.here)
    run([operator.load("image_hash")], catalog, mapper=mappers.here)
    run([operator.load("image_vector")], catalog, mapper=mappers.here)
    hashes.search(catalog, hashes.HashSearch())
    vectors.search(catalog, vectors.VectorSearch())
    run([operator.load("neighbour_check")], catalog, mapper=mappers.here)
    clusters.update(catalog, clusters.ClusterRule())


NAMED = """
    with named as (
        select image_id, split_part(parse_filename(path), '-', 1) as base,
            regexp_extract(parse_filename(path), '^\\w+-(\\w+)', 1) as kind, parse_filename(path) as name
        from ingested join file using (file_id)
    )
"""
RECALL = f"""{NAMED}
    select copy.kind as kind, count(*) as copies,
        avg((exists (select 1 from neighbour where image_id = least(copy.image_id, original.image_id)
            and other_id = greatest(copy.image_id, original.image_id)) or copy.image_id = original.image_id)::int) as candidate,
        avg((copy.image_id = original.image_id or exists (select 1 from neighbour join neighbour_score using (neighbour_id)
            where image_id = least(copy.image_id, original.image_id) and correlation >= 0.9 and ssim >= 0.6 and shared >= 0.6
            and other_id = greatest(copy.image_id, original.image_id)))::int) as linked,
        avg((copy.image_id = original.image_id
            or one.cluster_id is not distinct from two.cluster_id and one.cluster_id is not null)::int) as clustered
    from named as copy join named as original on original.base = copy.base and original.kind = 'original'
    left join current_cluster as one on one.image_id = copy.image_id
    left join current_cluster as two on two.image_id = original.image_id
    where copy.kind <> 'original' group by copy.kind order by copy.kind
"""
STRANGERS = f"""{NAMED}
    select one.name as name, two.name as other, neighbour.method as method, neighbour.distance as distance,
        score.correlation as correlation, score.ssim as ssim,
    from neighbour join neighbour_score as score using (neighbour_id)
    join named as one on one.image_id = neighbour.image_id
    join named as two on two.image_id = neighbour.other_id
    where one.base <> two.base and one.kind = 'original' and two.kind = 'original'
    order by score.correlation desc
"""
LOST = f"""{NAMED}
    select cluster_id, list(distinct base) as bases, any_value(name) as name from current_cluster join named using (image_id)
    group by cluster_id having count(distinct base) > 1
"""


def quality(options: argparse.Namespace) -> dict[str, Any]:
    """Recall of each kind of copy, candidates between different photographs, clusters that join some."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "album"
        folder.mkdir()
        count = album(folder, options.half, options.photographs)
        catalog = Catalog.init(f"{place}/catalog")
        screened(catalog, folder)
        found = {
            name: catalog.sql(text).to_pylist()
            for name, text in (("recall", RECALL), ("strangers", STRANGERS), ("joined", LOST))
        }
    return {"half": options.half, "photographs": count, **found}


def main() -> None:
    """Measure what is asked, print it, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("speed", "quality"))
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--skewed", action="store_true")
    parser.add_argument("--faiss", help="a Python that has faiss and numpy")
    parser.add_argument("--queries", type=int, default=2048, help="queries of faiss, extrapolated to all")
    parser.add_argument("--half", choices=("even", "odd"), default="even")
    parser.add_argument("--photographs", type=int, default=400)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = speed(options) if options.what == "speed" else quality(options)
    print(json.dumps(found, indent=2))
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
