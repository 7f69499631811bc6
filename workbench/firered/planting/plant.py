"""Make a set with known defects from real photographs: a pure function of the photographs and a seed.

Photographs with a shorter side of 400 pixels or more are split in two by lot: into one half defects are
planted, the other half are controls, together with smaller photographs. Every file of the first half is in
the set once more as it was, so that a near duplicate has something to be a duplicate of.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from firered.errors import SourceError
from firered.pictures import decode
from firered.planting import encoding, truth
from firered.planting.base import Base, Planted, between
from firered.planting.defects import defects, plant
from firered.planting.truth import Truth
from firered.rows import id_of
from firered.sources import EMBEDDED, list_files
from firered.templating.planes import Pixels

HALVES = ("even", "odd", "all")
SIDES = (500, 1600)  # pixels, longer side of the files, drawn from; never enlarged
LEAST = 200  # pixels, shorter side of a photograph that is used at all
LEAST_BASE = 400  # pixels, shorter side of one that defects are planted into
MAGIC = {b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}


@dataclass(frozen=True)
class Photograph:
    """A photograph to plant into."""

    path: Path
    folder: str  # of its source, in the set
    sha256: str
    least: int  # pixels, shorter side

    @property
    def name(self) -> str:
        """Name for people: its folder and file."""
        return "/".join(self.path.parts[-2:])

    @property
    def stem(self) -> str:
        """Start of the names of files that are made from it, unlike that of any other."""
        return f"{self.path.stem.replace(' ', '_')}-{self.sha256[:6]}"


@dataclass(frozen=True)
class Plan:
    """Which photographs are for what, and the seed of all lots."""

    folder: Path
    seed: int
    bases: Sequence[Photograph]
    controls: Sequence[Photograph]
    tell: Callable[[str], None]


def make(
    folder: Path,
    sources: Sequence[str],
    *,
    seed: int,
    half: str,
    each: int,
    clean: int,
    tell: Callable[[str], None],
) -> list[Truth]:
    """Write a set below `folder`: `each` plants of each defect, at most `clean` controls; returns its truth.

    Raises SourceError where there are too few photographs or the folder is in use.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SourceError(f"{folder}: not empty (give a folder that is new)")
    plan = planned(folder, photographs(sources, half), seed=seed, clean=clean, tell=tell)
    lines = [*_bases(plan), *_plants(plan, each), *_controls(plan)]
    truth.write(folder, lines)
    return lines


def photographs(sources: Sequence[str], half: str) -> list[Photograph]:
    """List the distinct photographs of the sources; `half` goes by the first hex digit of their sha256."""
    found = {
        photograph.sha256: photograph
        for source in sources
        for file in list_files(source)
        for photograph in _opened(Path(file.path), file.source)
        if half == "all" or (int(photograph.sha256[0], 16) % 2 == 0) == (half == "even")
    }
    return list(found.values())


def _opened(path: Path, source: str) -> Iterator[Photograph]:
    data = path.read_bytes()
    try:
        least = min(decode(data).shape[:2])
    except ValueError:
        return
    folder = source.removeprefix(EMBEDDED) if source.startswith(EMBEDDED) else Path(source).name
    if least >= LEAST:
        yield Photograph(path, folder, sha256(data).hexdigest(), least)


def planned(
    folder: Path, found: Sequence[Photograph], *, seed: int, clean: int, tell: Callable[[str], None]
) -> Plan:
    """Split photographs by lot into those to plant into and controls."""
    mixed = sorted(found, key=lambda photograph: id_of("plan", seed, photograph.sha256))
    large = [photograph for photograph in mixed if photograph.least >= LEAST_BASE]
    small = [photograph for photograph in mixed if photograph.least < LEAST_BASE]
    if len(large) < 2:
        raise SourceError(
            f"{len(large)} photographs of {LEAST_BASE} pixels or more (two are needed at least)"
        )
    bases = large[: (len(large) + 1) // 2]
    return Plan(folder, seed, bases, [*large[len(bases) :], *small][:clean], tell)


# --- files --------------------------------------------------------------------------------------


def _bases(plan: Plan) -> Iterator[Truth]:
    for photograph in plan.bases:
        path = _base_path(photograph)
        _write(plan.folder / path, _base_file(photograph, plan.seed))
        yield _line(path, truth.BASE, photograph, {}, _base_seed(photograph, plan.seed))


def _plants(plan: Plan, each: int) -> Iterator[Truth]:
    for name in defects():
        plan.tell(f"{name}: {each} plants")
        for photograph in chosen(plan, name, each):
            yield _planted(plan, name, photograph)


def chosen(plan: Plan, name: str, each: int) -> list[Photograph]:
    """Draw the photographs that a defect is planted into, none twice."""
    order = sorted(plan.bases, key=lambda photograph: id_of(name, plan.seed, photograph.sha256))
    return order[:each]


def _planted(plan: Plan, name: str, photograph: Photograph) -> Truth:
    seed = id_of("plant", plan.seed, name, photograph.sha256)
    rng = np.random.default_rng(seed)
    data, parameters = _as_file(plant(name, _base(plan, photograph, rng), rng), rng)
    path = f"{photograph.folder}/{photograph.stem}-{name}{_extension(data)}"
    _write(plan.folder / path, data)
    return _line(path, name, photograph, parameters, seed)


def _base(plan: Plan, photograph: Photograph, rng: np.random.Generator) -> Base:
    """The file of a base as plants start from it: what its JPEG decodes to."""
    rest = [other for other in plan.bases if other != photograph]

    def others(count: int) -> list[Pixels]:
        drawn = rng.permutation(len(rest))[:count]
        return [decode(_base_file(rest[int(place)], plan.seed)) for place in drawn]

    file = _base_file(photograph, plan.seed)
    return Base(decode(file), others, file)


def _as_file(planted: Planted, rng: np.random.Generator) -> tuple[bytes, dict[str, object]]:
    made, parameters = planted
    if isinstance(made, bytes):
        return made, parameters
    drawn = encoding.settings(rng)
    return encoding.jpeg(made, **drawn), {**parameters, "jpeg": drawn}


def _controls(plan: Plan) -> Iterator[Truth]:
    plan.tell(f"controls: {len(plan.controls)}")
    for photograph in plan.controls:
        seed = id_of("control", plan.seed, photograph.sha256)
        rng = np.random.default_rng(seed)
        data, how = photograph.path.read_bytes(), "untouched"
        if rng.random() < 0.5:
            data = encoding.jpeg(_sized(decode(data), rng), quality=92)
            how = "quality 92"
        path = f"{photograph.folder}/{photograph.stem}-clean{_extension(data)}"
        _write(plan.folder / path, data)
        yield _line(path, truth.CLEAN, photograph, {"file": how}, seed)


@lru_cache(256)
def _base_file(photograph: Photograph, seed: int) -> bytes:
    rng = np.random.default_rng(_base_seed(photograph, seed))
    return encoding.jpeg(_sized(decode(photograph.path.read_bytes()), rng), **encoding.settings(rng))


def _base_seed(photograph: Photograph, seed: int) -> int:
    return id_of("base", seed, photograph.sha256)


def _base_path(photograph: Photograph) -> str:
    return f"{photograph.folder}/{photograph.stem}.jpg"


def _sized(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Shrink to a longer side drawn from SIDES; the shorter one stays at LEAST or more."""
    height, width = pixels.shape[:2]
    scale = max(between(rng, *SIDES) / max(height, width), LEAST / min(height, width))
    if scale >= 1:
        return pixels
    size = (round(width * scale), round(height * scale))
    smaller: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return smaller


def _extension(data: bytes) -> str:
    return MAGIC.get(data[:4], ".jpg")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _line(path: str, defect: str, photograph: Photograph, parameters: dict[str, object], seed: int) -> Truth:
    base_path = path if defect == truth.CLEAN else _base_path(photograph)
    said = json.dumps(parameters, ensure_ascii=False, sort_keys=True)
    return Truth(path, defect, base_path, photograph.name, photograph.sha256, said, seed)
