"""`firered run`."""

from pathlib import Path

import click

from firered.cli import Context, computing, recipe_names


@click.command("run")
@click.argument("recipe", shell_complete=recipe_names)
@click.argument("photographs", nargs=-1)
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe.")
@computing("processes")
@click.pass_obj
def command(
    context: Context,
    recipe: str,
    photographs: tuple[str, ...],
    overrides: tuple[str, ...],
    mapper: str,
    workers: int | None,
    retry: bool,
) -> None:
    """Run a data recipe over a catalog; run it again and it does only what is new.

    RECIPE is a file or the name of a shipped recipe. PHOTOGRAPHS are folders of pictures, instead of
    those that the recipe names.

    \b
    Example:
      firered run data/tour
      firered --catalog holiday run data/tour ~/Pictures --workers 4
    """
    from firered.cli.progress import Bar
    from firered.pipeline import Options, execute

    options = Options(overrides, photographs, mapper, workers, retry)
    written = execute(
        recipe, context.catalog, context.wait, options, Bar(), lambda line: click.echo(line, err=True)
    )
    if written:
        click.echo(f"report: {Path(written).resolve()}")
