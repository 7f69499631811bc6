"""Train the detector of translucent marks on half of the photographs; nobody labels anything, marks are drawn.

The half is drawn by the sha256 of a photograph's bytes: an even first digit is for training. Of these a quarter
is held out (second digit 0 to 3) to choose the cut. How marks are drawn is in `draw_marks.py`, apart from the
defects that are planted to check the filter.

python benchmarks/train_watermark.py [--steps 1800] [--out workbench/firered/models]
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import yaml
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits

from draw_marks import Pixels, example
from firered.models.marks import WINDOW, network
from firered.pictures import decode, shrink
from firered.sources import list_files

HELD_SIDE = 1000  # pixels, longer side of the photographs in memory
BATCH = 16
RATE = 4e-3
WARM = 100  # steps
DECAY = 1e-4
WHOLE = 0.3  # weight of the loss of the likeliest window
SIGNS = 4  # times that a photograph with natural text counts
REPORT = 100  # steps


@dataclass(frozen=True)
class Photograph:
    """A photograph (H, W, 3) uint8 with where it comes from."""

    sha256: str
    path: str
    source: str
    licence: str
    pixels: Pixels

    @property
    def part(self) -> str:
        """For what it is there: train, cut or check."""
        if self.sha256[0] not in "02468ace":
            return "check"
        return "cut" if self.sha256[1] in "0123" else "train"


def photographs(source: str) -> Iterator[Photograph]:
    """Photographs, each but once, without works under the GPL."""
    seen = set()
    for file in list_files(source):
        # What is learned from a work under the GPL may be taken for a work derived from it.
        if file.licence.startswith("GPL"):
            continue
        data = Path(file.path).read_bytes()
        digest = sha256(data).hexdigest()
        if digest not in seen:
            seen.add(digest)
            pixels = shrink(decode(data), HELD_SIDE)
            yield Photograph(digest, file.path, file.source, file.licence, pixels)


class Drawn(torch.utils.data.Dataset[tuple[Any, Any]]):
    """Batches that are drawn by lot, each from its own number."""

    def __init__(self, pictures: Sequence[Pixels], steps: int, seed: int) -> None:
        self.pictures, self.steps, self.seed = pictures, steps, seed

    def __len__(self) -> int:
        """Number of batches."""
        return self.steps

    def __getitem__(self, number: int) -> tuple[Any, Any]:
        """Pixels (B, CROP, CROP, 3) uint8 and labels (B, cells, cells) int8."""
        random = np.random.default_rng((self.seed, number))
        drawn = [example(self.pictures, random) for _ in range(BATCH)]
        return np.stack([each.pixels for each in drawn]), np.stack([each.labels for each in drawn])


def loss(odds: Any, labels: Any) -> Any:
    """Cross entropy of the cells that are to be learned, and of the likeliest window of each crop; a scalar."""
    known, marked = labels >= 0, (labels == 1).float()
    cell = binary_cross_entropy_with_logits(odds, marked, reduction="none")
    cell = (cell * known).sum() / known.sum().clamp(min=1)
    windows = avg_pool2d(odds[:, None], WINDOW, stride=1)
    whole = avg_pool2d(known[:, None].float(), WINDOW, stride=1) > 0.99
    highest = windows.masked_fill(~whole, -12).flatten(1).amax(dim=1)
    enough = marked.sum(dim=(1, 2))
    # A crop with marks that nobody can see says nothing.
    says = (enough >= WINDOW**2) | known.flatten(1).all(dim=1)
    likeliest = binary_cross_entropy_with_logits(highest, (enough > 0).float(), reduction="none")
    return cell + WHOLE * (likeliest * says).sum() / says.sum().clamp(min=1)


def trained(pictures: Sequence[Pixels], steps: int, seed: int, checkpoint: Path) -> Any:
    """Network after `steps` batches, with a checkpoint every REPORT steps."""
    torch.manual_seed(seed)
    built = network(normed=True).to(memory_format=torch.channels_last)
    solver = torch.optim.AdamW(built.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        solver,
        lambda step: min(1, (step + 1) / WARM) * (0.5 + 0.5 * math.cos(math.pi * min(1, step / steps))),
    )
    batches = torch.utils.data.DataLoader(Drawn(pictures, steps, seed), batch_size=None, num_workers=1)
    begun, total = time.monotonic(), 0.0
    for step, (squares, labels) in enumerate(batches, start=1):
        # Half the time where the processor has bfloat16; what is small stays in float32.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            (odds,) = built(squares)
        found = loss(odds.float(), labels)
        solver.zero_grad()
        found.backward()
        torch.nn.utils.clip_grad_norm_(built.parameters(), 1.0)
        solver.step()
        schedule.step()
        total += float(found.detach())
        if step % REPORT == 0 or step == steps:
            print(f"{step:6} {total / REPORT:.4f} {time.monotonic() - begun:7.0f} s", flush=True)
            total = 0.0
            np.savez(checkpoint, **plain(built))
    return built


def plain(built: Any) -> dict[str, Any]:
    """Weights, float16, with each normalisation taken into the convolution before it."""
    weights = {}
    for place, step in enumerate(built):
        if hasattr(step, "norm"):
            fused = torch.nn.utils.fuse_conv_bn_eval(step.conv.eval(), step.norm.eval())
            step.train()
            weights |= {f"{place}.conv.weight": fused.weight, f"{place}.conv.bias": fused.bias}
        elif isinstance(step, torch.nn.Conv2d):
            weights |= {f"{place}.weight": step.weight, f"{place}.bias": step.bias}
    return {name: value.detach().numpy().astype(np.float16) for name, value in weights.items()}


def card(found: Sequence[Photograph], steps: int, seed: int) -> str:
    """Say what the weights were made of."""
    train = [each for each in found if each.part == "train"]
    origins = Counter(f"{each.source}, {each.licence.partition(' (')[0]}" for each in train)
    facts = {
        "purpose": "how likely each cell of 8 pixels of a photograph is under a translucent mark",
        "form": "fully convolutional network, 12 convolutions, on colours and a levelled residual of the luma",
        "licence": "Apache-2.0; weights learned from photographs under free licences, of which they hold no picture",
        "trained on": {name: origins[name] for name in sorted(origins)},
        "origin": "stated for each photograph by its package, but not by opencv-doc; works under the GPL are left out",
        "halves": "an even first digit of the sha256 of a photograph's bytes is for training, of these a second"
        " digit of 0 to 3 for the cut",
        "batches": f"{steps} of {BATCH} crops, seed {seed}",
    }
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100)


def main() -> None:
    """Train, write weights and card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("workbench/firered/models"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(2)
    found = list(photographs(options.photographs))
    train = [each for each in found if each.part == "train"]
    pictures = [each.pixels for each in train for _ in range(SIGNS if "scenetext" in each.path else 1)]
    options.out.mkdir(parents=True, exist_ok=True)
    trained(pictures, options.steps, options.seed, options.out / "marks.npz")
    (options.out / "marks.yaml").write_text(card(found, options.steps, options.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
