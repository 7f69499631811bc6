"""`firered train`."""

import click

from firered.cli import Context, recipe_names


@click.command("train")
@click.argument("recipe", shell_complete=recipe_names)
@click.option("--manifest", "name", required=True, help="Name of a frozen manifest, or its folder.")
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe.")
@click.pass_obj
def command(context: Context, recipe: str, name: str, overrides: tuple[str, ...]) -> None:
    """Train from a recipe on a frozen manifest; a run that was stopped goes on where it was.

    \b
    Example:
      firered train tiny/flow --manifest tour --set steps=100
    """
    from firered.catalog import Catalog
    from firered.pipeline.training import find_manifest, train
    from firered.recipe.loading import find

    catalog = Catalog(context.catalog, wait=context.wait)
    told, news = train(catalog, find(recipe), find_manifest(catalog, name), overrides)
    click.echo(told if news else f"{told} (as before)")
