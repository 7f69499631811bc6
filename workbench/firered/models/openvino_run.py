"""Networks of torch run by OpenVINO: converted once, kept beside the models, one request for each thread.

The converted graph is kept because making it costs seconds and an import of torch; opening it costs
a tenth of a second.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from firered.errors import MissingExtra, ModelError
from firered.models import registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Squares = NDArray[np.uint8]
    Outputs = list[NDArray[np.float32]]
    Run = Callable[[Squares], Outputs]

RUNTIMES = ("openvino-bf16", "openvino-f32", "torch")
FILE = "model.xml"
BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})  # OpenVINO follows the hint where one is there


@dataclass(frozen=True)
class Graph:
    """A network to convert: `build` gives the torch module, from (B, side, side, 3) uint8 to float32 outputs."""

    key: str  # names the weights and all else that changes the outputs
    build: Callable[[], Any]
    side: int  # pixels


def resolved(runtime: str) -> str:
    """Runtime by its name, 'auto' being the fastest one that this processor computes natively."""
    if runtime == "auto":
        return "openvino-bf16" if _computes_bf16() else "openvino-f32"
    if runtime not in RUNTIMES:
        raise ModelError(f"runtime {runtime!r}: unknown (one of: auto, {', '.join(RUNTIMES)})")
    return runtime


def load(graph: Graph, runtime: str) -> "Run":
    """Function from pictures (B, side, side, 3) uint8 to the network's outputs, each (B, ...) float32."""
    return _with_torch(graph) if runtime == "torch" else Compiled(_converted(graph), runtime)


def openvino() -> Any:
    """Import OpenVINO, which tells nobody: its reporting module counts as not installed; raises MissingExtra."""
    # It reports its import and each conversion unless this module is missing.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        raise MissingExtra("runtime 'openvino'", "embedded") from None
    return openvino


def read(weights: Path | bytes, *extensions: Any) -> Any:
    """OpenVINO's model of an ONNX or TensorFlow Lite file, or of the bytes of one; its sizes as the file has them."""
    core = openvino().Core()
    for extension in extensions:
        core.add_extension(extension)
    return core.read_model(weights)


def operation(name: str, build: "Callable[[Any], Any]") -> Any:
    """Teach `read` an operation that OpenVINO lacks: `build` gives the outputs for a node of the file."""
    openvino()
    from openvino.frontend import ConversionExtension

    return ConversionExtension(name, build)


def first_output(model: Any) -> Any:
    """Same model with its first output alone, so that what only the others need is not computed."""
    return openvino().Model([model.output(0)], model.get_parameters(), "first")


class Compiled:
    """OpenVINO's model compiled for one thread of the processor; any number of threads may call it."""

    def __init__(self, model: Any, runtime: str) -> None:
        self._compiled = _compile(model, runtime)
        self._own = threading.local()

    def __call__(self, given: "NDArray[Any]") -> "Outputs":
        """Outputs of the network for its one input, such as (B, side, side, 3) uint8 pixels."""
        import numpy as np

        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        found = self._own.request.infer([given])
        return [np.array(found[place]) for place in range(len(found))]


def _with_torch(graph: Graph) -> "Run":
    import torch

    module = graph.build()

    def run(squares: "Squares") -> "Outputs":
        with torch.inference_mode():
            return [found.numpy() for found in module(torch.from_numpy(squares))]

    return run


def _compile(model: Any, runtime: str) -> Any:
    precision = runtime.removeprefix("openvino-")
    settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    compiled = openvino().Core().compile_model(model, "CPU", settings)
    found = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    # Some processors do not follow the hint, and vectors of two precisions must not mix.
    if found != precision:
        raise ModelError(f"runtime {runtime!r}: this processor computes in {found} (choose another runtime)")
    return compiled


def _converted(graph: Graph) -> Any:
    """OpenVINO's model of a graph: the one that was kept, or a new one, which is kept if that is possible."""
    version = openvino().__version__.partition("-")[0]
    kept = registry.models_home() / "openvino" / f"{graph.key}-{version}"
    if not (kept / FILE).is_file():
        model = _convert(graph)
        if not _keep(model, kept):
            return model
    return openvino().Core().read_model(kept / FILE)


def _convert(graph: Graph) -> Any:
    import torch

    example = torch.zeros((1, graph.side, graph.side, 3), dtype=torch.uint8)
    shape = [-1, graph.side, graph.side, 3]
    return openvino().convert_model(graph.build(), example_input=example, input=shape)


def _keep(model: Any, folder: Path) -> bool:
    """Write a model into a new folder, which appears whole or not at all; False where it cannot be written."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=".") as workspace:
            openvino().save_model(model, Path(workspace) / "new" / FILE, compress_to_fp16=False)
            # Another process may have been faster; its model is the same.
            with suppress(OSError):
                (Path(workspace) / "new").rename(folder)
    except (OSError, RuntimeError):
        return False
    return (folder / FILE).is_file()


def _computes_bf16() -> bool:
    try:
        return not BF16_FLAGS.isdisjoint(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False
