"""The command line: a lazy group, so that `firered --help` imports no more than click.

Exit codes: 0 done, 1 an error of the user's (one line says what to do), 2 wrong usage, 130 Ctrl-C.
"""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from firered import __version__
from firered.errors import DISK_FULL, FireRedError, is_disk_full

# name -> what it does; the module is firered.cli.<name> and its command is called `command`
COMMANDS = {
    "run": "Run a recipe: photographs in, pairs, captions, scores, manifest, model and report out.",
    "screen": "Screen photographs: measure once, decide in SQL, say what became of every file.",
    "synth": "Make pairs: plan, run, list experts and templates, make one again.",
    "why": "Print every measurement, every rule and the verdict for an image or a pair.",
    "catalog": "Look after a catalog: init, add, status, query, audit, snapshot.",
    "sql": "Run one SELECT over a catalog.",
    "gaps": "List tasks with too few kept pairs.",
    "recipe": "Check and show recipes.",
    "train": "Train from a recipe on a frozen manifest.",
    "report": "Write the HTML report of a catalog.",
    "models": "List, install and verify models and photographs.",
    "demo": "Plant known defects in photographs, and score a screening against them.",
    "doctor": "Say what is installed, what is missing, and the command that fixes it.",
    "eject": "Copy a shipped recipe, template, query or trainer out to edit it.",
    "completion": "Print the script that completes commands in your shell.",
}


@dataclass(frozen=True)
class Context:
    """Options that all commands share."""

    catalog: Path
    wait: float


class Lazy(click.Group):
    """Imports a command's module when the command is used, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"firered.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--catalog",
    type=click.Path(path_type=Path),
    default=Path("catalog"),
    envvar="FIRERED_CATALOG",
    show_default=True,
    show_envvar=True,
    help="Folder of the catalog.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds to wait for another process that writes.",
)
@click.version_option(__version__, prog_name="firered")
@click.pass_context
def group(ctx: click.Context, catalog: Path, wait: float) -> None:
    """FireRed workbench: a data engine for instruction-based image editing."""
    ctx.obj = Context(catalog, wait)


Command = Callable[..., None]


def computing(mapper: str) -> Callable[[Command], Command]:
    """Add the options of a command that computes: where (by default as named), how many workers, failed rows again."""
    return partial(_with_options, mapper)


def _with_options(mapper: str, command: Command) -> Command:
    options = (
        click.option(
            "--mapper",
            type=click.Choice(["here", "threads", "processes", "ray"]),
            default=mapper,
            show_default=True,
            help="Where to compute.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            help="Threads, processes or actors  [default: the cores there are]",
        ),
        click.option("--retry", is_flag=True, help="Try rows again that failed before."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def recipe_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the names of shipped recipes."""
    from firered.paths import shipped

    folder = shipped("recipes")
    names = (str(path.relative_to(folder).with_suffix("")) for path in sorted(folder.rglob("*.yaml")))
    return [name for name in names if name.startswith(incomplete)]


def main() -> None:
    """Entry point: errors of the user's become one line, everything else keeps its traceback."""
    try:
        sys.exit(group.main(prog_name="firered", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except FireRedError as error:
        fail(str(error), 1)
    except (KeyboardInterrupt, click.Abort):
        fail("stopped; what was finished is kept, run again to go on", 130)
    except BrokenPipeError:
        # The reader (head, less) went away; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(DISK_FULL if is_disk_full(error) else of_system(error), 1)


def of_system(error: OSError) -> str:
    """What the system said of a file; an error that names none is a bug and is raised again."""
    if error.filename is None:
        raise error
    return f"{error.filename}: {(error.strerror or str(error)).lower()} (check the path and its permissions)"


def fail(message: str, code: int) -> None:
    """Print one line (or a recipe's list of problems) to stderr and exit."""
    click.echo(f"firered: {message}" if "\n" not in message else message, err=True)
    sys.exit(code)


def show(table: Any, *, as_json: bool = False) -> None:
    """Print an Arrow table to stdout, as aligned text or as JSON lines."""
    from firered.cli.tables import as_lines, as_text

    click.echo(as_lines(table) if as_json else as_text(table), nl=False)
