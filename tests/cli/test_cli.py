"""The command line as a person meets it: help, exit codes, one line for an error, nothing heavy on --help."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from firered.catalog import Catalog
from firered.cli import COMMANDS, group

HEAVY = (
    "torch",
    "duckdb",
    "lancedb",
    "lance",
    "pydantic",
    "numpy",
    "pyarrow",
    "polars",
    "cv2",
    "rich",
    "yaml",
)
DOCS = Path(__file__).parent.parent.parent / "docs" / "cli.md"


def commands(
    parent: click.Command = group, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    if not isinstance(parent, click.Group):
        return [(path, parent)]
    context = click.Context(parent)
    names = [(name, parent.get_command(context, name)) for name in parent.list_commands(context)]
    return [
        (path, parent),
        *[found for name, inner in names if inner for found in commands(inner, (*path, name))],
    ]


ALL = commands()


def firered(*words: str, cwd: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the real program."""
    command = [sys.executable, "-c", "from firered.cli import main; main()", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


def one_line(found: "subprocess.CompletedProcess[str]") -> str:
    """The one line of an error of the user's."""
    assert found.returncode == 1, found
    (line,) = found.stderr.strip().splitlines()
    assert line.startswith("firered: ")
    return line.removeprefix("firered: ")


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "firered" for path, _ in ALL])
def test_every_command_has_help_and_is_in_the_docs(path: tuple[str, ...], command: click.Command) -> None:
    result = CliRunner().invoke(group, [*path, "--help"])
    assert result.exit_code == 0
    assert command.help
    assert all(isinstance(option, click.Argument) or option.help for option in command.params), path
    assert f"\n## firered {' '.join(path)}".rstrip() + "\n" in DOCS.read_text(encoding="utf-8")


def test_the_list_of_commands_says_what_they_do() -> None:
    top = {path[0]: command for path, command in ALL if len(path) == 1}
    assert set(top) == set(COMMANDS)


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["completion", "bash"], ["run", "--help"], ["nonsense"]]
)
def test_light_commands_import_nothing_heavy(words: list[str]) -> None:
    script = f"""
import sys
from firered.cli import main
try: main()
except SystemExit: pass
print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""
    found = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    assert found.stderr.splitlines()[-1] == "[]"


def test_help_costs_little() -> None:
    script = (
        "import resource; u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime)"
    )
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'from firered.cli import main; main()', '--help'], stdout=subprocess.DEVNULL); "
    found = subprocess.run(
        [sys.executable, "-c", program + script], capture_output=True, text=True, check=True
    )
    assert float(found.stdout) <= 0.6  # CPU-seconds; 0.1 measured, and twice the aim for a slow machine


def test_version() -> None:
    assert re.fullmatch(r"firered, version \d+\.\d+\.\d+\n", CliRunner().invoke(group, ["--version"]).output)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_program(shell: str) -> None:
    assert "_FIRERED_COMPLETE" in CliRunner().invoke(group, ["completion", shell]).output


def test_recipes_are_completed() -> None:
    found = firered(_FIRERED_COMPLETE="bash_complete", COMP_WORDS="firered run data/", COMP_CWORD="2")
    assert "plain,data/tour" in found.stdout.split()


# --- the user's errors ------------------------------------------------------------------------------


def test_no_catalog(tmp_path: Path) -> None:
    assert (
        one_line(firered("catalog", "status", cwd=tmp_path))
        == "no catalog at 'catalog' (run: firered --catalog catalog catalog init)"
    )


def test_a_recipe_with_a_typo(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: r\nsteps:\n  - operators: [photometri]\n")
    line = one_line(firered("run", "r.yaml", cwd=tmp_path))
    assert line.startswith("r.yaml:3:17: no operator 'photometri' (one of: ")
    assert not (tmp_path / "catalog").exists()


def test_no_such_recipe(tmp_path: Path) -> None:
    assert one_line(firered("run", "nosuch", cwd=tmp_path)).startswith(
        "no recipe 'nosuch' (give a file, or one of: ct, data/all-tasks, data/screen, data/tour"
    )


def test_a_folder_without_photographs(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no picture in it (looked for: " in one_line(firered("run", "data/tour", "empty", cwd=tmp_path))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "no such folder" in one_line(firered("run", "data/tour", "nowhere", cwd=tmp_path))


def test_a_catalog_in_a_place_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = one_line(firered("--catalog", "file", "catalog", "init", cwd=tmp_path))
    assert "(choose another folder with --catalog)" in line


def test_sql_that_is_wrong_or_writes(catalog: Catalog) -> None:
    root = str(catalog.root)
    assert "imge" in firered("--catalog", root, "sql", "select * from imge").stderr
    for text in ("delete from image", "", "select 1; select 2", "copy image to 'x.csv'"):
        assert (
            one_line(firered("--catalog", root, "sql", text))
            == "sql: one SELECT is wanted (and nothing else)"
        )
    assert "catalog Error" not in one_line(firered("--catalog", root, "sql", "selec 1"))
    assert firered("--catalog", root, "sql", "select 1 as a, 2 as a").stdout.startswith("a  a_2")


@pytest.mark.slow
def test_a_full_disk_is_one_line(tmp_path: Path, photographs: Path) -> None:
    if not (os.geteuid() == 0 and Path("/bin/mount").exists()):
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        found = firered("--catalog", str(disk / "catalog"), "catalog", "init")
        left = os.statvfs(disk)
        (disk / "filler").write_bytes(b"x" * (left.f_bavail * left.f_frsize - 100_000))
        found = firered(
            "--catalog", str(disk / "catalog"), "catalog", "add", str(photographs), "--mapper", "here"
        )
        assert found.returncode == 1
        assert "free some" in one_line_of(found.stderr)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def one_line_of(errors: str) -> str:
    """The last line; what was told before it is progress."""
    assert "Traceback" not in errors
    return errors.strip().splitlines()[-1]


def test_wrong_usage_exits_with_2() -> None:
    assert firered("catalog", "query", "gaps", "--with", "nonsense").returncode == 2
    assert firered("run").returncode == 2


# --- commands that look -----------------------------------------------------------------------------


def test_tables_are_text_or_json(catalog: Catalog) -> None:
    words = ["--catalog", str(catalog.root), "sql", "select 1 as one, 'a' as letter, [1, 2] as list"]
    text = CliRunner().invoke(group, words).output
    assert text == "one  letter  list\n---  ------  ------\n  1  a       [1, 2]\n(1 rows)\n"
    assert json.loads(CliRunner().invoke(group, [*words, "--json"]).output) == {
        "one": 1,
        "letter": "a",
        "list": [1, 2],
    }


def test_queries_are_listed_with_their_parameters(catalog: Catalog) -> None:
    output = CliRunner().invoke(group, ["--catalog", str(catalog.root), "catalog", "query"]).output
    assert re.search(r"^gaps +min_pairs=100 +Tasks with fewer", output, re.MULTILINE)


def test_gaps_counts_tasks_without_any_pair(catalog: Catalog) -> None:
    output = CliRunner().invoke(group, ["--catalog", str(catalog.root), "gaps", "--min-pairs", "5"]).output
    assert output.endswith("(15 rows)\n")


def test_audit_exits_with_1_where_something_is_wrong(catalog: Catalog) -> None:
    words = ["--catalog", str(catalog.root), "catalog", "audit"]
    assert CliRunner().invoke(group, words).exit_code == 0
    with catalog.database.transaction() as connection:
        connection.execute(
            "insert into ledger values (1, 1, null, false, now()::timestamp), (1, 1, null, false, now()::timestamp)"
        )
    result = CliRunner().invoke(group, words)
    assert result.exit_code == 1
    assert re.search(r"settled_twice +1", result.output)


def test_eject_copies_a_shipped_file_and_never_over_another(tmp_path: Path) -> None:
    assert firered("eject", "recipes/data/tour.yaml", "mine.yaml", cwd=tmp_path).returncode == 0
    assert firered("recipe", "check", "mine.yaml", cwd=tmp_path).stdout == "mine.yaml: good\n"
    assert "is there already" in one_line(
        firered("eject", "recipes/data/tour.yaml", "mine.yaml", cwd=tmp_path)
    )
    assert "no shipped file" in one_line(firered("eject", "recipes/../pyproject.toml", cwd=tmp_path))


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = one_line(firered("eject", "recipes/data/tour.yaml", "file/x.yaml", cwd=tmp_path))
    assert line.endswith("(check the path and its permissions)")


def test_recipe_show_gives_a_recipe_that_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "shown.yaml").write_text(firered("recipe", "show", "tiny/flow").stdout)
    again = firered("recipe", "show", "shown.yaml", cwd=tmp_path)
    assert again.stdout == (tmp_path / "shown.yaml").read_text()


def test_the_schema_is_json() -> None:
    assert json.loads(CliRunner().invoke(group, ["recipe", "schema", "data"]).output)["title"] == "DataRecipe"
