"""What screening finds of planted defects, on photographs that it was tuned on and on others.

python benchmarks/truth.py [--photographs SOURCE] [--work FOLDER] [--page docs/screening.md]

Plants two sets (photographs of the even half with seed 1, of the odd half with seed 2), screens each, scores both and
writes the tables into the page. Sets and catalogs stay in the work folder; what is there is not made again.
"""

from pathlib import Path
from typing import Any

import click

from firered.catalog import Catalog
from firered.cli.progress import Bar
from firered.pipeline import Options, execute
from firered.pipeline.recipes import as_yaml, read_recipe
from firered.planting import markdown, truth
from firered.planting.plant import make
from firered.planting.score import Scores, scored
from firered.recipe.data import ClustersStep, DataRecipe, FilterStep, NeighboursStep, OperatorsStep

SETS = {"tuning": ("even", 1), "checking": ("odd", 2)}
WAIT = 60.0  # seconds for another process that writes
MEASURES = (OperatorsStep, NeighboursStep, ClustersStep)
# The only filter of the measuring run rejects nothing, so what an earlier run rejected is measured again, too.
NOTHING = FilterStep.model_validate({"filter": "small", "with": {"side": 0, "aspect": 1e9}})
# Scored, though no shipped recipe decides by it.
WEAK = FilterStep(filter="generated_statistics")


@click.command()
@click.option("--photographs", multiple=True, default=("embedded:photos",), show_default=True)
@click.option("--recipe", default="data/screen", show_default=True, help="How to screen.")
@click.option("--each", default=22, show_default=True, help="Plants of each defect.")
@click.option("--clean", default=120, show_default=True, help="Controls, at most.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("truth"), show_default=True)
@click.option("--page", type=click.Path(path_type=Path), default=Path("docs/screening.md"), show_default=True)
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=tuple(SETS))
@click.option("--workers", type=int, help="Processes  [default: the cores there are]")
def command(
    photographs: tuple[str, ...],
    recipe: str,
    each: int,
    clean: int,
    work: Path,
    page: Path,
    names: tuple[str, ...],
    workers: int | None,
) -> None:
    """Plant, screen, score, and write the tables."""
    options = Options(mapper="processes", workers=workers)
    found = {}
    for name in names:
        half, seed = SETS[name]
        folder = work / name
        if not (folder / truth.NAME).is_file():
            make(folder, photographs, seed=seed, half=half, each=each, clean=clean, tell=print)
        found[name] = screened(folder, recipe, work / f"{name}-catalog", options)
    markdown.write(page, found)
    print(f"tables: {page}")


def screened(folder: Path, recipe: str, root: Path, options: Options) -> Scores:
    """Screen a planted set, each filter judged alone, and score what came of it."""
    chosen = Options(photographs=[str(folder.absolute())], mapper=options.mapper, workers=options.workers)
    for part in parts(recipe, root.parent):
        execute(str(part), root, WAIT, chosen, Bar(), print)
    return scored(Catalog(root), folder)


def parts(recipe: str, work: Path) -> list[Path]:
    """Write the recipe as two: everything is measured, then everything is rejected, so that each filter sees all.

    In the usual order a picture that one filter rejects is not measured for the next, which saves time.
    """
    found = read_recipe(recipe, [])
    assert isinstance(found, DataRecipe), recipe
    measures = [step for step in found.steps if isinstance(step, MEASURES) and not _corrects(step)]
    filters = [step for step in found.steps if isinstance(step, FilterStep)] + [WEAK]
    return [
        _written(found, "measure", [NOTHING, *measures], work),
        _written(found, "reject", filters, work),
    ]


def _written(recipe: DataRecipe, name: str, steps: list[Any], work: Path) -> Path:
    place = work / f"{recipe.name}-{name}.yaml"
    changed = recipe.model_copy(update={"steps": steps, "name": place.stem})
    place.write_text(as_yaml(changed), encoding="utf-8")
    return place


def _corrects(step: object) -> bool:
    """Whether a step makes pictures anew by what a filter said: that is no measurement."""
    return isinstance(step, OperatorsStep) and any(use.name == "correct" for use in step.operators)


if __name__ == "__main__":
    command()
