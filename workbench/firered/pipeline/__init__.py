"""A data run: list the photographs, then do a recipe's steps in order, telling what became of each."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from firered import manifest, mappers, report
from firered.catalog import Catalog, now
from firered.errors import RecipeError, RunError
from firered.neighbours import clusters, hashes, vectors
from firered.operator import Operator
from firered.pipeline.recipes import as_yaml, lacking, read_recipe, same_rows
from firered.pipeline.training import freeze, train
from firered.recipe import loading
from firered.recipe.data import (
    ClustersStep,
    DataRecipe,
    FilterStep,
    ManifestStep,
    NeighboursStep,
    OperatorsStep,
    OperatorUse,
    QueryStep,
    ReportStep,
    TrainStep,
)
from firered.rows import Photo, id_of
from firered.run import Balance, Interrupted, Mapper, Progress, Stopped, run
from firered.sources import list_files

LISTED_AT_ONCE = 10_000  # files appended in one transaction
HEADER = OperatorUse(name="header")
INGEST = OperatorUse(name="ingest")


@dataclass(frozen=True)
class Options:
    """How to run a recipe: what `firered run` takes."""

    overrides: Sequence[str] = ()
    photographs: Sequence[str] = ()  # instead of those of the recipe
    mapper: str = "here"
    workers: int | None = None  # None: the cores there are
    retry: bool = False


def execute(
    name: str, root: Path, wait: float, options: Options, progress: Progress, tell: Callable[[str], None]
) -> Path | None:
    """Check a data recipe and run it over the catalog at `root`; returns the report."""
    path = loading.find(name)
    recipe = read_recipe(name, [*options.overrides, *_photographs(options)])
    if not isinstance(recipe, DataRecipe):
        raise RecipeError(f"{path}: a training recipe (run it with: firered train {name} --manifest NAME)")
    return _run(recipe, path, Catalog.init(root, wait=wait), options, progress, tell)


def add_photographs(
    root: Path, wait: float, options: Options, progress: Progress, tell: Callable[[str], None]
) -> None:
    """Take photographs into an existing catalog."""
    recipe = DataRecipe(name="add", photographs=list(options.photographs), ingest=True, steps=[])
    _run(recipe, Path("add"), Catalog(root, wait=wait), options, progress, tell)


@dataclass(frozen=True)
class Fates:
    """What became of the files of a catalog: fate, reason, files."""

    table: Any
    counts: dict[str, int]  # files by fate

    @property
    def failed(self) -> int:
        """Files that could not be taken in."""
        return self.counts.get("failed", 0)

    def line(self) -> str:
        """The balance on one line."""
        parts = " + ".join(f"{files} {fate}" for fate, files in self.counts.items())
        return f"balance of the catalog: {sum(self.counts.values())} files = {parts or '0'}"


def balance(root: Path, wait: float) -> Fates:
    """Say what became of every file; raises RunError where files are left over."""
    catalog = Catalog(root, wait=wait)
    table = catalog.query("fates")
    counts: dict[str, int] = {}
    for row in table.to_pylist():
        counts[row["fate"]] = counts.get(row["fate"], 0) + row["files"]
    ((files,),) = (line.values() for line in catalog.sql("select count(*) as files from file").to_pylist())
    if counts.get("waiting") or files != sum(counts.values()):
        missing = counts.get("waiting", 0) or files - sum(counts.values())
        raise RunError(
            f"balance: {missing} of {files} files are neither kept, rejected nor failed (run again)"
        )
    return Fates(table, counts)


def _photographs(options: Options) -> list[str]:
    return [f"photographs={json.dumps(list(options.photographs))}"] if options.photographs else []


def _run(
    recipe: DataRecipe,
    path: Path,
    catalog: Catalog,
    options: Options,
    progress: Progress,
    tell: Callable[[str], None],
) -> Path | None:
    if commands := lacking(recipe):
        raise RecipeError(f"{path}: needs models that are not installed ({'; '.join(commands)})")
    with mappers.opened(options.mapper, options.workers or mappers.cores()) as mapper:
        return Run(recipe, path, as_yaml(recipe), catalog, mapper, progress, tell, options.retry)()


@dataclass
class Run:
    """One execution of a recipe over a catalog."""

    recipe: DataRecipe
    path: Path  # of the recipe
    text: str  # of the recipe, as it is recorded
    catalog: Catalog
    mapper: Mapper
    progress: Progress
    tell: Callable[[str], None]
    retry: bool = False
    run_id: int = 0
    news: bool = False  # whether this execution changed anything
    told: set[int] = field(default_factory=set)  # operators whose balance was told
    frozen: dict[str, Path] = field(default_factory=dict)  # manifests of this run by name

    def __call__(self) -> Path | None:
        """Do all steps; returns the report, where the recipe asks for one."""
        self.run_id = id_of("run", self.text)
        named = [step.filter for step in self.recipe.steps if isinstance(step, FilterStep)]
        filters = list(dict.fromkeys(named))  # a filter may be asked again after a correction
        self._record("run", recipe=self.recipe.name, recipe_text=self.text, filters=filters, started_at=now())
        self._list_photographs()
        self._take_in()
        written = None
        for ordinal, step in enumerate(self.recipe.steps, 1):
            written = self._step(step, ordinal) or written
        if not self.news:
            self.tell("everything was done before: nothing was done twice")
        return written

    # --- steps --------------------------------------------------------------------------------

    def _step(self, step: Any, ordinal: int) -> Path | None:
        do: dict[type, Callable[[int, Any], Path | None]] = {
            OperatorsStep: self._operators,
            NeighboursStep: self._neighbours,
            ClustersStep: self._clusters,
            FilterStep: self._filter,
            QueryStep: self._query,
            ManifestStep: self._manifest,
            TrainStep: self._train,
            ReportStep: self._report,
        }
        return do[type(step)](ordinal, step)

    def _neighbours(self, ordinal: int, step: NeighboursStep) -> None:
        with self._timed(ordinal, f"neighbours by {step.neighbours}", "neighbours") as note:
            written, news = search(self.catalog, step)
            note.say(f"{written} new candidates", news=news)

    def _clusters(self, ordinal: int, step: ClustersStep) -> None:
        with self._timed(ordinal, "clusters", "clusters") as note:
            rule = clusters.ClusterRule(**step.model_dump(exclude={"clusters"}))
            written, news = clusters.update(self.catalog, rule)
            note.say(f"{written} photographs joined a cluster or changed theirs", news=news)

    def _filter(self, ordinal: int, step: FilterStep) -> None:
        with self._timed(ordinal, step.filter, "filter") as note:
            rejected, news = self.catalog.decide(step.filter, step.with_, self.run_id)
            note.say(f"{rejected} rejected", news=news)

    def _query(self, ordinal: int, step: QueryStep) -> None:
        with self._timed(ordinal, step.query, "query") as note:
            note.say(f"{self.catalog.query(step.query, **step.with_).num_rows} rows", news=self.news)

    def _manifest(self, ordinal: int, step: ManifestStep) -> None:
        with self._timed(ordinal, step.manifest, "manifest") as note:
            frozen = freeze(self.catalog, step, self.text, self.run_id)
            if frozen is None:
                note.say("no pair to freeze (look at: firered catalog query reasons)", news=self.news)
                return
            made, folder, news = frozen
            self.frozen[step.manifest] = folder
            splits = ", ".join(f"{count} {split}" for split, count in made.splits.items())
            note.say(f"{made.rows} pairs ({splits}), {folder.name}", news=news)

    def _train(self, ordinal: int, step: TrainStep) -> None:
        if not self._can_train(step):
            lacks = f"manifest {step.manifest!r} lacks pairs to train on or to hold out (add photographs)"
            self.tell(f"{step.train}: not trained: {lacks}")
            return
        recipe = loading.find(step.train, self.path.parent)
        with self._timed(ordinal, recipe.stem, "train") as note:
            done, news = train(self.catalog, recipe, self.frozen[step.manifest], step.set)
            note.say(done, news=news)

    def _can_train(self, step: TrainStep) -> bool:
        frozen = self.frozen.get(step.manifest)
        return frozen is not None and set(manifest.read(frozen).splits) == {"train", "held_out"}

    def _report(self, ordinal: int, step: ReportStep) -> Path:
        place = self.catalog.root / "reports" / f"{self.recipe.name}.html"
        stale = self.news or not place.exists() or self._last_change() > place.stat().st_mtime
        with self._timed(ordinal, "report", "report") as note:
            note.say("written" if stale else "nothing new to show", news=stale)
        if stale:
            place.parent.mkdir(exist_ok=True)
            report.write(self.catalog, place, title=step.report, run_id=self.run_id)
        return place

    def _last_change(self) -> float:
        """When a step last changed something, seconds since the epoch: a killed run leaves its report behind."""
        (line,) = self.catalog.query("last_change").to_pylist()
        return float(line["changed_at"] or 0)

    def _list_photographs(self) -> None:
        others: Counter[str] = Counter()
        listed = chain.from_iterable(list_files(source, others=others) for source in self.recipe.photographs)
        count, new = 0, 0
        while files := list(islice(listed, LISTED_AT_ONCE)):
            count, new = count + len(files), new + self.catalog.append(files)
        self.tell(f"photographs: {count} file{'' if count == 1 else 's'}, {new} new")
        if others:
            kinds = ", ".join(f"{number} {kind}" for kind, number in others.most_common(8))
            self.tell(f"  passed over, for want of a picture's extension: {kinds}")

    def _take_in(self) -> None:
        """Take files in; what the first step measures of photographs is measured while they are decoded."""
        first = self.recipe.steps[0] if self.recipe.steps else None
        then = same_rows(first) if isinstance(first, OperatorsStep) else []
        chosen = OperatorsStep(operators=[HEADER, INGEST] if self.recipe.ingest else [HEADER])
        self._operators(0, chosen, then if then and then[0].reads is Photo and self.recipe.ingest else [])

    def _operators(self, ordinal: int, step: OperatorsStep, then: Sequence[Operator] = ()) -> None:
        operators = same_rows(step)
        try:
            balances: Sequence[Balance] = run(
                operators,
                self.catalog,
                mapper=self.mapper,
                progress=self.progress,
                retry=self.retry,
                then=then,
            )
        except (Stopped, Interrupted) as stop:
            self._tell_balances(ordinal, stop.balances)
            raise
        self._tell_balances(ordinal, balances)

    def _tell_balances(self, ordinal: int, balances: Sequence[Balance]) -> None:
        for balance in balances:
            told = balance.operator_id in self.told
            # Of an operator that follows and has had nothing to do, its own step will tell.
            if balance.total or not (told or balance.follows):
                self.tell(balance.line())
                self.told.add(balance.operator_id)
            for reason, count in balance.reasons.most_common(3):
                self.tell(f"  {count} x {reason}")
            if balance.total:
                self.news = True
                counts = {
                    "total": balance.total,
                    "done": balance.done,
                    "failed": balance.failed,
                    "remaining": balance.left,
                }
                self._record_step(ordinal, balance.name, "operator", balance.seconds, "", **counts)

    # --- bookkeeping --------------------------------------------------------------------------

    @contextmanager
    def _timed(self, ordinal: int, name: str, kind: str) -> Iterator["Note"]:
        note = Note()
        started = time.monotonic()
        yield note
        self.tell(f"{name}: {note.text}" + ("" if note.news else " (as before)"))
        if note.news:
            self.news = True
            self._record_step(ordinal, name, kind, time.monotonic() - started, note.text)

    def _record_step(
        self, ordinal: int, name: str, kind: str, seconds: float, note: str, **counts: int
    ) -> None:
        about = {"ordinal": ordinal, "name": name, "kind": kind, "seconds": seconds, "note": note}
        self._record("run_step", **about, **counts, ended_at=now())

    def _record(self, relation: str, **values: Any) -> None:
        self.catalog.record(relation, {"run_id": self.run_id, **values})


def search(catalog: Catalog, step: NeighboursStep) -> tuple[int, bool]:
    """Search what a step names; returns how many candidates are new, and whether any are."""
    if step.neighbours == "hashes":
        by_hash = hashes.HashSearch(bits=step.bits, view_bits=step.view_bits, most=step.most)
        return hashes.search(catalog, by_hash)
    return vectors.search(catalog, vectors.VectorSearch(space=step.space, cosine=step.cosine, most=step.most))


@dataclass
class Note:
    """What a step has to say when it is over."""

    text: str = ""
    news: bool = False

    def say(self, text: str, *, news: bool) -> None:
        """Say it, and whether anything changed."""
        self.text, self.news = text, news
