"""What stands in the report: the answers of named queries, laid out for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import yaml

from firered import manifest
from firered.catalog import Catalog, now
from firered.catalog.sql import statement
from firered.errors import CatalogError, ManifestError
from firered.pictures import Pictures
from firered.report import learning, production, wording
from firered.report.album import Album
from firered.report.browser import Browser, browser
from firered.report.charts import Histogram, histogram

Rows = list[dict[str, Any]]

TITLE = "FireRed report"
BINS = 40
PAGE = 24  # pairs shown at a time
SHOWN = 50  # rows of an answer
LABELS = {
    "brightness": "Brightness, log",
    "saturation": "Saturation",
    "rgb_entropy": "Colour entropy, bits",
    "texture": "Texture, log",
    "sharpness": "Sharpness, log",
    "focus": "Focus",
    "highlights": "Highlights, log",
    "contrast": "Contrast, log",
    "noise": "Noise, log",
    "followed": "Did what was asked",
    "kept": "Left the rest alone",
}
CUT_BELOW = ("appeal", "spectrum slope")  # of these, low values are rejected


@dataclass(frozen=True)
class Answer:
    """Rows of a query that the recipe asks for, or what is wrong with it."""

    name: str
    about: str
    columns: list[str]
    rows: list[list[Any]]
    total: int
    error: str = ""


@dataclass(frozen=True)
class Contents:
    """Everything that the page shows."""

    title: str
    story: str
    written_at: datetime
    run: dict[str, Any] | None
    totals: dict[str, int]
    steps: Rows
    failures: Rows
    verdicts: Rows
    rejected: dict[str, Rows]  # by filter, with thumbnails
    fates: Rows
    photometry: list[Histogram]
    measured: list[Histogram]  # what the other operators of the screening found
    scores: list[Histogram]
    cuts: dict[str, float]  # of the pixel scores, where a filter is in force
    browser: Browser
    thumbnails: list[str]
    page: int
    families: dict[str, Rows]
    gaps: int
    min_pairs: int
    text_counts: Rows
    text_openings: dict[str, Rows]
    text_examples: Rows
    answers: list[Answer]
    learning: learning.Learning | None
    manifests: Rows
    production: production.Production | None


def gather(
    catalog: Catalog, *, title: str | None, run_id: int, pairs: int, min_pairs: int | None
) -> Contents:
    """Ask the catalog everything; the run is the latest where `run_id` is 0."""
    run = run_of(catalog, run_id)
    steps = steps_of(run["recipe_text"] if run else "")
    asked = asked_queries(steps)
    target = min_pairs or wanted_pairs(asked)
    tasks = rows(catalog, "task_counts", min_pairs=target)
    (totals,) = rows(catalog, "totals")
    album = Album(Pictures(catalog.blobs))
    rejected = rejected_images(catalog)
    verdicts = [{**row, "parameters": yaml.safe_load(row["parameters"])} for row in rows(catalog, "verdicts")]
    trained = learning.latest(catalog)
    gaps = sum(row["missing"] > 0 for row in tasks)
    return Contents(
        title=title or next((step["report"] for step in steps if "report" in step), TITLE),
        story=wording.story(totals, gaps, trained.over_copy if trained else None),
        written_at=now(),
        run=run,
        totals=totals,
        steps=rows(catalog, "run_steps", run_id=run["run_id"]) if run else [],
        failures=rows(catalog, "failed_rows"),
        verdicts=verdicts,
        rejected=rejected,
        fates=rows(catalog, "fates"),
        photometry=photometry(catalog, verdicts),
        measured=measured(catalog),
        scores=pixel_scores(catalog, verdicts),
        cuts=parameters_of(verdicts, "not_followed") or {},
        browser=browser(rows(catalog, "pairs_to_show", pairs=pairs), totals["pairs"], album),
        thumbnails=album.thumbnails,
        page=PAGE,
        families=grouped(tasks, "family"),
        gaps=gaps,
        min_pairs=target,
        text_counts=rows(catalog, "text_counts"),
        text_openings=grouped(rows(catalog, "text_openings"), "language"),
        text_examples=rows(catalog, "text_examples"),
        answers=[answer(catalog, name, given) for name, given in asked if name != "gaps"],
        learning=trained,
        manifests=manifests(catalog),
        production=production.production(catalog),
    )


def run_of(catalog: Catalog, run_id: int) -> dict[str, Any] | None:
    """The run, the latest where `run_id` is 0 and None where nothing ran; raises CatalogError for an unknown one."""
    found = rows(catalog, "run_facts", run_id=run_id)
    if run_id and not found:
        raise CatalogError(f"no run {run_id} in {str(catalog.root)!r} (leave it out for the latest)")
    return found[0] if found else None


def rows(catalog: Catalog, name: str, **given: Any) -> Rows:
    """Rows of a named query as mappings."""
    found: Rows = catalog.query(name, **given).to_pylist()
    return found


def grouped(found: Sequence[dict[str, Any]], column: str) -> dict[str, Rows]:
    """Rows by the value of a column that they are sorted by."""
    return {key: list(group) for key, group in groupby(found, key=lambda row: row[column])}


# --- screening ----------------------------------------------------------------------------------------


def rejected_images(catalog: Catalog) -> dict[str, Rows]:
    """Some rejected images of each filter, with their thumbnails and those of their twins."""
    album = Album(Pictures(catalog.blobs))
    found = [
        {**row, "picture": album.uri(row["sha256"]), "twin": album.uri(row["twin_sha256"])}
        for row in rows(catalog, "rejected_images")
    ]
    return grouped(found, "filter")


def photometry(catalog: Catalog, verdicts: Rows) -> list[Histogram]:
    """Histograms of the photometric properties, with the cuts where the filter was in force."""
    given = parameters_of(verdicts, "photometric")
    found = rows(catalog, "photometric_bins", bins=BINS, **given or {})
    if given is None:
        found = [without_cuts(row) for row in found]
    by_property = grouped(found, "property")
    order = [name for name in LABELS if name in by_property]
    return [histogram(LABELS[name], by_property[name], count=BINS, of="images") for name in order]


def measured(catalog: Catalog) -> list[Histogram]:
    """Histograms of what the other operators of the screening measured, with the cuts in force."""
    found = [
        {**row, "low": row["cut"] if row["property"] in CUT_BELOW else None,
         "high": None if row["property"] in CUT_BELOW else row["cut"]}
        for row in rows(catalog, "screen_bins", bins=BINS)
    ]  # fmt: skip
    return [
        histogram(f"{bins[0]['filter']}: {name}", bins, count=BINS, of="images")
        for name, bins in grouped(found, "property").items()
    ]


def pixel_scores(catalog: Catalog, verdicts: Rows) -> list[Histogram]:
    """Histograms of the two pixel scores of pairs, with the cuts where the filter was in force."""
    given = parameters_of(verdicts, "not_followed")
    found = [
        {**row, "lowest": 0.0, "highest": 1.0, "high": None}
        for row in rows(catalog, "score_bins", bins=BINS, **given or {})
    ]
    if given is None:
        found = [without_cuts(row) for row in found]
    return [
        histogram(LABELS[name], bins, count=BINS, of="pairs")
        for name, bins in grouped(found, "property").items()
    ]


def parameters_of(verdicts: Rows, name: str) -> dict[str, Any] | None:
    """Parameters of a filter's latest evaluation; None where it is not in force."""
    return next((row["parameters"] for row in verdicts if row["filter"] == name), None)


def without_cuts(row: dict[str, Any]) -> dict[str, Any]:
    """A bin of a distribution that nothing is cut from."""
    return {**row, "low": None, "high": None, "rejected": 0}


# --- what the recipe asks for -------------------------------------------------------------------------


def steps_of(recipe: str) -> Rows:
    """Steps of a recipe's text; none where it cannot be read."""
    try:
        found = yaml.safe_load(recipe)
    except yaml.YAMLError:
        return []
    steps = found.get("steps") if isinstance(found, dict) else None
    return [step for step in steps or [] if isinstance(step, dict)]


def asked_queries(steps: Rows) -> list[tuple[str, dict[str, Any]]]:
    """Queries that the steps of a recipe ask for, with their parameters."""
    wanted = [step for step in steps if "query" in step and "manifest" not in step]
    return [(str(step["query"]), step.get("with") or {}) for step in wanted]


def wanted_pairs(asked: Sequence[tuple[str, dict[str, Any]]]) -> int:
    """Pairs that a task should have: what the recipe says, else what the query gaps says."""
    defaults = statement("queries", "gaps").defaults
    given = next((given for name, given in asked if name == "gaps"), {})
    return int({**defaults, **given}["min_pairs"])


def answer(catalog: Catalog, name: str, given: dict[str, Any]) -> Answer:
    """Rows of a query for the report; a query that fails says why."""
    try:
        found = catalog.query(name, **given)
        about = statement("queries", name).about
    except CatalogError as error:
        return Answer(name, "", [], [], 0, str(error))
    lines = [list(row.values()) for row in found.slice(0, SHOWN).to_pylist()]
    return Answer(name, about, found.column_names, lines, found.num_rows)


def manifests(catalog: Catalog) -> Rows:
    """Manifests with the pairs of each split, or why they cannot be read."""
    return [{**row, **splits(catalog, row["path"])} for row in rows(catalog, "manifests")]


def splits(catalog: Catalog, path: str) -> dict[str, Any]:
    """Pairs by split of a manifest whose folder is given relative to the catalog."""
    try:
        return {"splits": manifest.read(catalog.root / path).splits, "error": ""}
    except ManifestError as error:
        return {"splits": {}, "error": str(error)}
