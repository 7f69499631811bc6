"""`firered models`: what can be installed, what is, and whether it is whole."""

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from firered.models.registry import Entry


@click.group("models")
def command() -> None:
    """List, install and verify models and photographs."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def list_models(as_json: bool) -> None:
    """List all models and sets of photographs, and which are installed.

    Example: firered models list
    """
    from firered.models import registry

    for line in _json_lines(registry.entries()) if as_json else _lines(registry.entries()):
        click.echo(line)


@command.command("install")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def install_models(names: tuple[str, ...]) -> None:
    """Download, check and unpack models that are not there yet: names of the list, of a set, or hf:ID@COMMIT.

    Sets: fonts, production (what data/all-tasks uses), maxim (restoration, 400 MB).

    Example: firered models install gcompris opencv-doc fonts
    """
    from firered.models import registry
    from firered.models.install import install_entry

    for entry in [entry for name in names for entry in registry.entries_of(name)]:
        if registry.state(entry) == "installed":
            click.echo(f"{entry.name}: is installed", err=True)
            continue
        click.echo(f"{entry.name}: downloading about {entry.megabytes:g} MB", err=True)
        click.echo(install_entry(entry))


@command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.pass_context
def verify_models(context: click.Context, names: tuple[str, ...]) -> None:
    """Hash every file of the named models, or of all that are installed; exit 1 where one was altered.

    Example: firered models verify gcompris
    """
    from firered.models import registry

    chosen = [registry.entry(name) for name in names]
    chosen = chosen or [entry for entry in registry.entries() if registry.state(entry) != "missing"]
    broken = {entry.name: registry.verify(entry) for entry in chosen}
    for entry in chosen:
        click.echo(f"{entry.name}: {_verdict(entry, broken[entry.name])}")
    context.exit(1 if any(broken.values()) else 0)


def _verdict(entry: "Entry", broken: list[str]) -> str:
    if not broken:
        return "whole"
    return f"altered or missing: {', '.join(broken[:5])} ({len(broken)} in all; {entry.command})"


def _lines(entries: "tuple[Entry, ...]") -> list[str]:
    from firered.models import registry

    rows = [("name", "role", "state", "MB", "licence")]
    for entry in entries:
        rows.append((entry.name, entry.role, registry.state(entry), f"{entry.megabytes:g}", entry.licence))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*map(str.ljust, row[:4], widths), row[4]]) for row in rows]


def _json_lines(entries: "tuple[Entry, ...]") -> list[str]:
    return [json.dumps(_told(entry), ensure_ascii=False) for entry in entries]


def _told(entry: "Entry") -> dict[str, object]:
    from firered.models import registry

    inner = {"files", "select", "reject", "strip", "source_root", "min_side"}
    return {**entry.model_dump(exclude=inner), "state": registry.state(entry), "command": entry.command}
