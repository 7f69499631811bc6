"""The header audit through a real catalog, against libraries that read headers and a peer's filters of size.

python benchmarks/headers.py FOLDER [--datajuicer DJ_PROCESS] [--out headers.json]
"""

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import simplejpeg
from PIL import Image

from firered import mappers, operator
from firered.catalog import Catalog
from firered.operators.screen.header import header
from firered.run import run
from firered.sources import list_files
from harness import bench, net, show

FLOOR = "header operator alone"
CONFIG = """project_name: headers
dataset_path: {root}/{name}.jsonl
export_path: {root}/{name}_out/out.jsonl
np: 1
use_cache: false
open_tracer: false
process:
  - image_shape_filter: {{min_width: 200, min_height: 200}}
  - image_aspect_ratio_filter: {{min_ratio: 0.25, max_ratio: 4.0}}
  - image_size_filter: {{min_size: "1kb", max_size: "100mb"}}
"""


def peer(program: Path, root: Path, name: str, paths: list[str]) -> Callable[[object], None]:
    """The peer's three filters over these files, a program of its own."""
    rows = [json.dumps({"text": "<__dj__image> <|__dj__eoc|>", "images": [path]}) for path in paths]
    (root / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    config = root / f"{name}.yaml"
    config.write_text(CONFIG.format(root=root, name=name), encoding="utf-8")
    return lambda _: subprocess.run([program, "--config", config], check=True, capture_output=True)


def through_catalog(catalogs: list[Catalog], source: str) -> None:
    """List the files, read their headers and settle the rows, in a catalog that was made beforehand."""
    catalog = catalogs.pop()
    catalog.append(list(list_files(source)))
    run([operator.load("header")], catalog, mapper=mappers.here)


def by_pillow(paths: list[str]) -> None:
    """Size and EXIF by Pillow."""
    for path in paths:
        with Image.open(path) as opened:
            opened.getexif()


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", help="a folder of JPEG files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--datajuicer", type=Path, help="its program dj-process")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    paths = [file.path for file in list_files(options.folder)]
    with TemporaryDirectory(prefix="headers") as place:
        root = Path(place)
        catalogs = [Catalog.init(root / str(number)) for number in range(options.rounds + 1)]
        methods: dict[str, Callable[[object], object]] = {
            FLOOR: lambda _: [header(0, path) for path in paths],
            "header, into the catalog": lambda _: through_catalog(catalogs, options.folder),
            "simplejpeg's header": lambda _: [
                simplejpeg.decode_jpeg_header(Path(path).read_bytes()) for path in paths
            ],
            "Pillow's header and EXIF": lambda _: by_pillow(paths),
        }
        if options.datajuicer:
            methods["Data-Juicer and its start"] = peer(options.datajuicer, root, "all", paths)
            methods["Data-Juicer's start"] = peer(options.datajuicer, root, "few", paths[:2])
        timings = bench(methods, [None], options.rounds, pictures=len(paths))
        if options.datajuicer:
            timings.append(net("Data-Juicer, net", *timings[-2:]))
        show(f"headers of {len(paths)} files", timings, FLOOR, options.out)


if __name__ == "__main__":
    main()
