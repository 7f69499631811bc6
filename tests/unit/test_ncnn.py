"""Networks of ncnn written on the fly."""

from pathlib import Path

import numpy as np
import pytest
import torch

from firered.errors import ModelError
from firered.models.ncnn import HALF, Network

HEAD = "7767517\n2 2\nInput in 0 1 data\n"


def network(folder: Path, layers: str, data: bytes = b"") -> Network:
    (folder / "net.param").write_text(HEAD + layers, encoding="utf-8")
    (folder / "net.bin").write_bytes(data)
    return Network(folder / "net.param")


def kernel(values: list[float], *, half: bool) -> bytes:
    tag = (HALF if half else 0).to_bytes(4, "little")
    body = np.array(values, "<f2" if half else "<f4").tobytes()
    return tag + body + b"\0" * (-len(body) % 4)


@pytest.mark.parametrize("half", [True, False])
def test_a_convolution_reads_its_kernel_in_either_precision_then_its_bias(tmp_path: Path, half: bool) -> None:
    data = kernel([1, 2, -3], half=half) + np.array([0.5], "<f4").tobytes()
    net = network(tmp_path, "Convolution c 1 1 data out 0=1 1=1 5=1 6=3 9=2 -23310=1,2.000000e-01\n", data)
    assert net(torch.ones(1, 3, 1, 1)).item() == pytest.approx(0.5)
    assert net(torch.tensor([0.0, 0, 1]).reshape(1, 3, 1, 1)).item() == pytest.approx(-0.5)


def test_sums_weigh_their_inputs(tmp_path: Path) -> None:
    layers = "Split s 1 2 data a b\nEltwise e 2 1 a b out 0=1 -23301=2,2.000000e-01,1.000000e+00\n"
    assert network(tmp_path, layers)(torch.full((1, 1, 1, 1), 5.0)).item() == pytest.approx(6)


def test_shuffling_and_nearest_resizing_enlarge_alike(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    given = torch.arange(4.0).reshape(1, 1, 2, 2)
    shuffled = network(
        tmp_path, "Split s 1 4 data a b c d\nConcat k 4 1 a b c d e\nPixelShuffle p 1 1 e out 0=2\n"
    )
    resized = network(tmp_path / "a", "Interp i 1 1 data out 0=1 1=2.000000e+00 2=2.000000e+00\n")
    assert torch.equal(shuffled(given), resized(given))


def test_unknown_layers_and_files_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be run: LSTM, Yolo"):
        network(tmp_path, "Yolo y 1 1 data a\nLSTM l 1 1 a out\n")
    with pytest.raises(ModelError, match="ends after 8 bytes"):
        network(tmp_path, "Convolution c 1 1 data out 0=1 1=1 6=3\n", kernel([1], half=False))
    with pytest.raises(ModelError, match="4 bytes left over"):
        network(tmp_path, "PReLU p 1 1 data out 0=1\n", b"\0" * 8)
    (tmp_path / "net.param").write_text("ncnn?", encoding="utf-8")
    with pytest.raises(ModelError, match="not a network of ncnn"):
        Network(tmp_path / "net.param")
