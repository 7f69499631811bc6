"""The report of a run: one HTML file that shows what came in, what was made, what is missing and what was learned."""

import os
from pathlib import Path

from firered.catalog import Catalog
from firered.report.contents import gather
from firered.report.page import render


def write(
    catalog: Catalog,
    path: Path,
    *,
    title: str | None = None,
    run_id: int | None = None,
    pairs: int = 400,
    min_pairs: int | None = None,
) -> Path:
    """Write the report of a run (the latest where none is named) as one self-contained file; returns its path.

    The balance is that run's, all else is the catalog as it stands. At most `pairs` pairs are shown, chosen
    evenly over tasks, strategies and verdicts. Title and target of a task are the recipe's where None.
    """
    text = render(gather(catalog, title=title, run_id=run_id or 0, pairs=pairs, min_pairs=min_pairs))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    return temporary.replace(path)


def default_path(catalog: Catalog) -> Path:
    """Where the report of the latest run belongs: named like its recipe, in the catalog's folder."""
    latest = catalog.query("run_facts").to_pylist()
    name = Path(latest[0]["recipe"]).name if latest else "report"
    return catalog.root / "reports" / f"{name}.html"
