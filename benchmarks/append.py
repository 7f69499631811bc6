"""A million rows through Arrow into a catalog, a todo over them, and the memory that a run keeps.

python benchmarks/append.py [--rows 1000000] [--out append.json]
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firered import mappers
from firered.catalog import Catalog
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import File, Ingested, Row
from firered.run import run

CHUNK = 100_000


@dataclass(frozen=True, kw_only=True)
class Nothing(Operator):
    """Does nothing, so that what is left is the runner's own cost."""

    reads = File
    writes = (Ingested,)
    batch_size = 1024

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row each."""
        for row in rows:
            yield [Ingested(row.file_id, row.file_id)]


def megabytes() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Append, ask what is to do, do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog.init(folder)
        found = {"rows": options.rows}
        seconds = 0.0
        for start in range(0, options.rows, CHUNK):
            rows = [
                File.of(f"/photographs/{number}.jpg", "s", "CC0-1.0", 1, 1)
                for number in range(start, start + CHUNK)
            ]
            before = time.process_time()
            catalog.append(rows)
            seconds += time.process_time() - before
        found["append CPU-s"] = round(seconds, 2)
        before = time.process_time()
        catalog.count_todo([Nothing()])
        found["count of the todo CPU-s"] = round(time.process_time() - before, 2)
        found["MB before the run"] = round(megabytes())
        before = time.process_time()
        run([Nothing()], catalog, mapper=mappers.here)
        found["run CPU-s"] = round(time.process_time() - before, 2)
        found["MB after the run"] = round(megabytes())
    for name, value in found.items():
        print(f"{name:<28} {value}")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
