"""`firered why`."""

import dataclasses
import json

import click

from firered.cli import Context


@click.command("why")
@click.argument("name", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an image or pair.")
@click.pass_obj
def command(context: Context, name: str, as_json: bool) -> None:
    """Print every measurement, every rule and the verdict for an image, pair or file.

    ID is that of an image, pair or file, the first digits of an image's sha256, or the path or name of a file.

    \b
    Example:
      firered why holiday-017.jpg
    """
    from firered.catalog import Catalog
    from firered.report import why

    for each in why.find(Catalog(context.catalog, wait=context.wait), name):
        if as_json:
            plain = {**dataclasses.asdict(each), "verdict": each.verdict}
            click.echo(json.dumps(plain, ensure_ascii=False, default=str))
        else:
            click.echo("\n".join(why.lines(each)))
