"""`firered catalog`."""

from pathlib import Path
from typing import Any

import click

from firered.cli import Context, computing, show


@click.group("catalog")
def command() -> None:
    """Look after a catalog: rows in DuckDB, vectors in Lance, bytes in a blob store."""


@command.command("init")
@click.pass_obj
def init(context: Context) -> None:
    """Make a catalog, or bring an older one up to date."""
    from firered.catalog import Catalog

    Catalog.init(context.catalog, wait=context.wait)
    click.echo(f"catalog: {context.catalog.resolve()}")


@command.command("add")
@click.argument("sources", nargs=-1, required=True)
@computing("processes")
@click.pass_obj
def add(context: Context, sources: tuple[str, ...], mapper: str, workers: int | None, retry: bool) -> None:
    """Take photographs in: folders, or embedded:photos for those inside installed packages.

    \b
    Example:
      firered catalog add ~/Pictures embedded:photos
    """
    from firered.cli.progress import Bar
    from firered.pipeline import Options, add_photographs

    options = Options((), sources, mapper, workers, retry)
    add_photographs(context.catalog, context.wait, options, Bar(), lambda line: click.echo(line, err=True))


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(context: Context, as_json: bool) -> None:
    """Count the rows of each table, and what is kept."""
    import pyarrow as pa

    from firered.catalog import Catalog

    counts = Catalog(context.catalog, wait=context.wait).status()
    show(pa.table({"table": list(counts), "rows": list(counts.values())}), as_json=as_json)


def parameters(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """Read `name=value` parameters; values are YAML."""
    import yaml

    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} should be name=value", ctx, option)
    return {name: yaml.safe_load(value) for name, _, value in pairs}


@command.command("query")
@click.argument("name", required=False)
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    callback=parameters,
    help="Parameter of the query.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.pass_obj
def query(context: Context, name: str | None, given: dict[str, Any], as_json: bool) -> None:
    """Run a named query; without a name, list them with their parameters.

    \b
    Example:
      firered catalog query gaps --with min_pairs=50
    """
    from firered.catalog import Catalog
    from firered.catalog.sql import listing

    show(
        Catalog(context.catalog, wait=context.wait).query(name, **given) if name else listing("queries"),
        as_json=as_json,
    )


@command.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an audit.")
@click.pass_obj
@click.pass_context
def audit(ctx: click.Context, context: Context, as_json: bool) -> None:
    """Look for rows that must not exist, and blobs that are missing; exit code 1 where there are any."""
    import pyarrow as pa

    from firered.catalog import Catalog

    found = Catalog(context.catalog, wait=context.wait).audit()
    counts = [rows.num_rows for rows in found.values()]
    example = [str(rows.slice(0, 1).to_pylist()[0]) if rows.num_rows else "" for rows in found.values()]
    show(pa.table({"audit": list(found), "rows": counts, "example": example}), as_json=as_json)
    ctx.exit(1 if any(counts) else 0)


@command.command("snapshot")
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def snapshot(context: Context, out: Path | None) -> None:
    """Write wide tables to a DuckDB file that any number of programs may read.

    OUT is snapshot.duckdb in the catalog where it is not given.
    """
    from firered.catalog import Catalog

    place = out or context.catalog / "snapshot.duckdb"
    Catalog(context.catalog, wait=context.wait).snapshot(place)
    click.echo(f"snapshot: {place.resolve()}")
