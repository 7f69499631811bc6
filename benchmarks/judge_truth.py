"""Does the pixel judge tell true pairs from planted wrong ones? ROC AUC a filter, over real photographs."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from firered.operators.judge.pixel_judge import score
from firered.operators.synth.template import Template
from firered.pictures import Pictures, decode
from firered.rows import Image, KeptPhoto, Pair, PairImages, id_of_sha256
from firered.store import BlobStore
from firered.templating.edits import Edit, values_of
from firered.templating.filters import Filter, templates
from firered.templating.pixels import apply

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
Scores = dict[str, list[tuple[float, float]]]  # kind of pair -> (followed, kept) of each
WRONG = ("swapped", "opposite", "half", "unrelated", "identical")


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--photos", default=60, show_default=True, help="Photographs to use, spread over the folders.")
@click.option("--followed", default=0.7, show_default=True, help="Least score for doing what was asked.")
@click.option("--kept", default=0.5, show_default=True, help="Least score for keeping the rest.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON file for the figures.")
def command(folders: tuple[Path, ...], photos: int, followed: float, kept: float, out: Path | None) -> None:
    """Print score quantiles of true pairs and the AUC against each kind of wrong pair."""
    with TemporaryDirectory() as root:
        pictures = Pictures(BlobStore(Path(root)))
        whole = dict(measured(photographs(list(folders), photos, pictures), pictures))
    figures = {name: figures_of(found, (followed, kept)) for name, found in whole.items()}
    show(figures)
    if out:
        out.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def photographs(folders: list[Path], count: int, pictures: Pictures, least: int = 200) -> list[KeptPhoto]:
    """Spread `count` readable photographs of at least `least` pixels a side over the folders."""
    paths = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in PICTURES
    )
    rows = []
    for path in paths[:: max(1, len(paths) // count)][:count]:
        data = path.read_bytes()
        height, width = decode(data).shape[:2]
        if min(height, width) >= least:
            sha256 = pictures.save_bytes(data)
            fields = (width, height, len(data), path.suffix, "RGB", 1, "photo", "")
            rows.append(KeptPhoto(id_of_sha256(sha256), sha256, *fields))
    return rows


def measured(rows: list[KeptPhoto], pictures: Pictures) -> Iterator[tuple[str, Scores]]:
    """Yield the scores of each filter, then those of all together."""
    whole: Scores = {kind: [] for kind in ("true", *WRONG)}
    for made in templates().filters.values():
        found = scores(made, rows, pictures)
        for kind, values in found.items():
            whole[kind] += values
        yield made.name, found
    yield "ALL", whole


def scores(made: Filter, rows: list[KeptPhoto], pictures: Pictures) -> Scores:
    """Scores (followed, kept) of the true pairs of a filter and of the wrong ones planted for each."""
    found: Scores = {kind: [] for kind in ("true", *WRONG)}
    pairs = list(true_pairs(made, rows, pictures))
    for place, pair in enumerate(pairs):
        other = pairs[(place + 1) % len(pairs)]
        for kind, row in (("true", pair), *planted(pair, other, made, pictures)):
            judged = score(row, pictures)
            found[kind].append((judged.followed, judged.kept))
    return found


def true_pairs(made: Filter, rows: list[KeptPhoto], pictures: Pictures) -> Iterator[PairImages]:
    """Yield the pairs that the template operator makes."""
    operator = Template(filters=[made.name], per_image=1)
    for photo, result in zip(rows, operator(rows, pictures), strict=True):
        sha256 = {photo.image_id: photo.sha256}
        for row in result:
            if isinstance(row, Image):
                sha256[row.image_id] = row.sha256
            if isinstance(row, Pair):
                fields = {name: getattr(row, name) for name in PairImages.columns()[:-2]}
                yield PairImages(
                    **fields, source_sha256=sha256[row.source_id], target_sha256=sha256[row.target_id]
                )


def planted(
    pair: PairImages, other: PairImages, made: Filter, pictures: Pictures
) -> Iterator[tuple[str, PairImages]]:
    """Yield wrong pairs that keep the stored parameters."""
    # A mirror image or a half turn is its own opposite: swapping leaves it true.
    edit = Edit.model_validate_json(pair.parameters)
    if not own_opposite(edit):
        yield (
            "swapped",
            dataclasses.replace(pair, source_sha256=pair.target_sha256, target_sha256=pair.source_sha256),
        )
    for kind, share in (("opposite", -1.0), ("half", 0.5)):
        target = remade(edit, made, share, pair, pictures)
        if target is not None:
            yield kind, dataclasses.replace(pair, target_sha256=target)
    if other.source_sha256 != pair.source_sha256:
        yield "unrelated", dataclasses.replace(pair, target_sha256=other.target_sha256)
    yield "identical", dataclasses.replace(pair, target_sha256=pair.source_sha256)


def own_opposite(edit: Edit) -> bool:
    """Whether doing the edit again undoes it, so that source and target may be exchanged."""
    return edit.filter in ("mirror", "negative", "channels") or edit.values.get("degrees") == 180


def remade(edit: Edit, made: Filter, share: float, pair: PairImages, pictures: Pictures) -> str | None:
    """Target with a multiple of the asked amount; None where the filter has no such amount."""
    name = made.measure.asked
    signed = made.sense is not None
    if not isinstance(name, str) or (share < 0 and not signed) or own_opposite(edit):
        return None
    if made.name in ("posterize", "scratches", "turn", "jpeg", "zoom") and share > 0:
        return None  # half of such an amount is not defined
    amount = edit.arguments[name] * share
    whole = isinstance(edit.values[name], int) and made.name in ("pixel_art", "halftone", "motion_blur")
    arguments = edit.arguments | {name: max(3, round(amount) // 2 * 2 + 1) if whole else amount}
    values = values_of(made, arguments, templates(), "")
    pixels = apply(edit.function, pictures.pixels(pair.source_sha256), values)
    return pictures.save(pixels)[0]


def auc(true: list[float], wrong: list[float]) -> float | None:
    """Chance that a true pair scores above a wrong one, ties half; None without pairs."""
    if not true or not wrong:
        return None
    above = np.subtract.outer(np.array(true), np.array(wrong))
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def figures_of(found: Scores, least: tuple[float, float]) -> dict[str, Any]:
    """Quantiles of the true scores and the AUC of followed * kept against each kind of wrong pair."""
    whole = {kind: [followed * kept for followed, kept in values] for kind, values in found.items()}
    wrong = [value for kind in WRONG for value in found[kind]]
    areas = {kind: auc(whole["true"], whole[kind]) for kind in WRONG}
    return {
        "pairs": len(whole["true"]),
        "followed": quantiles([followed for followed, _ in found["true"]]),
        "kept": quantiles([kept for _, kept in found["true"]]),
        "auc": areas | {"all": auc(whole["true"], [followed * kept for followed, kept in wrong])},
        "true_passed": passed(found["true"], least),
        "wrong_passed": passed(wrong, least),
    }


def passed(values: list[tuple[float, float]], least: tuple[float, float]) -> float | None:
    """Share of pairs at or above both scores; None without pairs."""
    enough = [float(followed >= least[0] and kept >= least[1]) for followed, kept in values]
    return float(np.mean(enough)) if enough else None


def quantiles(values: Any) -> list[float]:
    """5 %, 25 % and 50 % quantile."""
    return [round(float(value), 3) for value in np.quantile(values, (0.05, 0.25, 0.5))] if len(values) else []


def show(figures: dict[str, dict[str, Any]]) -> None:
    """Print one line a filter."""
    print(
        f"{'filter':16}{'pairs':>6}  {'followed 5/25/50 %':22}{'kept 5/25/50 %':22}AUC "
        + " ".join(WRONG)
        + " all | passed"
    )
    for name, line in figures.items():
        areas = " ".join(shown(value) for value in line["auc"].values())
        shares = " ".join(shown(line[part]) for part in ("true_passed", "wrong_passed"))
        print(f"{name:16}{line['pairs']:>6}  {line['followed']!s:22}{line['kept']!s:22}{areas} | {shares}")


def shown(value: float | None) -> str:
    """Number with three decimals, a dash where there is none."""
    return "  -  " if value is None else f"{value:.3f}"


if __name__ == "__main__":
    command()
