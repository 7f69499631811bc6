"""Train the head that tells which way up a photograph is, on half of the photographs, and check it on the others.

The half is drawn by the sha256 of a photograph's bytes: an even first digit is for training. No labels
are needed: photographs are upright, and turning them makes the other three answers.

python benchmarks/train_turn.py [--views 12] [--out workbench/firered/models]
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from firered.models.imagenet import NAME
from firered.models.upright import DIMENSIONS, TurnFeatures
from firered.pictures import decode, shrink
from firered.sources import list_files

SIDE = 480  # pixels, longer side before the network's own squeeze
PENALTIES = (0.01, 0.03, 0.1, 0.3)
FOLDS = 4
PRECISION = 0.98
CUTS = (0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class Photograph:
    """A photograph and the features (views, 4, 2560) of its views."""

    sha256: str
    source: str
    licence: str
    features: Any

    @property
    def is_for_training(self) -> bool:
        """Whether the first digit of its sha256 is even."""
        return self.sha256[0] in "02468ace"


def views(pixels: Any, count: int, random: np.random.Generator) -> Iterator[Any]:
    """The picture, its mirror image, and random crops, every other one mirrored."""
    yield pixels
    yield pixels[:, ::-1]
    for number in range(count - 2):
        crop = cropped(pixels, random)
        yield crop[:, ::-1] if number % 2 else crop


def cropped(pixels: Any, random: np.random.Generator) -> Any:
    """A part of half of each side or more."""
    sides = [(size, max(1, round(size * random.uniform(0.5, 1)))) for size in pixels.shape[:2]]
    (top, height), (left, width) = ((int(random.integers(whole - part + 1)), part) for whole, part in sides)
    return pixels[top : top + height, left : left + width]


def photographs(source: str, count: int) -> Iterator[Photograph]:
    """Photographs with their features: `count` views for training, else only the picture itself."""
    features = TurnFeatures("openvino-f32")
    for file in list_files(source):
        # What is learned from a work under the GPL may be taken for a work derived from it.
        if file.licence.startswith("GPL"):
            continue
        data = Path(file.path).read_bytes()
        digest = sha256(data).hexdigest()
        random = np.random.default_rng(int(digest[:16], 16))
        pixels = shrink(decode(data), SIDE)
        wanted = list(views(pixels, count, random)) if digest[0] in "02468ace" else [pixels]
        yield Photograph(digest, file.source, file.licence, np.stack([features(view) for view in wanted]))


def fitted(train: Sequence[Photograph], penalty: float) -> Any:
    """Weight (2560,) of the softmax over turns; the constant of a linear map falls out of it."""
    import torch

    examples = torch.from_numpy(np.concatenate([each.features for each in train]))
    spread = examples.flatten(0, 1).std(dim=0) + 1e-3
    examples = examples / spread
    weight = torch.zeros(DIMENSIONS, requires_grad=True)
    solver = torch.optim.LBFGS([weight], max_iter=100, line_search_fn="strong_wolfe")
    upright = torch.zeros(len(examples), dtype=torch.long)

    def closure() -> Any:
        solver.zero_grad()
        loss = torch.nn.functional.cross_entropy(examples @ weight, upright)
        loss = loss + penalty * weight.square().sum()
        loss.backward()
        return loss

    solver.step(closure)
    return (weight.detach() / spread).numpy()


def answers(weight: Any, photographs: Sequence[Photograph]) -> tuple[Any, Any]:
    """Confidence (N,) in 0..1, and whether it is right (N,), of the photographs themselves."""
    scores = np.stack([each.features[0] for each in photographs]) @ weight
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares.max(axis=1), shares.argmax(axis=1) == 0


def surprise(weight: Any, photographs: Sequence[Photograph]) -> float:
    """Mean negative log likelihood of upright, over the photographs themselves: crops are harder."""
    scores = np.stack([each.features[0] for each in photographs]) @ weight
    return float(np.mean(np.log(np.exp(scores - scores[:, :1]).sum(axis=1))))


def best_penalty(train: Sequence[Photograph]) -> float:
    """Penalty that surprises least, over folds of the training half."""
    surprises = dict.fromkeys(PENALTIES, 0.0)
    for penalty in PENALTIES:
        for fold in range(FOLDS):
            rest = [each for number, each in enumerate(train) if number % FOLDS != fold]
            surprises[penalty] += surprise(fitted(rest, penalty), train[fold::FOLDS])
    return min(surprises, key=lambda penalty: surprises[penalty])


def judged(confidence: Any, right: Any) -> dict[str, Any]:
    """Accuracy, coverage where precision is high, and figures at fixed cuts."""
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    covered = (enough.max() + 1) / len(right) if len(enough) else 0.0
    cuts = {
        f"confidence {cut}": {
            "coverage": round(float((confidence >= cut).mean()), 3),
            "wrong": round(float(((confidence >= cut) & ~right).mean()), 4),
        }
        for cut in CUTS
    }
    return {
        "photographs": len(right),
        "accuracy": round(float(right.mean()), 3),
        f"coverage at precision {PRECISION}": round(float(covered), 3),
        **cuts,
    }


def card(train: Sequence[Photograph], check: Sequence[Photograph], weight: Any, penalty: float) -> str:
    """Say what the head was made of and how well it does."""
    origins = Counter(f"{each.source}, {each.licence.partition(' (')[0]}" for each in train)
    facts = {
        "purpose": "which of four quarter turns makes a photograph upright",
        "form": f"one vector of {DIMENSIONS} numbers on the features of {NAME}, softmax over the turns",
        "licence": "Apache-2.0; a statistic of photographs under free licences, of which it holds no picture",
        "trained on": {name: origins[name] for name in sorted(origins)},
        "origin": "stated for each photograph by its package, but not by opencv-doc; works under the GPL are left out",
        "halves": "an even first digit of the sha256 of a photograph's bytes is for training",
        "views of a photograph": len(train[0].features),
        "penalty": penalty,
        "training half": judged(*answers(weight, train)),
        "other half": judged(*answers(weight, check)),
        "weak": "tools, fish and food photographed from above, plain textures, flat drawings: no up to see",
    }
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100)


def main() -> None:
    """Train, check, write head and card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", default="embedded:photos")
    parser.add_argument("--views", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("workbench/firered/models"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    found = list(photographs(options.photographs, options.views))
    train = [each for each in found if each.is_for_training]
    check = [each for each in found if not each.is_for_training]
    penalty = best_penalty(train)
    weight = fitted(train, penalty).astype(np.float16)
    np.save(options.out / "turn_head.npy", weight)
    text = card(train, check, weight.astype(np.float32), penalty)
    (options.out / "turn_head.yaml").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
