"""Networks saved for ncnn (`.param` and `.bin`), run by torch: the layers that enlargers of pictures use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

MAGIC = "7767517"
HALF = 0x01306B47  # before weights of 16 bits
ARRAYS = -23300  # numbers of settings that hold arrays count down from here


@dataclass(frozen=True)
class Layer:
    """One layer: what it takes, what it gives, and its settings by number."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[int, Any]


@dataclass
class _Reader:
    """The weights of a `.bin`, one after the other."""

    name: str
    data: bytes
    start: int = 0

    def weights(self, count: int) -> "Tensor":
        """Weights after their tag: 0 for 32 bits, another number for 16."""
        tag = int.from_bytes(self._take(4), "little")
        if tag not in (0, HALF):
            raise ModelError(
                f"network {self.name!r}: weights of kind {tag:#x} (only 16 and 32 bits can be read)"
            )
        # Rows of halves are filled up to four bytes.
        data = self._take(count * 4 if tag == 0 else (count * 2 + 3) // 4 * 4)
        return _tensor(data, "<f4" if tag == 0 else "<f2", count)

    def plain(self, count: int) -> "Tensor":
        """Numbers of 32 bits, without a tag."""
        return _tensor(self._take(count * 4), "<f4", count)

    def _take(self, count: int) -> bytes:
        if self.start + count > len(self.data):
            raise ModelError(f"network {self.name!r}: ends after {len(self.data)} bytes (install it again)")
        self.start += count
        return self.data[self.start - count : self.start]


class Network:
    """A network from one picture to one: a callable from (B, 3, H, W) float32 to (B, 3, scale H, scale W)."""

    def __init__(self, param: Path, *, device: str = "cpu") -> None:
        self.name = param.stem
        self.device = device
        self._layers = parse(param)
        reader = _Reader(self.name, param.with_suffix(".bin").read_bytes())
        self._weights = {layer.name: _loaded(layer, reader, device) for layer in self._layers}
        if reader.start != len(reader.data):
            raise ModelError(f"network {self.name!r}: {len(reader.data) - reader.start} bytes left over")
        self._last_use = {name: place for place, layer in enumerate(self._layers) for name in layer.inputs}

    def __call__(self, pixels: "Tensor") -> "Tensor":
        """Run on a batch; what no later layer takes is let go."""
        import torch

        values: dict[str, Tensor] = {}
        with torch.inference_mode():
            for place, layer in enumerate(self._layers):
                given = [values[name] for name in layer.inputs] or [pixels.to(self.device)]
                found = LAYERS[layer.kind](layer, given, self._weights[layer.name])
                values.update(dict.fromkeys(layer.outputs, found))
                for name in layer.inputs:
                    if self._last_use[name] == place:
                        del values[name]
        return values[self._layers[-1].outputs[0]]


def parse(param: Path) -> tuple[Layer, ...]:
    """Layers of a `.param`; raises ModelError for another format or layers that cannot be run."""
    lines = param.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != MAGIC:
        raise ModelError(f"network {param.name!r}: not a network of ncnn")
    layers = tuple(_layer(line.split()) for line in lines[2:] if line.strip())
    unknown = sorted({layer.kind for layer in layers} - set(LAYERS))
    if unknown:
        raise ModelError(f"network {param.name!r}: layers that cannot be run: {', '.join(unknown)}")
    return layers


def _layer(words: list[str]) -> Layer:
    first = 4 + int(words[2])
    last = first + int(words[3])
    settings = dict(_setting(word) for word in words[last:])
    return Layer(words[0], words[1], tuple(words[4:first]), tuple(words[first:last]), settings)


def _setting(word: str) -> tuple[int, Any]:
    key, _, value = word.partition("=")
    if "," in value:
        return ARRAYS - int(key), [float(each) for each in value.split(",")[1:]]
    return int(key), float(value) if "." in value or "e" in value else int(value)


def _tensor(data: bytes, kind: str, count: int) -> "Tensor":
    import numpy as np
    import torch

    return torch.from_numpy(np.frombuffer(data, kind, count).astype(np.float32))


def _loaded(layer: Layer, reader: _Reader, device: str) -> "list[Tensor]":
    """A layer's weights, in the order in which ncnn writes them."""
    settings = layer.settings
    if layer.kind == "PReLU":
        return [reader.plain(settings[0]).to(device)]
    if layer.kind != "Convolution":
        return []
    side, count = settings.get(1, 1), settings[6]
    kernel = reader.weights(count).reshape(settings[0], -1, side, side)
    bias = [reader.plain(settings[0])] if settings.get(5) else []
    return [each.to(device) for each in (kernel, *bias)]


def _convolution(layer: Layer, values: "Sequence[Tensor]", weights: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    settings = layer.settings
    kernel, bias = weights[0], weights[1] if len(weights) > 1 else None
    found = functional.conv2d(
        values[0],
        kernel,
        bias,
        stride=settings.get(3, 1),
        padding=settings.get(4, 0),
        dilation=settings.get(2, 1),
    )
    kind = settings.get(9, 0)
    if kind not in (0, 1, 2):
        raise ModelError(f"network: activation {kind} of layer {layer.name!r} cannot be run")
    slope = settings.get(10, [0.0])[0] if kind == 2 else 0.0
    activated: Tensor = functional.leaky_relu_(found, slope) if kind else found
    return activated


def _prelu(_: Layer, values: "Sequence[Tensor]", weights: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    found: Tensor = functional.prelu(values[0], weights[0])
    return found


def _shuffled(layer: Layer, values: "Sequence[Tensor]", _: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    found: Tensor = functional.pixel_shuffle(values[0], layer.settings[0])
    return found


def _resized(layer: Layer, values: "Sequence[Tensor]", _: "Sequence[Tensor]") -> "Tensor":
    from torch.nn import functional

    mode = {1: "nearest", 2: "bilinear", 3: "bicubic"}[layer.settings[0]]
    aligned = {} if mode == "nearest" else {"align_corners": False}
    factors = (float(layer.settings[1]), float(layer.settings[2]))
    found: Tensor = functional.interpolate(values[0], scale_factor=factors, mode=mode, **aligned)
    return found


def _weighted_sum(layer: Layer, values: "Sequence[Tensor]", _: "Sequence[Tensor]") -> "Tensor":
    if layer.settings.get(0, 0) != 1:
        raise ModelError(f"network: layer {layer.name!r} is no sum (only sums can be run)")
    shares = layer.settings.get(1) or [1.0] * len(values)
    found = values[0] * shares[0]
    for value, share in zip(values[1:], shares[1:], strict=True):
        found = found.add(value, alpha=share)
    return found


def _binary(layer: Layer, values: "Sequence[Tensor]", _: "Sequence[Tensor]") -> "Tensor":
    second = values[1] if len(values) > 1 else layer.settings.get(2, 0.0)
    kind = layer.settings.get(0, 0)
    if kind not in (0, 2):
        raise ModelError(f"network: layer {layer.name!r} is neither a sum nor a product")
    return values[0] * second if kind else values[0] + second


def _joined(_: Layer, values: "Sequence[Tensor]", __: "Sequence[Tensor]") -> "Tensor":
    import torch

    found: Tensor = torch.cat(list(values), 1)
    return found


LAYERS: Mapping[str, Callable[[Layer, Any, Any], Any]] = {
    "Input": lambda _, values, __: values[0],
    "Split": lambda _, values, __: values[0],
    "Convolution": _convolution,
    "PReLU": _prelu,
    "PixelShuffle": _shuffled,
    "Interp": _resized,
    "Eltwise": _weighted_sum,
    "BinaryOp": _binary,
    "Concat": _joined,
}
