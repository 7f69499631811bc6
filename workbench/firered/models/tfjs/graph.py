"""A graph with its weights, run for a batch of inputs.

What depends on the sizes of the inputs alone (in some graphs four nodes of five) is computed once for each
size and kept. Everything else is let go as soon as its last consumer has run, so memory stays flat.
Shapes and other integers stay on the processor, where Python reads them; they follow to a GPU when they
meet pixels.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models.tfjs import memory, ops, shards, topology
from firered.models.tfjs.topology import Node, Source, Topology

if TYPE_CHECKING:
    from torch import Tensor

DTYPES = ("float32", "bfloat16", "float16")
SIZES_KEPT = 8
# Every so many nodes freed memory is given back, or a graph of 28 000 nodes takes ten times what it holds.
GIVE_BACK = 1000


@dataclass(frozen=True)
class Steps:
    """Nodes in order, and how many of them take each value."""

    nodes: tuple[Node, ...]
    uses: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """Order of the nodes for some outputs, and which of them depend on the sizes of the inputs alone."""

    order: tuple[Node, ...]
    outputs: tuple[Source, ...]
    fixed: frozenset[str]

    @cached_property
    def first(self) -> "Steps":
        """What to compute for a size that is new."""
        return _steps(self.order, self.outputs)

    @cached_property
    def again(self) -> "Steps":
        """What to compute for a size whose fixed values are known."""
        return _steps([node for node in self.order if node.name not in self.fixed], self.outputs)

    @cached_property
    def kept(self) -> frozenset[str]:
        """Fixed nodes whose values others than fixed ones take: what is worth keeping."""
        taken = {name for node in self.order if node.name not in self.fixed for name, _ in node.sources}
        return self.fixed & (taken | {name for name, _ in self.outputs})


class Graph:
    """A TensorFlow.js graph model: a callable from tensors, in the layout of TensorFlow (B, H, W, C), to tensors.

    `dtype` is that of products and convolutions; sums, norms, inputs and outputs are always float32.
    """

    def __init__(self, path: Path, *, device: str = "cpu", dtype: str = "float32") -> None:
        file = path / "model.json" if path.is_dir() else path
        if dtype not in DTYPES:
            raise ModelError(f"graph {file.name!r}: dtype {dtype!r} unknown (one of: {', '.join(DTYPES)})")
        content = topology.read(file)
        self.name = file.stem
        self.device = device
        self.dtype = dtype
        self._topology = topology.parse(content)
        _refuse_unsupported(file.name, self._topology)
        loaded = shards.load(content, file.parent)
        self._weights = {name: _placed(value, device) for name, value in loaded.items()}
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._sizes: OrderedDict[Any, dict[str, Any]] = OrderedDict()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self._topology.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in the order of the graph's signature."""
        return tuple(self._topology.outputs)

    def __call__(
        self, inputs: "Mapping[str, Tensor] | Tensor", outputs: Sequence[str] | None = None
    ) -> "list[Tensor]":
        """Run on one tensor or on tensors by name; returns the named outputs (names of the signature or of nodes)."""
        import torch

        given = self._given(inputs)
        plan = self._plan(tuple(outputs or self.outputs))
        autocast = torch.autocast(self.device, getattr(torch, self.dtype), enabled=self.dtype != "float32")
        with torch.inference_mode(), autocast:
            return self._run(plan, given)

    def _given(self, inputs: "Mapping[str, Tensor] | Tensor") -> "dict[str, Tensor]":
        named = dict(inputs) if isinstance(inputs, Mapping) else {self.inputs[0]: inputs}
        if set(named) != set(self.inputs):
            known = ", ".join(self.inputs)
            raise ModelError(f"graph {self.name!r}: inputs {', '.join(named)} given (it takes: {known})")
        return {name: value.to(self.device) for name, value in named.items()}

    def _plan(self, outputs: tuple[str, ...]) -> Plan:
        if outputs not in self._plans:
            self._plans[outputs] = _planned(self._topology, [self._source(name) for name in outputs])
        return self._plans[outputs]

    def _source(self, name: str) -> Source:
        found = self._topology.outputs.get(name.removesuffix(":0"), topology.source(name))
        if found[0] not in self._topology.nodes:
            raise ModelError(f"graph {self.name!r}: no output {name!r} (one of: {', '.join(self.outputs)})")
        return found

    def _run(self, plan: Plan, given: "dict[str, Tensor]") -> "list[Tensor]":
        key = (plan.outputs, *((name, tuple(value.shape)) for name, value in given.items()))
        known = self._sizes.get(key)
        steps = plan.first if known is None else plan.again
        values: dict[str, Any] = {**given, **(known or {})}
        left = dict(steps.uses)
        for place, node in enumerate(steps.nodes, start=1):
            if node.name not in given:
                values[node.name] = self._computed(node, values)
            _let_go(node, values, left, plan.kept)
            if place % GIVE_BACK == 0 and self.device == "cpu":
                memory.give_back()
        self._remember(key, {name: values[name] for name in plan.kept})
        return [_picked(values[name], place) for name, place in plan.outputs]

    def _computed(self, node: Node, values: Mapping[str, Any]) -> Any:
        if node.op == "Const":
            return self._weights[node.name]
        taken = [_picked(values[name], place) for name, place in node.sources]
        if self.device != "cpu":
            taken = _together(node, taken, self.device)
        return ops.OPS[node.op](node, taken)

    def _remember(self, key: Any, fixed: dict[str, Any]) -> None:
        self._sizes[key] = fixed
        self._sizes.move_to_end(key)
        if len(self._sizes) > SIZES_KEPT:
            self._sizes.popitem(last=False)


def _planned(graph: Topology, outputs: list[Source]) -> Plan:
    nodes = topology.order(graph, outputs)
    fixed: set[str] = set()
    for node in nodes:
        # A shape is known from the sizes of the inputs, whatever is in them.
        free = node.op == "Placeholder" or any(name not in fixed for name, _ in node.sources)
        if node.op == "Shape" or not free:
            fixed.add(node.name)
    return Plan(tuple(nodes), tuple(outputs), frozenset(fixed))


def _steps(nodes: Sequence[Node], outputs: Sequence[Source]) -> Steps:
    uses = Counter(name for node in nodes for name, _ in node.sources)
    # An output is never let go.
    uses.update(name for name, _ in outputs)
    return Steps(tuple(nodes), uses)


def _let_go(node: Node, values: dict[str, Any], left: dict[str, int], kept: frozenset[str]) -> None:
    for name, _ in node.sources:
        left[name] -= 1
        if not left[name] and name not in kept:
            values.pop(name, None)


def _picked(value: Any, place: int) -> "Tensor":
    found: Tensor = value[place] if isinstance(value, tuple) else value
    return found


def _placed(value: "Tensor", device: str) -> "Tensor":
    return value.to(device) if value.is_floating_point() else value


def _together(node: Node, taken: "list[Tensor]", device: str) -> "list[Tensor]":
    """Bring all values to the GPU if one is there, but those that Python reads."""
    read = ops.READ_BY_PYTHON.get(node.op, ())
    places = [place for place in range(len(taken)) if place not in read and place - len(taken) not in read]
    if all(taken[place].device.type == "cpu" for place in places):
        return taken
    return [each.to(device) if place in places else each for place, each in enumerate(taken)]


def _refuse_unsupported(name: str, graph: Topology) -> None:
    used = {graph.nodes[each].op for each in topology.reachable(graph, graph.outputs.values())}
    unknown = sorted(used - set(ops.OPS) - {"Const", "Placeholder"})
    if unknown:
        raise ModelError(
            f"graph {name!r}: operations that cannot be run: {', '.join(unknown)} (use another graph)"
        )
