"""Weights of a TensorFlow.js graph: named tensors one after the other in a few files, some of them quantized."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

# As stored. Integers are widened when read: torch indexes with 64 bits.
STORED = {"float32": "<f4", "int32": "<i4", "bool": "|u1"}
QUANTIZED = {"float16": "<f2", "uint8": "|u1", "uint16": "<u2"}


def load(content: Mapping[str, Any], folder: Path) -> "dict[str, Tensor]":
    """Read all weights of a parsed `model.json`: float32, int64 or bool; raises ModelError for damaged files."""
    found: dict[str, Tensor] = {}
    for group in content["weightsManifest"]:
        found.update(_tensors(group["weights"], _joined(group["paths"], folder)))
    return found


def files(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Paths of the shards, in order; raises ModelError for one outside of the graph's folder."""
    names = [name for group in content["weightsManifest"] for name in group["paths"]]
    for name in names:
        if Path(name).name != name:
            raise ModelError(f"graph: shard {name!r} is not beside the graph (do not use this model)")
    return [folder / name for name in names]


def _joined(names: list[str], folder: Path) -> bytes:
    paths = files({"weightsManifest": [{"paths": names}]}, folder)
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise ModelError(f"graph: shards missing in {folder}: {', '.join(missing)} (install it again)")
    return b"".join(path.read_bytes() for path in paths)


def _tensors(weights: list[dict[str, Any]], data: bytes) -> "Iterator[tuple[str, Tensor]]":
    start = 0
    for weight in weights:
        kind = _stored_kind(weight)
        end = start + math.prod(weight["shape"]) * _bytes(kind)
        if end > len(data):
            raise ModelError(
                f"graph: shards end after {len(data)} bytes, inside {weight['name']!r} (install it again)"
            )
        yield weight["name"], _tensor(weight, kind, data[start:end])
        start = end
    if start != len(data):
        raise ModelError(f"graph: shards have {len(data)} bytes, {start} are described (install it again)")


def _stored_kind(weight: Mapping[str, Any]) -> str:
    quantized = weight.get("quantization")
    kind: str = quantized["dtype"] if quantized else weight["dtype"]
    known = QUANTIZED if quantized else STORED
    if kind not in known:
        raise ModelError(
            f"graph: weights {weight['name']!r} are {kind} (only {', '.join(known)} can be read)"
        )
    return known[kind]


def _bytes(kind: str) -> int:
    return int(kind[-1])


def _tensor(weight: Mapping[str, Any], kind: str, data: bytes) -> "Tensor":
    import numpy as np
    import torch

    values = np.frombuffer(data, kind).reshape(weight["shape"])
    quantized = weight.get("quantization", {})
    if "scale" in quantized:
        # In double precision: 65535 steps of a float32 scale would lose the last ones.
        values = values.astype(np.float64) * quantized["scale"] + quantized["min"]
        values = np.rint(values) if weight["dtype"] == "int32" else values
    wanted = {"float32": np.float32, "int32": np.int64, "bool": np.bool_}[weight["dtype"]]
    return torch.from_numpy(np.array(values, dtype=wanted))
