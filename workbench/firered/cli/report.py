"""`firered report`."""

from pathlib import Path

import click

from firered.cli import Context


@click.command("report")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write  [default: reports/RECIPE.html in the catalog]",
)
@click.option("--title", help="Title of the page  [default: the recipe's]")
@click.option(
    "--pairs", default=400, show_default=True, type=click.IntRange(0), help="Pairs to show at most."
)
@click.option("--min-pairs", type=click.IntRange(1), help="Pairs a task should have  [default: the recipe's]")
@click.option(
    "--sheets",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for a contact sheet of each task, instead of the page.",
)
@click.pass_obj
def command(
    context: Context,
    out: Path | None,
    title: str | None,
    pairs: int,
    min_pairs: int | None,
    sheets: Path | None,
) -> None:
    """Write the HTML report of a catalog: one file that opens without a network.

    \b
    Example:
      firered --catalog holiday report --out holiday.html --pairs 1000
      firered --catalog holiday report --sheets sheets
    """
    from firered import report
    from firered.catalog import Catalog

    catalog = Catalog(context.catalog, wait=context.wait)
    if sheets:
        from firered.report.sheets import write

        for path in write(catalog, sheets):
            click.echo(path.resolve())
        return
    written = report.write(
        catalog, out or report.default_path(catalog), title=title, pairs=pairs, min_pairs=min_pairs
    )
    click.echo(written.resolve())
