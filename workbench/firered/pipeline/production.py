"""Production around a run: what a recipe would ask of each maker, who there is, and requests split by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from firered import mappers, operator
from firered.catalog import Catalog
from firered.errors import RecipeError, RunError
from firered.models import vlm
from firered.paths import data_home
from firered.pictures import Pictures
from firered.pipeline.recipes import lacking as lacking_models
from firered.pipeline.recipes import read_recipe
from firered.recipe.data import DataRecipe, OperatorsStep
from firered.report import why
from firered.rows import Request, id_of
from firered.rows import Scene as SceneRow
from firered.run import run
from firered.synthesis import makers, planning, splitting
from firered.synthesis.control_presets import lacking
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from firered.operator import Operator

PLANNED = "plan"  # name of the operator whose requests are counted
FILTERS = "template"  # name of the operator that needs no request


@dataclass(frozen=True)
class Planned:
    """One line of a plan: pairs of a task that a maker would make, and what they would take."""

    task: str
    strategy: str
    maker: str
    pairs: int
    seconds: float | None  # of one pair; None where nobody knows yet
    money: float  # of one pair
    install: str  # command that must be run before, '' where there is none

    @property
    def total_seconds(self) -> float | None:
        """Of all pairs."""
        return None if self.seconds is None else self.seconds * self.pairs


def plan(root: Path, wait: float, name: str, overrides: Sequence[str]) -> list[Planned]:
    """Count what a recipe's plans would ask for of the photographs in a catalog; writes nothing.

    Raises RecipeError where the recipe plans nothing, CatalogError where there is no catalog.
    """
    recipe = read_recipe(name, overrides)
    uses = [
        use
        for step in getattr(recipe, "steps", [])
        if isinstance(step, OperatorsStep)
        for use in step.operators
    ]
    loaded = [operator.load(use.name, use.settings) for use in uses if use.name in (PLANNED, FILTERS)]
    if not isinstance(recipe, DataRecipe) or not loaded:
        raise RecipeError(f"recipe {name!r}: plans no pairs (it has no operator {PLANNED!r} or {FILTERS!r})")
    catalog = Catalog(root, wait=wait)
    scenes = [Scene.of(row) for row in catalog.rows(SceneRow)]
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in loaded:
        counts.update(_requested(each, scenes) if each.name() == PLANNED else _filtered(each, scenes))
    costs = {row["maker"]: row for row in catalog.query("maker_costs").to_pylist()}
    return [_planned(*key, pairs, costs) for key, pairs in sorted(counts.items())]


def unready(root: Path, wait: float, name: str, overrides: Sequence[str]) -> list[str]:
    """What keeps a recipe, or the count of its plan, from being whole: models, and photographs not looked at yet."""
    recipe = read_recipe(name, overrides)
    commands = lacking_models(recipe) if isinstance(recipe, DataRecipe) else []
    said = (
        [f"the recipe itself cannot run yet: models are missing ({'; '.join(commands)})"] if commands else []
    )
    scenes = Catalog(root, wait=wait).rows(SceneRow)
    if scenes and all(row.masks == row.objects == row.faces == "[]" for row in scenes):
        said.append(
            "nothing is known yet of what the photographs show, so fewer pairs are counted than will be made"
        )
    return said


def _requested(each: "Operator", scenes: Sequence[Scene]) -> Counter[tuple[str, str, str]]:
    choice = each.choice()  # type: ignore[attr-defined]
    available = planning.chosen_makers(choice)
    found: Counter[tuple[str, str, str]] = Counter()
    for scene in scenes:
        origin = planning.Origin(scene.image_id, scene.image_id)
        for row in planning.requests(scene, origin, available, choice):
            found[row.task, row.strategy, row.maker] += 1
    return found


def _filtered(each: "Operator", scenes: Sequence[Scene]) -> Counter[tuple[str, str, str]]:
    """Pairs of the algorithmic filters, spread evenly over their tasks; which filters suit is seen in the pixels."""
    from firered.templating.choice import chosen_filters
    from firered.templating.filters import templates

    settings = each.settings()
    tasks = sorted(
        {made.task for made in chosen_filters(settings["filters"], settings["languages"], templates())}
    )
    pairs = settings["per_image"] * len(scenes)
    shares = {task: pairs // len(tasks) + (place < pairs % len(tasks)) for place, task in enumerate(tasks)}
    return Counter({(task, "template", "filters"): count for task, count in shares.items() if count})


def _planned(task: str, strategy: str, name: str, pairs: int, costs: dict[str, Any]) -> Planned:
    if name == "filters":
        return Planned(task, strategy, name, pairs, costs.get(name, {}).get("seconds"), 0.0, "")
    maker = makers.load(name)
    known = costs.get(name, {})
    seconds = known.get("seconds", getattr(maker, "seconds", None))
    money = getattr(maker, "money", 0.0)
    return Planned(task, strategy, name, pairs, seconds, money, "; ".join(makers.missing(maker)))


def summary(planned: Sequence[Planned]) -> list[str]:
    """What a plan comes to: pairs, tasks, time, money, and what cannot be made yet."""
    pairs = sum(line.pairs for line in planned)
    tasks = {line.task for line in planned}
    known = [line.total_seconds for line in planned if line.total_seconds is not None]
    money = sum(line.money * line.pairs for line in planned)
    unknown = sum(line.pairs for line in planned if line.seconds is None)
    said = [
        f"{pairs} pairs in {len(tasks)} of 15 tasks, about {sum(known) / 60:.1f} minutes on one core, {money:g} money"
    ]
    if unknown:
        said.append(f"time not known yet for {unknown} of them (measured when the first are made)")
    waiting: Counter[tuple[str, str]] = Counter()
    for line in planned:
        if line.install:
            waiting[line.maker, line.install] += line.pairs
    said += [
        f"{count} pairs of {maker} cannot be made yet ({install})"
        for (maker, install), count in sorted(waiting.items())
    ]
    return said


def experts(root: Path, wait: float) -> list[dict[str, Any]]:
    """Experts, one for each primitive of its card, with the measured share of accepted pairs where there is a catalog."""
    from firered.synthesis.experts import cards

    measured = _measured(root, wait)
    rows = []
    for name, card in cards().items():
        maker = makers.load(name)
        for asked, prior in card.primitives.items():
            pairs, accepted = measured.get((name, asked), (0, prior))
            rows.append(
                {
                    "expert": name,
                    "version": card.version,
                    "primitive": asked,
                    "editor": card.editor,
                    "pairs": pairs,
                    "accepted": accepted,
                    "seconds": getattr(maker, "seconds", None),
                    "money": getattr(maker, "money", 0.0),
                    "install": "; ".join(makers.missing(maker)),
                }
            )
    return rows


def refine(name: str, trained: Path, out: Path | None, primitives: Sequence[str]) -> tuple[Path, bool]:
    """Write the card of an expert that was trained further; returns its file, and whether cards are read there.

    `out` is a folder in whose `experts` it is put, by default that of the user's data. Raises TemplateError for an
    unknown expert, and where `trained` holds neither a finished run nor adapters.
    """
    from firered.synthesis import experts, refine

    card = refine.card_of_refined(experts.card(name), trained, primitives)
    place = refine.write_card(card, out or data_home())
    experts.cards()  # what was written must be readable beside the others
    return place, place.parent.resolve() in {each.resolve() for each in experts.folders()}


def _measured(root: Path, wait: float) -> dict[tuple[str, str], tuple[int, float]]:
    """Pairs and share of accepted ones by maker and primitive; empty without a catalog."""
    if not (root / "catalog.duckdb").exists():
        return {}
    rows = Catalog(root, wait=wait).query("maker_acceptance").to_pylist()
    return {(row["maker"], row["primitive"]): (row["pairs"], row["accepted"]) for row in rows}


def templates() -> list[dict[str, Any]]:
    """Filters and makers that need no editing model, with their tasks, versions and what they lack."""
    from firered.templating.filters import templates as read

    rows = [
        {
            "template": made.name,
            "kind": "filter",
            "task": made.task,
            "subtask": made.subtask,
            "version": made.version,
            "inverse": made.inverse.rule if made.inverse else "",
            "install": "",
        }
        for made in read().filters.values()
    ]
    for name in sorted(makers.names()):
        maker = makers.load(name)
        rows.append(
            {
                "template": name,
                "kind": maker.strategy,
                "task": "",
                "subtask": "",
                "version": maker.version,
                "inverse": "",
                "install": "; ".join(makers.missing(maker)),
            }
        )
    for name, lack in lacking().items():
        rows.append(
            {
                **dict.fromkeys(rows[-1], ""),
                "template": name,
                "kind": "control",
                "version": 1,
                "install": lack,
            }
        )
    return rows


def split(
    root: Path,
    wait: float,
    image: str,
    text: str,
    model: str = "",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Catalog, Request]:
    """The ordered steps of a request for one photograph, as a request that is not stored yet.

    `image` is what `firered why` takes; `model` is a VLM that first puts the request into the words of the library.
    Raises TemplateError for a part that nothing can do, RecipeError for what is no kept photograph.
    """
    catalog = Catalog(root, wait=wait)
    found = [each.key for each in why.find(catalog, image) if each.noun == "image"]
    scenes = {row.image_id: Scene.of(row) for row in catalog.rows(SceneRow)}
    if len(found) != 1 or found[0] not in scenes:
        raise RecipeError(f"{image!r}: not one kept photograph (name another; see: firered why {image})")
    available = planning.chosen_makers(planning.Choice())
    if model:
        pixels = Pictures(catalog.blobs).scaled(scenes[found[0]].sha256, 1024)
        text = splitting.reworded(text, pixels, vlm.load(model, **settings))
    seed = id_of("split", found[0], text) >> 32
    steps = splitting.plan(text, scenes[found[0]], available, Random(seed))
    return catalog, splitting.request_of(found[0], found[0], steps, seed)


def do_split(catalog: Catalog, request: Request, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Store a compound request and do it; returns its pairs, the whole first. Raises RunError with the reason."""
    catalog.append([request])
    worker = operator.load("split", settings)
    with mappers.opened("here", 1) as mapper:
        run([worker], catalog, mapper=mapper)
    made: list[dict[str, Any]] = catalog.sql(
        "select pair_id, step, task, maker from pair join produced using (pair_id, maker)"
        " where request_id = $request_id order by step",
        {"request_id": request.request_id},
    ).to_pylist()
    if not made:
        (line,) = catalog.query("failures_of", key=request.request_id).to_pylist()[:1] or [{}]
        raise RunError(f"request {request.request_id}: {line.get('error', 'nothing was made')}")
    return made
