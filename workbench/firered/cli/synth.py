"""`firered synth`."""

from pathlib import Path

import click

from firered.cli import Context, computing, recipe_names, show

DEFAULT = "data/all-tasks"


@click.group("synth")
def command() -> None:
    """Make pairs: experts by instruction, experts by structure, templates, inversion, splitting (Sec. 2.3).

    \b
    Example:
      firered synth plan
      firered synth run data/all-tasks ~/Pictures
      firered synth experts
    """


@command.command("plan")
@click.argument("recipe", default=DEFAULT, shell_complete=recipe_names)
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.pass_obj
def plan(context: Context, recipe: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Count the pairs that a recipe would make of the catalog's photographs; makes none, asks no network.

    Seconds are those measured in this catalog, else those of the expert's card. What must be installed first is
    named; the rest would be made all the same.
    """
    import pyarrow as pa

    from firered.pipeline import production

    planned = production.plan(context.catalog, context.wait, recipe, overrides)
    rows = [{**vars(line), "total_seconds": line.total_seconds} for line in planned]
    names = ("task", "strategy", "maker", "pairs", "seconds", "total_seconds", "money", "install")
    show(pa.table({name: [row[name] for row in rows] for name in names}), as_json=as_json)
    found = production.unready(context.catalog, context.wait, recipe, overrides)
    for line in (*production.summary(planned), *found):
        click.echo(line, err=as_json)


@command.command("run")
@click.argument("recipe", default=DEFAULT, shell_complete=recipe_names)
@click.argument("photographs", nargs=-1)
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Replace a value of the recipe.")
@computing("threads")
@click.pass_obj
def run(
    context: Context,
    recipe: str,
    photographs: tuple[str, ...],
    overrides: tuple[str, ...],
    mapper: str,
    workers: int | None,
    retry: bool,
) -> None:
    """Run a recipe that makes pairs, then print how many were asked for, made and accepted.

    RECIPE is a file or the name of a shipped recipe [default: data/all-tasks]. PHOTOGRAPHS are folders of
    pictures, instead of those that the recipe names. Where the first name is a folder, the recipe is the default.
    """
    from firered.catalog import Catalog
    from firered.cli.progress import Bar
    from firered.pipeline import Options, execute

    if Path(recipe).is_dir():
        recipe, photographs = DEFAULT, (recipe, *photographs)
    options = Options(overrides, photographs, mapper, workers, retry)
    written = execute(
        recipe, context.catalog, context.wait, options, Bar(), lambda line: click.echo(line, err=True)
    )
    show(Catalog(context.catalog, wait=context.wait).query("production"))
    if written:
        click.echo(f"report: {Path(written).resolve()}")


@command.command("experts")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.pass_obj
def experts(context: Context, as_json: bool) -> None:
    """List the experts: what each can do, how well, at what cost, and whether it is installed.

    `accepted` is the share of its pairs that the checks of this catalog accept; where it has made none, the card's.
    """
    import pyarrow as pa

    from firered.pipeline import production

    show(pa.Table.from_pylist(production.experts(context.catalog, context.wait)), as_json=as_json)


@command.command("refine")
@click.argument("expert")
@click.option(
    "--run",
    "trained",
    required=True,
    metavar="RUN_FOLDER",
    type=click.Path(exists=True, path_type=Path),
    help="Folder of a finished training run, or of adapters (LoRA) for the pipeline behind the card.",
)
@click.option(
    "--primitive",
    "primitives",
    multiple=True,
    metavar="NAME",
    help="What it was refined on [default: all of the card].",
)
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Put the card into FOLDER/experts [default: with your own cards].",
)
def refine(expert: str, trained: Path, primitives: tuple[str, ...], out: Path | None) -> None:
    """Make an expert of a further trained one: its next revision, with an acceptance rate of its own.

    Its best pairs are frozen by the query pairs_of_expert, a recipe such as `refine` trains adapters on them, and
    this command writes the card by which plans and runs find the result.

    \b
    Example:
      firered train refine --manifest best
      firered synth refine retoucher --run catalog/runs/FOLDER
      firered synth experts
    """
    from firered.pipeline import production

    place, read = production.refine(expert, trained, out, primitives)
    click.echo(f"expert {place.stem}: {place}")
    if not read:
        click.echo(f"to use it: export FIRERED_EXPERTS={place.parent.resolve()}", err=True)


@command.command("templates")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
def templates(as_json: bool) -> None:
    """List what makes pairs without a model: filters, layouts, figures, pasted objects, masks."""
    import pyarrow as pa

    from firered.pipeline import production

    show(pa.Table.from_pylist(production.templates()), as_json=as_json)


@command.command("again")
@click.argument("pair_id", type=int)
@click.pass_obj
def again(context: Context, pair_id: int) -> None:
    """Make a pair once more from what is stored with it; exit 1 where a byte differs.

    Example: firered synth again 4611686018427387904
    """
    from firered.errors import RunError
    from firered.pipeline.again import again as made_again

    differing = made_again(context.catalog, context.wait, pair_id)
    if differing:
        raise RunError(f"pair {pair_id}: not the same again: {'; '.join(differing)}")
    click.echo(f"pair {pair_id}: the same bytes again")


@command.command("split")
@click.argument("image")
@click.argument("request", nargs=-1, required=True)
@click.option("--run", "do", is_flag=True, help="Do the steps too, each with its check.")
@click.option(
    "--vlm", default="", metavar="SPEC", help="Model that first puts a free request into known words."
)
@click.option("--vlm-set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of that model.")
@click.pass_obj
def split(
    context: Context, image: str, request: tuple[str, ...], do: bool, vlm: str, settings: tuple[str, ...]
) -> None:
    """Split a request for several changes of one photograph into ordered atomic steps, in English or Chinese.

    IMAGE is an id, the first digits of a sha256, or the name of a file.

    \b
    Example:
      firered synth split harbour.jpg "make it 30% brighter, then mirror it"
    """
    from firered.pipeline import production
    from firered.synthesis.making import Wish
    from firered.synthesis.splitting import said_of

    of_model = dict(each.partition("=")[::2] for each in settings)
    catalog, asked = production.split(context.catalog, context.wait, image, " ".join(request), vlm, of_model)
    for number, line in enumerate(said_of(Wish.model_validate_json(asked.wish)), 1):
        click.echo(f"{number}. {line}")
    if do:
        for row in production.do_split(catalog, asked, {}):
            what = f"step {row['step']}" if row["step"] else "the whole"
            click.echo(f"{what}: pair {row['pair_id']} ({row['task']}, {row['maker']})")
