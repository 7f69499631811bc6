"""From kept pairs to a scored model: freeze a manifest, train on it in a process of its own, take the scores in."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from firered import manifest, vectors
from firered.catalog import Catalog, now
from firered.errors import ManifestError, RunError
from firered.paths import shipped
from firered.recipe import loading
from firered.recipe.data import ManifestStep
from firered.recipe.stage import StageRecipe
from firered.rows import EditScore, id_of
from firered.run import Interrupted


def freeze(
    catalog: Catalog, step: ManifestStep, recipe: str, run_id: int
) -> tuple[manifest.Manifest, Path, bool] | None:
    """Freeze the pairs of a query; returns the manifest, its folder, and whether it is new.

    Returns None where the query chooses no pair.
    """
    chosen = catalog.query(step.query, **step.with_)
    if chosen.num_rows == 0:
        return None
    phrases = {text["phrase_id"] for texts in chosen.column("texts").to_pylist() for text in texts}
    known = vectors.lookup(catalog.vectors, step.text_space, sorted(phrases))
    folder = catalog.root / "manifests"
    made, place = manifest.freeze(
        chosen, known, name=step.manifest, folder=folder, blobs="../../blobs", recipe=recipe
    )
    # A run that was killed may have written the folder and not this line.
    news = made.digest not in catalog.query("manifests").column("digest").to_pylist()
    if news:
        values = {"digest": made.digest, "name": made.name, "path": str(place.relative_to(catalog.root))}
        catalog.record("manifest", {**values, "pairs": made.rows, "run_id": run_id, "frozen_at": now()})
    return made, place, news


def train(catalog: Catalog, recipe: Path, frozen: Path, overrides: Sequence[str]) -> tuple[str, bool]:
    """Train on a manifest in a process of its own, and take its scores into the catalog.

    Returns what to tell, and whether anything was trained. Raises RunError when the trainer fails.
    """
    located = loading.with_overrides(loading.read(recipe), overrides)
    loading.validate(StageRecipe, located)
    digest = manifest.read(frozen).digest
    name = f"{recipe.stem}-{id_of(located.data, digest):016x}"[:60]
    out = catalog.root / "runs" / name
    news = not (out / "summary.json").exists()
    if news:
        _launch(recipe, frozen, out, overrides)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    catalog.append(_scores(out, name))
    return _told(summary, name), news


def _launch(recipe: Path, frozen: Path, out: Path, overrides: Sequence[str]) -> None:
    script = shipped("trainers") / "flow.py"
    sets = [word for override in overrides for word in ("--set", override)]
    command = [sys.executable, str(script), str(recipe), "--manifest", str(frozen), "--out", str(out), *sets]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    except KeyboardInterrupt:
        raise Interrupted from None
    if done.returncode == 130:
        raise Interrupted
    if done.returncode:
        raise RunError(f"{script.name}: stopped with exit code {done.returncode} (its messages are above)")


def _scores(out: Path, name: str) -> list[EditScore]:
    import pyarrow.parquet as pq

    found = pq.read_table(out / "scores.parquet").to_pylist()
    return [
        EditScore(
            id_of("edit", name, row["pair_id"], row["phase"]), name, row["pair_id"], row["phase"],
            row["psnr"], row["psnr_copy"], row["followed"],
        )
        for row in found
    ]  # fmt: skip


def _told(summary: dict[str, Any], name: str) -> str:
    psnr = "{psnr_before:.1f} -> {psnr_after:.1f} dB (copying the source: {psnr_copy:.1f})".format_map(
        summary
    )
    return f"{summary['steps']} steps, {summary['pairs']} held-out pairs, PSNR {psnr}, {name}"


def find_manifest(catalog: Catalog, name: str) -> Path:
    """Newest manifest of a name, or a manifest's folder; raises ManifestError that lists the names."""
    if (Path(name) / "manifest.json").is_file():
        return Path(name)
    frozen = catalog.query("manifests").to_pylist()
    known: dict[str, str] = {
        row["name"]: row["path"] for row in reversed(frozen)
    }  # the latest of a name counts
    if name not in known:
        raise ManifestError(
            f"no manifest {name!r} (one of: {', '.join(sorted(known)) or 'none was frozen yet'})"
        )
    return catalog.root / known[name]
