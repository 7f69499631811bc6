"""`firered demo`: a set with known defects, and what screening found of them."""

from pathlib import Path

import click

from firered.cli import Context


@click.group("demo")
def command() -> None:
    """Plant known defects into photographs, and score what screening finds of them."""


@command.command("plant")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--photographs",
    multiple=True,
    default=("embedded:photos",),
    show_default=True,
    metavar="SOURCE",
    help="Folders, or photographs inside packages; may be given several times.",
)
@click.option("--seed", default=1, show_default=True, help="All lots are drawn from it.")
@click.option(
    "--half",
    type=click.Choice(["even", "odd", "all"]),
    default="all",
    show_default=True,
    help="Photographs whose sha256 begins so: one half to tune on, the other to check on.",
)
@click.option("--each", type=click.IntRange(1), default=22, show_default=True, help="Plants of each defect.")
@click.option("--clean", type=click.IntRange(0), default=120, show_default=True, help="Controls, at most.")
def plant_command(
    out: Path, photographs: tuple[str, ...], seed: int, half: str, each: int, clean: int
) -> None:
    """Make a set with known defects in OUT, with OUT/truth.csv; equal photographs and seeds give equal bytes.

    \b
    Example:
      firered demo plant planted --each 5
      firered --catalog planted-catalog run data/screen planted
      firered --catalog planted-catalog demo score planted
    """
    from firered.planting.plant import make

    lines = make(
        out,
        photographs,
        seed=seed,
        half=half,
        each=each,
        clean=clean,
        tell=lambda line: click.echo(line, err=True),
    )
    click.echo(f"{len(lines)} files in {out}, what they are in {out / 'truth.csv'}")


@command.command("score")
@click.argument("truth", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.option("--missed", is_flag=True, help="List the files that were missed or wrongly rejected instead.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Write the tables into this file, between its markers.",
)
@click.pass_obj
def score_command(context: Context, truth: Path, as_json: bool, missed: bool, markdown: Path | None) -> None:
    """Compare what screening rejected with what was planted; TRUTH is a set's folder or its truth.csv."""
    from firered.catalog import Catalog
    from firered.cli import show
    from firered.planting import markdown as pages
    from firered.planting.score import scored

    found = scored(Catalog(context.catalog, wait=context.wait), truth)
    if markdown:
        pages.write(markdown, {"this set": found})
    for table in [found.mistakes()] if missed else found.tables():
        show(table, as_json=as_json)
