"""TensorFlow.js graphs written on the fly, whose results are known in closed form."""

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from firered.errors import ModelError
from firered.models.tfjs import Graph


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def node(name: str, op: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


def integers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


class Weights:
    """Weights as shards: what is added lies one after the other."""

    def __init__(self) -> None:
        self.described: list[dict[str, Any]] = []
        self.data = b""

    def add(self, name: str, values: Any, kind: str = "<f4", dtype: str = "float32") -> None:
        array = np.asarray(values, dtype=kind)
        row: dict[str, Any] = {"name": name, "shape": list(array.shape), "dtype": dtype}
        self.described.append(row)
        self.data += array.tobytes()

    def whole(self, name: str, values: Any) -> None:
        self.add(name, values, "<i4", "int32")


def write(folder: Path, nodes: list[dict[str, Any]], weights: Weights, *, shards: int = 1) -> Path:
    consts = [node(row["name"], "Const") for row in weights.described]
    step = -(-len(weights.data) // shards) or 1
    names = [f"part{place}.bin" for place in range(shards)]
    for place, name in enumerate(names):
        (folder / name).write_bytes(weights.data[place * step : (place + 1) * step])
    content = {
        "modelTopology": {"node": [node("x", "Placeholder"), *consts, *nodes]},
        "weightsManifest": [{"paths": names, "weights": weights.described}],
        "signature": {"outputs": {"y": {"name": f"{nodes[-1]['name']}:0"}}},
    }
    (folder / "model.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def run(folder: Path, nodes: list[dict[str, Any]], weights: Weights, given: torch.Tensor) -> torch.Tensor:
    (found,) = Graph(write(folder, nodes, weights))(given)
    return found


def test_arithmetic_follows_the_order_of_the_graph_not_of_the_file(tmp_path: Path) -> None:
    weights = Weights()
    weights.add("two", 2.0)
    nodes = [
        node("square", "Square", "sum"),
        node("sum", "AddV2", "x", "two"),
        node("y", "Mul", "square", "x"),
    ]
    given = torch.tensor([1.0, -3.0])
    assert torch.equal(run(tmp_path, nodes, weights, given), (given + 2) ** 2 * given)


@pytest.mark.parametrize(("kind", "steps"), [("uint8", 255), ("uint16", 65535)])
def test_quantized_weights_are_steps_of_a_scale_from_a_least_value(
    tmp_path: Path, kind: str, steps: int
) -> None:
    weights = Weights()
    weights.described.append(
        {
            "name": "w",
            "shape": [3],
            "dtype": "float32",
            "quantization": {"dtype": kind, "scale": 0.5, "min": -1.0},
        }
    )
    weights.data = np.array([0, 1, steps], np.dtype(kind)).tobytes()
    found = run(tmp_path, [node("y", "AddV2", "x", "w")], weights, torch.zeros(3))
    assert found.tolist() == [-1.0, -0.5, steps * 0.5 - 1]


def test_half_precision_weights_need_no_scale(tmp_path: Path) -> None:
    weights = Weights()
    weights.described.append(
        {"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}}
    )
    weights.data = np.array([0.25, -8], np.float16).tobytes()
    assert run(tmp_path, [node("y", "Mul", "x", "w")], weights, torch.ones(2)).tolist() == [0.25, -8]


def test_weights_may_be_cut_between_shards_anywhere(tmp_path: Path) -> None:
    weights = Weights()
    weights.add("w", np.arange(7))
    folder = write(tmp_path, [node("y", "AddV2", "x", "w")], weights, shards=3)
    assert Graph(folder)(torch.zeros(7))[0].tolist() == list(range(7))


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("step", [1, 2])
def test_a_convolution_sums_its_window(tmp_path: Path, padding: str, step: int) -> None:
    weights = Weights()
    weights.add("ones", np.ones((3, 3, 1, 1)))
    conv = node("y", "Conv2D", "x", "ones", padding=text(padding), strides=integers(1, step, step, 1))
    found = run(tmp_path, [conv], weights, torch.ones(1, 6, 6, 1))[0, :, :, 0]
    if padding == "VALID":
        assert torch.equal(found, torch.full((4, 4) if step == 1 else (2, 2), 9.0))
    elif step == 1:
        assert found[0].tolist() == [4, 6, 6, 6, 6, 4]
    else:  # the odd pixel of padding is at the end
        assert found.tolist() == [[9, 9, 6], [9, 9, 6], [6, 6, 4]]


def test_a_fused_convolution_adds_its_bias_and_then_activates(tmp_path: Path) -> None:
    weights = Weights()
    weights.add("kernel", np.array([[[[1.0, -1.0]]]]))
    weights.add("bias", [0.5, 0.5])
    weights.add("slopes", [0.1, 0.1])
    fused = {"list": {"s": [text("BiasAdd")["s"], text("Prelu")["s"]]}}
    conv = node(
        "y", "_FusedConv2D", "x", "kernel", "bias", "slopes",
        padding=text("SAME"), strides=integers(1, 1, 1, 1), fused_ops=fused,
    )  # fmt: skip
    found = run(tmp_path, [conv], weights, torch.full((1, 1, 1, 1), 2.0))
    assert found.flatten().tolist() == pytest.approx([2.5, -0.15])


def test_depthwise_kernels_keep_channels_apart(tmp_path: Path) -> None:
    weights = Weights()
    weights.add("kernel", np.array([2.0, 3.0]).reshape(1, 1, 2, 1))
    conv = node(
        "y", "DepthwiseConv2dNative", "x", "kernel", padding=text("SAME"), strides=integers(1, 1, 1, 1)
    )
    assert run(tmp_path, [conv], weights, torch.ones(1, 2, 2, 2))[0, 0, 0].tolist() == [2, 3]


def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    kernel = random.normal(size=(3, 3, 2, 4)).astype(np.float32)
    small, large = (
        torch.tensor(random.normal(size=shape), dtype=torch.float32) for shape in ((1, 3, 3, 4), (1, 6, 6, 2))
    )
    settings = {"padding": text("SAME"), "strides": integers(1, 2, 2, 1)}
    weights = Weights()
    weights.add("kernel", kernel)
    (tmp_path / "a").mkdir()
    down = run(tmp_path / "a", [node("y", "Conv2D", "x", "kernel", **settings)], weights, large)
    weights = Weights()
    weights.add("kernel", kernel)
    weights.whole("size", [1, 6, 6, 2])
    (tmp_path / "b").mkdir()
    up = run(
        tmp_path / "b", [node("y", "Conv2DBackpropInput", "size", "kernel", "x", **settings)], weights, small
    )
    assert float((down * small).sum()) == pytest.approx(float((up * large).sum()), rel=1e-4)


def test_slices_follow_their_masks(tmp_path: Path) -> None:
    weights = Weights()
    for name, values in (("begin", [1, 2]), ("end", [0, 3]), ("step", [1, 1])):
        weights.whole(name, values)
    cut = node(
        "y", "StridedSlice", "x", "begin", "end", "step", end_mask={"i": "1"}, shrink_axis_mask={"i": "2"}
    )
    assert run(tmp_path, [cut], weights, torch.arange(12.0).reshape(3, 4)).tolist() == [6, 10]


def test_pooling_gathering_and_sorting(tmp_path: Path) -> None:
    weights = Weights()
    weights.whole("shape", [4])
    weights.whole("two", 2)
    weights.whole("axis", 0)
    pooled = node(
        "pool", "MaxPool", "x", ksize=integers(1, 2, 2, 1), strides=integers(1, 2, 2, 1), padding=text("SAME")
    )
    nodes = [
        pooled,
        node("flat", "Reshape", "pool", "shape"),
        node("top", "TopKV2", "flat", "two"),
        node("y", "GatherV2", "flat", "top:1", "axis"),
    ]
    assert run(tmp_path, nodes, weights, torch.arange(9.0).reshape(1, 3, 3, 1)).tolist() == [8, 7]


def test_bilinear_resizing_puts_pixels_where_tensorflow_does(tmp_path: Path) -> None:
    given = torch.tensor([0.0, 2.0]).reshape(1, 1, 2, 1)
    ideas = {
        "align_corners": [0, 2 / 3, 4 / 3, 2],
        "half_pixel_centers": [0, 0.5, 1.5, 2],
        "neither": [0, 1, 2, 2],
    }
    for name, wanted in ideas.items():
        weights = Weights()
        weights.whole("size", [1, 4])
        (tmp_path / name).mkdir()
        found = run(
            tmp_path / name, [node("y", "ResizeBilinear", "x", "size", **{name: {"b": True}})], weights, given
        )
        assert found.flatten().tolist() == pytest.approx(wanted)


def test_what_depends_on_sizes_alone_is_right_again_for_another_size(tmp_path: Path) -> None:
    weights = Weights()
    for name, values in (("zero", 0), ("one", 1), ("b", [1]), ("e", [2]), ("s", [1])):
        weights.whole(name, values)
    nodes = [
        node("shape", "Shape", "x"),
        node("width", "StridedSlice", "shape", "b", "e", "s", shrink_axis_mask={"i": "1"}),
        node("places", "Range", "zero", "width", "one"),
        node("ramp", "Cast", "places", DstT={"type": "DT_FLOAT"}),
        node("y", "AddV2", "x", "ramp"),
    ]
    graph = Graph(write(tmp_path, nodes, weights))
    for width in (3, 5, 3):
        assert graph(torch.zeros(1, width))[0][0].tolist() == list(range(width))


def test_outputs_may_be_asked_for_by_the_names_of_nodes(tmp_path: Path) -> None:
    nodes = [node("half", "Neg", "x"), node("y", "Abs", "half")]
    graph = Graph(write(tmp_path, nodes, Weights()))
    first, last = graph({"x": torch.tensor([3.0])}, ["half", "y"])
    assert (first.item(), last.item()) == (-3, 3)
    with pytest.raises(ModelError, match="no output 'nothing'"):
        graph(torch.zeros(1), ["nothing"])
    with pytest.raises(ModelError, match="it takes: x"):
        graph({"z": torch.zeros(1)})


def test_unknown_operations_are_all_named_when_the_graph_is_loaded(tmp_path: Path) -> None:
    nodes = [node("loop", "Enter", "x"), node("y", "NonMaxSuppressionV5", "loop")]
    with pytest.raises(ModelError, match="Enter, NonMaxSuppressionV5"):
        Graph(write(tmp_path, nodes, Weights()))


def test_unknown_operations_that_no_output_needs_do_no_harm(tmp_path: Path) -> None:
    nodes = [node("unused", "Enter", "x"), node("y", "Neg", "x")]
    assert Graph(write(tmp_path, nodes, Weights()))(torch.ones(1))[0].item() == -1


def test_a_graph_that_needs_its_own_result_is_refused(tmp_path: Path) -> None:
    nodes = [node("a", "Neg", "y"), node("y", "Neg", "a")]
    with pytest.raises(ModelError, match="needs its own result"):
        Graph(write(tmp_path, nodes, Weights()))(torch.ones(1))


def test_damaged_shards_are_refused(tmp_path: Path) -> None:
    weights = Weights()
    weights.add("w", np.arange(4))
    folder = write(tmp_path, [node("y", "AddV2", "x", "w")], weights)
    whole = (folder / "part0.bin").read_bytes()
    (folder / "part0.bin").write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="end after 15 bytes, inside 'w'"):
        Graph(folder)
    (folder / "part0.bin").write_bytes(whole + b"1")
    with pytest.raises(ModelError, match="17 bytes, 16 are described"):
        Graph(folder)
    (folder / "part0.bin").unlink()
    with pytest.raises(ModelError, match="shards missing"):
        Graph(folder)


def test_shards_outside_of_the_folder_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, [node("y", "Neg", "x")], Weights())
    content = json.loads((folder / "model.json").read_text())
    content["weightsManifest"][0]["paths"] = ["../part0.bin"]
    (folder / "model.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="not beside the graph"):
        Graph(folder)


def test_files_that_are_no_graphs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        Graph(tmp_path)
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ModelError, match="not JSON"):
        Graph(tmp_path)
    (tmp_path / "model.json").write_text('{"modelTopology": {"layers": []}}')
    with pytest.raises(ModelError, match="layers models cannot be run"):
        Graph(tmp_path)


def test_values_are_let_go_once_their_last_consumer_ran(tmp_path: Path) -> None:
    names = ["x", *(f"n{place}" for place in range(20)), "y"]
    nodes = [node(after, "Neg", before) for before, after in itertools.pairwise(names)]
    graph = Graph(write(tmp_path, nodes, Weights()))
    held: list[int] = []
    computed = graph._computed
    graph._computed = lambda each, values: (held.append(len(values)), computed(each, values))[1]  # type: ignore[method-assign]
    graph(torch.ones(1))
    assert max(held) <= 2
