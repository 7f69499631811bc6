"""The nodes of a TensorFlow.js graph: what each computes from which others, and an order to compute them in."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firered.errors import ModelError

Source = tuple[str, int]  # node, and which of its outputs


@dataclass(frozen=True)
class Node:
    """One operation: the values that it takes, and its settings as plain Python values."""

    name: str
    op: str
    sources: tuple[Source, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Topology:
    """The nodes of a graph by name, and the names under which it takes and gives values."""

    nodes: Mapping[str, Node]
    inputs: tuple[str, ...]
    outputs: Mapping[str, Source]  # name in the signature -> node


def read(path: Path) -> dict[str, Any]:
    """Parse `model.json`; raises ModelError where it is not a graph model."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"graph {path.name!r}: no such file in {path.parent}") from None
    except ValueError as error:
        raise ModelError(f"graph {path.name!r}: not JSON, {error} (install it again)") from None
    if not isinstance(content.get("modelTopology", {}).get("node"), list):
        raise ModelError(
            f"graph {path.name!r}: no graph model of TensorFlow.js (layers models cannot be run)"
        )
    return content


def parse(content: Mapping[str, Any]) -> Topology:
    """Topology of a parsed `model.json`."""
    nodes = {raw["name"]: _node(raw) for raw in content["modelTopology"]["node"]}
    inputs = tuple(name for name, node in nodes.items() if node.op == "Placeholder")
    return Topology(nodes, inputs, _outputs(content, nodes))


def reachable(topology: Topology, outputs: Iterable[Source]) -> set[str]:
    """Names of all nodes that some outputs are computed from."""
    found: set[str] = set()
    waiting = [name for name, _ in outputs]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [source for source, _ in topology.nodes[name].sources]
    return found


def order(topology: Topology, outputs: Iterable[Source]) -> list[Node]:
    """Nodes that some outputs are computed from, each after all that it takes; raises ModelError for a circle."""
    done: dict[str, None] = {}
    opened: set[str] = set()
    waiting = [name for name, _ in reversed(list(outputs))]
    while waiting:
        name = waiting[-1]
        missing = [each for each, _ in topology.nodes[name].sources if each not in done]
        if name in done or not missing:
            done.setdefault(waiting.pop())
        elif name in opened:
            raise ModelError(f"graph: {name!r} needs its own result (graphs with loops cannot be run)")
        else:
            opened.add(name)
            waiting += reversed(missing)
    return [topology.nodes[name] for name in done]


def source(text: str) -> Source:
    """Node and place of an input such as `conv/Relu:1`; a missing place is 0."""
    name, colon, place = text.rpartition(":")
    return (name, int(place)) if colon and place.isdigit() else (text, 0)


def _node(raw: Mapping[str, Any]) -> Node:
    # A leading ^ only says "after": nothing is taken.
    sources = tuple(source(text) for text in raw.get("input", ()) if not text.startswith("^"))
    settings = {key: _value(value) for key, value in raw.get("attr", {}).items()}
    return Node(raw["name"], raw["op"], sources, settings)


def _outputs(content: Mapping[str, Any], nodes: Mapping[str, Node]) -> dict[str, Source]:
    signature = content.get("signature") or content.get("userDefinedMetadata", {}).get("signature") or {}
    given = {
        key.removesuffix(":0"): source(value["name"]) for key, value in signature.get("outputs", {}).items()
    }
    return given or {name: (name, 0) for name in _unused(nodes)}


def _unused(nodes: Mapping[str, Node]) -> Iterator[str]:
    """Nodes whose values no other node takes: the outputs of a graph without a signature."""
    taken = {name for node in nodes.values() for name, _ in node.sources}
    return (name for name in nodes if name not in taken)


def _value(raw: Mapping[str, Any]) -> Any:
    """Plain value of an attribute: a number, text, truth, the name of a type, or a list of these."""
    for kind, value in raw.items():
        if kind == "list":
            return [_value({key: each}) for key, many in value.items() for each in many]
        if kind in PARSERS:
            return PARSERS[kind](value)
    return None


def _text(value: Any) -> str:
    # The converter writes base64; some old graphs have lists of bytes.
    return (base64.b64decode(value) if isinstance(value, str) else bytes(value)).decode()


# Numbers of TensorFlow's types, which some converters write instead of the names.
TYPES = {1: "DT_FLOAT", 3: "DT_INT32", 9: "DT_INT64", 10: "DT_BOOL"}
PARSERS: Mapping[str, Any] = {
    "i": int,
    "f": float,
    "b": bool,
    "s": _text,
    "type": lambda value: TYPES.get(value, str(value)),
}
