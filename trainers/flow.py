"""Train a flow-matching stage (pretrain, ct, sft) on a frozen manifest, and score it before and after.

    python trainers/flow.py recipes/tiny/flow.yaml --manifest DIR --out DIR [--set steps=50]
    torchrun --nproc_per_node 2 trainers/flow.py ...

Killed, it goes on from its last checkpoint; finished, it says so and does nothing.
"""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

# Threads that wait by spinning halve the speed as soon as anything else wants the processor.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from accelerate import Accelerator

from firered.errors import FireRedError
from firered.recipe.loading import find, load
from firered.recipe.stage import StageRecipe
from firered.training import data, evaluate, flow, journal, lora, model
from firered.training.batches import Batches
from firered.training.folder import RunFolder
from firered.training.loop import fit, new_learner


def main() -> int:
    """Parse, train, print the summary as one line of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", help="training recipe: a file, or the name of a shipped one")
    parser.add_argument("--manifest", type=Path, required=True, help="folder of a frozen manifest")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, scores and samples")
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=VALUE", help="override a value of the recipe"
    )
    asked = parser.parse_args()
    try:
        recipe = load(find(asked.recipe), StageRecipe, asked.set)
        summary = train(recipe, data.read(asked.manifest), asked.out)
    except FireRedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("stopped (run the same again to go on from the last checkpoint)\n")
        return 130
    if summary:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    return 0


def train(recipe: StageRecipe, manifest: data.Manifest, out: Path) -> dict[str, Any] | None:
    """Train in `out` what is not trained yet; returns the summary on the first process, else None."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    folder = RunFolder(out, recipe, manifest)
    with folder.alone() if accelerator.is_main_process else nullcontext():
        accelerator.wait_for_everyone()
        summary = folder.finished()
        if summary:
            journal.tell(f"{out}: already finished, nothing to do")
            return summary if accelerator.is_main_process else None
        return _train(recipe, manifest, folder, accelerator)


def _train(
    recipe: StageRecipe, manifest: data.Manifest, folder: RunFolder, accelerator: Accelerator
) -> dict[str, Any] | None:
    first = accelerator.is_main_process
    network = model.build(recipe.model, vector_size=manifest.phrases.shape[1], seed=recipe.seed)
    if recipe.lora:
        lora.add(network, recipe.lora, seed=recipe.seed)
    learner = new_learner(recipe, network.to(accelerator.device))
    held_out = evaluate.held_out(recipe, manifest) if first else None
    if held_out:
        folder.score("before", learner, held_out)
    accelerator.wait_for_everyone()
    folder.resume(learner)

    batches = Batches(
        recipe, manifest, process=accelerator.process_index, processes=accelerator.num_processes
    )
    hooks = folder.hooks(learner) if first else []
    fit(recipe, learner, batches, flow.loss(recipe), accelerator=accelerator, after_step=hooks)
    if not held_out:
        return None
    folder.score("after", learner, held_out)
    return folder.finish(learner)


if __name__ == "__main__":
    sys.exit(main())
