"""`firered completion`."""

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands in your shell.

    \b
    Example:
      firered completion bash >> ~/.bashrc
    """
    from firered.cli import group

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(group, {}, "firered", "_FIRERED_COMPLETE").source())
