"""`firered screen`."""

from pathlib import Path

import click

from firered.cli import Context, computing, recipe_names, show

DEFAULT = "data/screen"


class RunByDefault(click.Group):
    """A group whose command `run` needs no name: `firered screen RECIPE` is `firered screen run RECIPE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of what is no command of the group's."""
        if not args or args[0] not in (*self.commands, "--help", "-h"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group("screen", cls=RunByDefault)
def command() -> None:
    """Screen photographs: measure each once, decide in SQL, say why (Sec. 2.2).

    `firered screen RECIPE PHOTOGRAPHS` is short for `firered screen run RECIPE PHOTOGRAPHS`.

    \b
    Example:
      firered screen
      firered --catalog holiday screen ~/Pictures
      firered --catalog holiday screen report
    """


@command.command("run")
@click.argument("recipe", default=DEFAULT, shell_complete=recipe_names)
@click.argument("photographs", nargs=-1)
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe.")
@click.option("--strict", is_flag=True, help="Exit with code 1 where a file or a row failed.")
@computing("threads")
@click.pass_obj
def run(
    context: Context,
    recipe: str,
    photographs: tuple[str, ...],
    overrides: tuple[str, ...],
    strict: bool,
    mapper: str,
    workers: int | None,
    retry: bool,
) -> None:
    """Run a screening recipe on all cores, then say what became of every file.

    RECIPE is a file or the name of a shipped recipe [default: data/screen]. PHOTOGRAPHS are folders of
    pictures, instead of those that the recipe names. Where the first name is a folder, the recipe is data/screen.
    """
    from firered.cli.progress import Bar
    from firered.errors import RunError
    from firered.pipeline import Options, balance, execute

    if Path(recipe).is_dir():
        recipe, photographs = DEFAULT, (recipe, *photographs)
    options = Options(overrides, photographs, mapper, workers, retry)
    written = execute(
        recipe, context.catalog, context.wait, options, Bar(), lambda line: click.echo(line, err=True)
    )
    found = balance(context.catalog, context.wait)
    show(found.table)
    click.echo(found.line())
    if written:
        click.echo(f"report: {Path(written).resolve()}")
    if strict and found.failed:
        look = f"firered --catalog {context.catalog} catalog query failed_files"
        raise RunError(f"{found.failed} files failed (look at: {look})")


@command.command("report")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="HTML file to write  [default: reports/RECIPE.html in the catalog]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def report(context: Context, out: Path | None, as_json: bool) -> None:
    """Print what became of every file and how many rows each filter rejects; write the HTML report.

    The HTML report draws the distribution of every measurement with its cuts.
    """
    from firered import report as html
    from firered.catalog import Catalog
    from firered.pipeline import balance

    catalog = Catalog(context.catalog, wait=context.wait)
    show(balance(context.catalog, context.wait).table, as_json=as_json)
    show(catalog.query("reasons"), as_json=as_json)
    written = html.write(catalog, out or html.default_path(catalog))
    click.echo(f"report: {written.resolve()}", err=as_json)
