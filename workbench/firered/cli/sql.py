"""`firered sql`."""

import click

from firered.cli import Context, show


@click.command("sql")
@click.argument("statement")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.pass_obj
def command(context: Context, statement: str, as_json: bool) -> None:
    """Run one SELECT over a catalog; `-` reads it from stdin. The catalog cannot be changed this way.

    \b
    Example:
      firered sql "select task, count(*) as pairs from kept_pair group by task order by pairs"
    """
    from firered.catalog import Catalog

    text = click.open_file("-").read() if statement == "-" else statement
    show(Catalog(context.catalog, wait=context.wait).select(text), as_json=as_json)
