"""`firered doctor`: what works here, what is missing, and the command that brings it."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from firered.cli.checks import Finding


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Check Python, packages, models, devices, disk and the catalog; exit 1 where something required fails.

    Example: firered --catalog my-catalog doctor
    """
    from firered.cli import checks

    findings = list(checks.all_findings(context.obj.catalog))
    click.echo(_lines(findings) if as_json else _table(findings))
    context.exit(1 if checks.failed(findings) else 0)


def _lines(findings: "list[Finding]") -> str:
    return "\n".join(json.dumps(dataclasses.asdict(finding), ensure_ascii=False) for finding in findings)


def _table(findings: "list[Finding]") -> str:
    rows = [(each.part, each.name, each.state, _told(each)) for each in findings]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows)


def _told(finding: "Finding") -> str:
    return f"{finding.detail} ({finding.remedy})" if finding.remedy else finding.detail
