"""`firered gaps`."""

import click

from firered.cli import Context, show


@click.command("gaps")
@click.option(
    "--min-pairs", type=click.IntRange(0), default=100, show_default=True, help="Pairs a task should have."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.pass_obj
def command(context: Context, min_pairs: int, as_json: bool) -> None:
    """List tasks with too few kept pairs, the emptiest first."""
    from firered.catalog import Catalog

    show(Catalog(context.catalog, wait=context.wait).query("gaps", min_pairs=min_pairs), as_json=as_json)
