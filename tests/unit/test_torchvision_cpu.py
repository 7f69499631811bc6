"""torchvision beside a CPU build of torch."""

import subprocess
import sys

import pytest

from firered.models import torchvision_cpu

torch = pytest.importorskip("torch")


def boxes_of(count, seed):
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(count, 2, generator=generator) * 100
    return torch.cat([start, start + torch.rand(count, 2, generator=generator) * 40], dim=1), torch.rand(
        count, generator=generator
    )


def greedy(boxes, scores, threshold):
    """Non-maximum suppression as its definition says, one pair at a time."""
    left = sorted(range(len(boxes)), key=lambda index: -float(scores[index]))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [other for other in left if overlap(boxes[best], boxes[other]) <= threshold]
    return kept


def overlap(one, other):
    width = max(0.0, float(min(one[2], other[2]) - max(one[0], other[0])))
    height = max(0.0, float(min(one[3], other[3]) - max(one[1], other[1])))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


@pytest.mark.parametrize("seed", range(5))
def test_suppression_is_the_greedy_one(seed):
    boxes, scores = boxes_of(30, seed)
    assert torchvision_cpu.nms(boxes, scores, 0.3).tolist() == greedy(boxes, scores, 0.3)


def test_no_boxes_give_no_indices():
    kept = torchvision_cpu.nms(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert (kept.shape, kept.dtype) == ((0,), torch.int64)


def test_equal_boxes_leave_the_best_one():
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0]]).repeat(4, 1)
    assert torchvision_cpu.nms(boxes, torch.tensor([0.1, 0.9, 0.3, 0.2]), 0.5).tolist() == [1]


def test_only_a_cuda_build_is_taken_for_one(tmp_path):
    for text, cuda in [
        ("__version__ = '0.28.0+cu130'", True),
        ("__version__ = '0.28.0+cpu'", False),
        ("", False),
    ]:
        (tmp_path / "version.py").write_text(text)
        assert torchvision_cpu.is_cuda_build(tmp_path) is cuda
    assert not torchvision_cpu.is_cuda_build(tmp_path / "nowhere")


def test_installing_twice_adds_one_finder_and_leaves_other_modules_alone(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    for _ in range(2):
        torchvision_cpu.install()
    finders = [finder for finder in sys.meta_path if isinstance(finder, torchvision_cpu.Finder)]
    assert len(finders) == 1
    assert finders[0].find_spec("json", None) is None


PROGRAM = """
from firered.models import torchvision_cpu
import sys
torchvision_cpu.install()
assert "torch" not in sys.modules, "install() imported torch"
import torch, torchvision
from torchvision.transforms import v2
from torchvision.ops import batched_nms
boxes = torch.tensor([[0., 0., 9., 9.], [0., 0., 9., 9.], [50., 50., 60., 60.]])
assert batched_nms(boxes, torch.tensor([.1, .9, .5]), torch.zeros(3), .5).tolist() == [1, 2]
assert v2.Resize([4, 4])(torch.zeros(3, 8, 8)).shape == (3, 4, 4)
from transformers import CLIPModel
"""


@pytest.mark.slow
def test_torchvision_and_transformers_import_in_a_fresh_process():
    pytest.importorskip("transformers")
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
