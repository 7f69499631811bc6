"""ONNX networks run by onnxruntime, one thread each so that equal inputs give equal outputs."""

from functools import cache
from pathlib import Path
from typing import Any

from firered.errors import MissingExtra


@cache
def session(path: Path) -> Any:
    """Session of a file; raises MissingExtra where onnxruntime is not installed."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtra("runtime 'onnxruntime'", "embedded") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def outputs(path: Path, *inputs: Any) -> list[Any]:
    """Outputs of a network for its inputs, in order."""
    opened = session(path)
    names = [each.name for each in opened.get_inputs()]
    found: list[Any] = opened.run(None, dict(zip(names, inputs, strict=True)))
    return found
