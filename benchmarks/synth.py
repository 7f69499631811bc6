"""Pairs per CPU-second at 512 pixels, against the codec alone in the same run: filters, makers, encoders, renders."""

import io
import itertools
import json
import random
import resource
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import cv2
import numpy as np

from firered.operators.synth.template import Template
from firered.pictures import Pictures, decode, encode, encode_jpeg, shrink
from firered.rows import Image, KeptPhoto, id_of_sha256
from firered.store import BlobStore
from firered.templating.edits import draw, values_of
from firered.templating.filters import Filter, templates
from firered.templating.pixels import apply
from synth_makers import by_maker, by_render

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
SIDE = 512
OWN = "codec of "  # prefix of a method that decodes a source and encodes the finished target
PARTS = ("filters", "operator", "targets", "encoders", "makers", "renders")
TARGETS = (1, 2, 4, 8)  # of one photograph
# Filters that are a table, a matrix, or a turn: those whose cost is that of the codec.
POINTWISE = (
    "brightness",
    "contrast",
    "saturation",
    "warmth",
    "hue",
    "tint",
    "grayscale",
    "negative",
    "sepia",
)


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--photos", default=24, show_default=True, help="Photographs to use, spread over the folders.")
@click.option(
    "--rounds", default=7, show_default=True, help="Rounds; every method sees every photograph in each."
)
@click.option("--scenes", default=8, show_default=True, help="Photographs of these that the makers see.")
@click.option("--wishes", default=2, show_default=True, help="Wishes of a maker and photograph.")
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), help="A table; all where none is named."
)
@click.option("--out", type=click.Path(path_type=Path), help="JSON file for the figures.")
def command(
    folders: tuple[Path, ...],
    photos: int,
    rounds: int,
    scenes: int,
    wishes: int,
    parts: tuple[str, ...],
    out: Path | None,
) -> None:
    """Print the cost of each filter and of the whole operator as a ratio to decoding and encoding alone."""
    cv2.setNumThreads(1)
    sources = blobs(list(folders), photos)
    tables: dict[str, Callable[[], dict[str, Any]]] = {
        "filters": lambda: by_filter(sources, rounds),
        "operator": lambda: whole_operator(sources, rounds),
        "targets": lambda: several_targets(sources, rounds),
        "encoders": lambda: by_encoder(sources, rounds),
        "makers": lambda: makers_alone(sources, scenes, wishes),
        "renders": lambda: by_render(sources[:scenes]),
    }
    figures = {part: tables[part]() for part in parts or PARTS}
    show({part: figures[part] for part in figures if part in PARTS[:2]})
    for part in figures.keys() - set(PARTS[:2]):
        show_columns(part, figures[part])
    if out:
        out.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def blobs(folders: list[Path], count: int) -> list[bytes]:
    """JPEG bytes of photographs shrunk to 512 pixels; smaller ones are passed over."""
    paths = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in PICTURES
    )
    random.Random(0).shuffle(paths)
    made: list[bytes] = []
    for path in paths:
        pixels = decode(path.read_bytes())
        if max(pixels.shape) >= SIDE and len(made) < count:
            made.append(encode_jpeg(shrink(pixels, SIDE)))
    return made


def by_filter(sources: list[bytes], rounds: int) -> dict[str, dict[str, float]]:
    """Cost of decode, edit, encode; over decode, encode of the source, and over that of its own target."""
    methods: dict[str, Callable[[bytes], Any]] = {"codec": lambda data: encode_jpeg(decode(data))}
    for made in templates().filters.values():
        cycle = Cycle(made)
        methods[made.name] = cycle.pair
        methods[f"{OWN}{made.name}"] = Targets([cycle.target(data) for data in sources]).codec
    return ratios(methods, sources, rounds)


class Cycle:
    """A filter with arguments drawn anew for each picture."""

    def __init__(self, made: Filter) -> None:
        self.function = made.function
        draws = random.Random(made.name)
        read = templates()
        drawn = (draw(made, draws, read, ["en", "zh"], {}) for _ in range(48))
        self.values = itertools.cycle([values_of(made, arguments, read, "") for arguments in drawn])

    def target(self, data: bytes) -> Any:
        """Decode and edit."""
        return apply(self.function, decode(data), next(self.values))

    def pair(self, data: bytes) -> bytes:
        """Decode, edit, encode."""
        return encode_jpeg(self.target(data))


class Targets:
    """The codec's share of making targets that are known already."""

    def __init__(self, pixels: list[Any]) -> None:
        self.pixels = itertools.cycle(pixels)

    def codec(self, data: bytes) -> bytes:
        """Decode the source, encode a target."""
        decode(data)
        return encode_jpeg(next(self.pixels))


def whole_operator(sources: list[bytes], rounds: int) -> dict[str, dict[str, float]]:
    """Cost of the operator with four pairs a photograph over one decode and the saving of what it makes."""
    with TemporaryDirectory() as root:
        store = BlobStore(Path(root))
        photos = [photo_of(data, store) for data in sources]
        made = {
            photo.image_id: [decode(store.get(sha256)) for sha256 in operate(photo, store)]
            for photo in photos
        }
        methods: dict[str, Callable[[Any], Any]] = {
            "codec": lambda photo: codec_only(photo, made[photo.image_id], store),
            "operator": lambda photo: operate(photo, store),
        }
        figures = ratios(methods, photos, rounds)
    figures["operator"]["pairs_per_cpu_s"] = 4 / figures["operator"]["ms"] * 1000
    return figures


def makers_alone(sources: list[bytes], count: int, wishes: int) -> dict[str, dict[str, Any]]:
    """Pairs per CPU-second of each maker, on the photographs that most makers have something to offer for."""
    with TemporaryDirectory() as root:
        store = BlobStore(Path(root))
        return by_maker([photo_of(data, store) for data in sources], store, count, wishes)


def photo_of(data: bytes, store: BlobStore) -> KeptPhoto:
    """Row of a stored photograph."""
    height, width = decode(data).shape[:2]
    sha256 = store.put(data)
    return KeptPhoto(id_of_sha256(sha256), sha256, width, height, len(data), "JPEG", "RGB", 1, "photo", "")


def operate(photo: KeptPhoto, store: BlobStore) -> list[str]:
    """Make four pairs; returns the sha256 of all pictures that were saved."""
    (rows,) = Template(per_image=4)([photo], Pictures(store))
    return [row.sha256 for row in rows if isinstance(row, Image)]


def codec_only(photo: KeptPhoto, made: list[Any], store: BlobStore) -> None:
    """Decode a photograph once, and encode and store what was made from it."""
    pictures = Pictures(store)
    pictures.pixels(photo.sha256)
    for pixels in made:
        pictures.save(pixels)


# --- several targets of one photograph, and encoders ----------------------------------------------


def several_targets(sources: list[bytes], rounds: int) -> dict[str, dict[str, float]]:
    """Cost of a pair where 1, 2, 4, 8 targets come from one decode, over the codec and over that of these targets."""
    read = templates().filters
    methods: dict[str, Callable[[bytes], Any]] = {"codec": lambda data: encode_jpeg(decode(data))}
    for kind, names in (("pointwise", POINTWISE), ("all", tuple(read))):
        for count in TARGETS:
            methods[f"{kind}, {count} targets"] = Fan([Cycle(read[name]) for name in names], count).pairs
    found = ratios(methods, sources, rounds)
    made = {name: 1 if name == "codec" else max(TARGETS) for name in found}
    return {name: {key: found[name][key] / made[name] for key in ("ms", "ratio")} for name in found}


class Fan:
    """Several targets of one decode, each of the next filter."""

    def __init__(self, cycles: list[Cycle], count: int) -> None:
        self.cycles = itertools.cycle(cycles)
        self.count = count

    def pairs(self, data: bytes) -> list[bytes]:
        """Make eight pairs, whatever the count, so that every count sees the same filters and arguments."""
        return [target for _ in range(max(TARGETS) // self.count) for target in self.targets(data)]

    def targets(self, data: bytes) -> list[bytes]:
        """Decode once; edit and encode as often as there are targets."""
        pixels = decode(data)
        return [
            encode_jpeg(apply(cycle.function, pixels, next(cycle.values)))
            for cycle in itertools.islice(self.cycles, self.count)
        ]


def by_encoder(sources: list[bytes], rounds: int) -> dict[str, dict[str, float]]:
    """Cost, size and fidelity of each way to store a target, over the default."""
    read = templates().filters
    # A photograph that was a JPEG before would come out of the same JPEG almost as it went in.
    edits = itertools.cycle([Cycle(read[name]) for name in POINTWISE])
    pixels = [next(edits).target(data) for data in sources]
    ways: dict[str, Callable[[Any], bytes]] = {
        "codec": encode_jpeg,
        "webp without loss": lambda each: encode(each, codec="webp"),
        "png, level 1": lambda each: encode(each, codec="png"),
        "png of Pillow": png_of_pillow,
    }
    found = ratios(ways, pixels, rounds)
    size = {name: float(np.mean([len(way(each)) for each in pixels])) for name, way in ways.items()}
    return {
        "jpeg, quality 92" if name == "codec" else name: {
            "ms": found[name]["ms"],
            "ratio": found[name]["ratio"],
            "kilobytes": size[name] / 1000,
            "size_ratio": size[name] / size["codec"],
            "worst_db": min(decibels(each, decode(way(each))) for each in pixels),
        }
        for name, way in ways.items()
    }


def png_of_pillow(pixels: Any) -> bytes:
    """PNG as Pillow writes it where nothing is said."""
    from PIL import Image as Pillow

    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def decibels(one: Any, other: Any) -> float:
    """Peak signal to noise, 99 for equal pixels."""
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


# --- times and tables -----------------------------------------------------------------------------


def ratios(
    methods: dict[str, Callable[[Any], Any]], items: list[Any], rounds: int
) -> dict[str, dict[str, float]]:
    """Median CPU milliseconds an item, and the ratios to the codec within each round."""
    spent = times(methods, items, rounds)
    floor = spent["codec"]
    return {
        name: {
            "ms": float(np.median(taken)),
            "ratio": float(np.median(taken / floor)),
            "own": float(np.median(taken / spent.get(OWN + name, floor))),
            "own_90": float(np.quantile(taken / spent.get(OWN + name, floor), 0.9)),
        }
        for name, taken in spent.items()
        if not name.startswith(OWN)
    }


def times(methods: dict[str, Callable[[Any], Any]], items: list[Any], rounds: int) -> dict[str, Any]:
    """CPU milliseconds an item of each method in each round; methods take turns in shuffled order."""
    spent: dict[str, list[float]] = {name: [] for name in methods}
    order = list(methods)
    for number in range(rounds + 1):
        random.Random(number).shuffle(order)
        for name in order:
            began = cpu()
            for item in items:
                methods[name](item)
            if number:  # the first round warms the caches
                spent[name].append((cpu() - began) / len(items) * 1000)
    return {name: np.array(taken) for name, taken in spent.items()}


def cpu() -> float:
    """CPU seconds of this process, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def show(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print both tables."""
    for part, lines in figures.items():
        print(f"{part:18}{'ms':>8}{'ratio':>8}{'own':>8}{'own 90%':>8}{'pairs/s':>9}")
        for name, line in sorted(lines.items(), key=lambda item: item[1]["ratio"]):
            rate = line.get("pairs_per_cpu_s", 1000 / line["ms"])
            print(
                f"{name:18}{line['ms']:8.2f}{line['ratio']:8.2f}{line['own']:8.2f}{line['own_90']:8.2f}{rate:9.0f}"
            )


def show_columns(title: str, lines: dict[str, dict[str, Any]]) -> None:
    """Print a table whose columns are the figures of its lines."""
    first = next(iter(lines.values()), {})
    columns = [name for name, value in first.items() if isinstance(value, (int, float))]
    wide = {name: max(10, len(name) + 2) for name in columns}
    print(f"{title:24}" + "".join(f"{name:>{wide[name]}}" for name in columns))
    for name, line in lines.items():
        print(f"{name:24}" + "".join(f"{line[key]:>{wide[key]}.3g}" for key in columns))


if __name__ == "__main__":
    command()
