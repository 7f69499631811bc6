"""`firered recipe`."""

import click

from firered.cli import recipe_names


@click.group("recipe")
def command() -> None:
    """Check and show recipes; a recipe is a file, or the name of a shipped one."""


SET = click.option(
    "--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe."
)


@command.command("list")
def names() -> None:
    """List the shipped recipes."""
    from firered.paths import shipped

    for path in sorted(shipped("recipes").rglob("*.yaml")):
        click.echo(path.relative_to(shipped("recipes")).with_suffix(""))


@command.command("check")
@click.argument("recipes", nargs=-1, required=True, shell_complete=recipe_names)
@SET
def check(recipes: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check recipes without running them: every problem with file, line and column."""
    from firered.pipeline.recipes import read_recipe

    for recipe in recipes:
        read_recipe(recipe, overrides)
        click.echo(f"{recipe}: good")


@command.command("show")
@click.argument("recipe", shell_complete=recipe_names)
@SET
def show_recipe(recipe: str, overrides: tuple[str, ...]) -> None:
    """Print a recipe with everything it inherits and every default filled in."""
    from firered.pipeline.recipes import as_yaml, read_recipe

    click.echo(as_yaml(read_recipe(recipe, overrides)), nl=False)


@command.command("schema")
@click.argument("kind", type=click.Choice(["data", "train"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of recipe, for editors."""
    import json

    from firered.pipeline.recipes import KINDS

    click.echo(json.dumps(KINDS[kind].model_json_schema(), indent=2, ensure_ascii=False))
