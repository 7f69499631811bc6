"""Recipes of every kind, read and checked whole before anything runs."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from firered import operator
from firered.catalog.sql import statement
from firered.errors import CatalogError, RecipeError
from firered.operator import Operator
from firered.recipe import loading
from firered.recipe.data import DataRecipe, FilterStep, ManifestStep, OperatorsStep, QueryStep, TrainStep
from firered.recipe.stage import StageRecipe

KINDS: dict[str, type[loading.Strict]] = {"data": DataRecipe, "train": StageRecipe}


def read_recipe(name: str, overrides: Sequence[str]) -> loading.Strict:
    """Read a recipe of any kind and check all of it; raises RecipeError with every problem."""
    path = loading.find(name)
    found = loading.with_overrides(loading.read(path), overrides)
    kind = found.data.get("kind", "data")
    if kind not in KINDS:
        raise RecipeError(
            f"{loading.place(found, ('kind',))}: kind: one of {', '.join(KINDS)} (got {kind!r})"
        )
    recipe = loading.validate(KINDS[kind], found)
    if isinstance(recipe, DataRecipe):
        check(recipe, found, path)
    return recipe


def as_yaml(recipe: loading.Strict) -> str:
    """The recipe with everything filled in."""
    plain = recipe.model_dump(mode="json", by_alias=True)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)


def check(recipe: DataRecipe, found: loading.Located, path: Path) -> None:
    """Check what the schema cannot: that operators, filters, queries and recipes exist and take these settings.

    Raises RecipeError with a line for each problem.
    """
    problems: list[str] = []
    for number, step in enumerate(recipe.steps):
        for questions in _questions(step, path):
            found_here = [_answer(found, ("steps", number, *key), ask) for key, ask in questions]
            problems += [problem for problem in found_here if problem]
            if any(found_here):
                break
    problems += _unfrozen(recipe, found)
    if problems:
        raise RecipeError("\n".join(problems))


def _unfrozen(recipe: DataRecipe, found: loading.Located) -> list[str]:
    """Training steps whose manifest no earlier step freezes."""
    frozen: set[str] = set()
    problems = []
    for number, step in enumerate(recipe.steps):
        if isinstance(step, ManifestStep):
            frozen.add(step.manifest)
        if isinstance(step, TrainStep) and step.manifest not in frozen:
            where = loading.place(found, ("steps", number, "manifest"))
            problems.append(f"{where}: no earlier step freezes manifest {step.manifest!r}")
    return problems


Question = tuple[loading.Key, Callable[[], object]]  # where it stands, and what raises when it is wrong


def _answer(found: loading.Located, key: loading.Key, ask: Callable[[], object]) -> str:
    """The problem with what stands at a key, or nothing."""
    try:
        ask()
    except (RecipeError, CatalogError) as error:
        return f"{loading.place(found, key)}: {error}"
    return ""


def _questions(step: Any, path: Path) -> list[list[Question]]:
    """What to ask of each thing a step names; a later list makes sense only where the one before it is good."""
    match step:
        case OperatorsStep():
            uses: list[Question] = [
                (("operators", i), partial(operator.load, use.name, use.settings))
                for i, use in enumerate(step.operators)
            ]
            return [uses, [(("operators",), lambda: same_rows(step))]]
        case FilterStep():
            return [[(("filter",), lambda: statement("filters", step.filter).parameters(step.with_))]]
        case QueryStep() | ManifestStep():
            return [[(("query",), lambda: statement("queries", step.query).parameters(step.with_))]]
        case TrainStep():
            return [
                [
                    (
                        ("train",),
                        lambda: loading.load(loading.find(step.train, path.parent), StageRecipe, step.set),
                    )
                ]
            ]
        case _:
            return []


def same_rows(step: OperatorsStep) -> list[Operator]:
    """Build the operators of a step; raises RecipeError when they read different rows."""
    operators = [operator.load(use.name, use.settings) for use in step.operators]
    kinds = {each.reads.table(): each.name() for each in operators}
    if len(kinds) > 1:
        said = ", ".join(f"{name} reads {table}" for table, name in kinds.items())
        raise RecipeError(f"operators of one step read the same rows ({said}; make two steps)")
    return operators


def lacking(recipe: DataRecipe) -> list[str]:
    """Commands that bring the models without which an operator of a recipe cannot work at all."""
    from firered.models import registry

    steps = [step for step in recipe.steps if isinstance(step, OperatorsStep)]
    needs = [need for step in steps for each in same_rows(step) for need in each.needs]
    missing = [
        entry for entry in map(registry.entry, dict.fromkeys(needs)) if registry.state(entry) == "missing"
    ]
    return registry.commands(missing)
