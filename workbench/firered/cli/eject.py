"""`firered eject`."""

from pathlib import Path

import click


@click.command("eject")
@click.argument("name")
@click.argument("out", type=click.Path(path_type=Path), required=False)
def command(name: str, out: Path | None) -> None:
    """Copy a shipped file out to edit it: recipes/..., templates/..., catalogs/... or trainers/...

    \b
    Example:
      firered eject recipes/data/tour.yaml mine.yaml
    """
    from firered.paths import eject

    click.echo(eject(name, out))
