"""The operator that CONTRIBUTING.md adds really works, followed to the letter in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# the words that stand just before each block of code, and the file that the block is for
PLACES = {
    "The class is the table": "workbench/firered/rows/measurements.py",
    "put it into the lists": "workbench/firered/rows/__init__.py",
    "0003_clipping.sql": "catalogs/schema/0003_clipping.sql",
    "operators/screen/clipping.py": "workbench/firered/operators/screen/clipping.py",
    "filters/image/clipped.sql": "catalogs/filters/image/clipped.sql",
    "queries/filters/clipped.yaml": "tests/queries/filters/clipped.yaml",
}


def blocks() -> dict[str, str]:
    """Code by the file it is for."""
    text = (
        (ROOT / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .partition("## Add an operator")[2]
        .partition("\n## ")[0]
    )
    parts = re.split(r"```\w+\n(.*?)```", text, flags=re.DOTALL)
    said = list(zip(parts[0::2], parts[1::2], strict=False))
    found = {place: code for words, place in PLACES.items() for before, code in said if words in before}
    assert set(found) == set(PLACES.values())
    return found


@pytest.mark.slow
def test_the_operator_in_the_guide_works(tmp_path: Path, photographs: Path) -> None:
    copy = tmp_path / "copy"
    for folder in ("workbench", "catalogs", "recipes", "templates", "trainers", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for place, code in blocks().items():
        with (copy / place).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{code}" if "/rows/" in place else code)
    (copy / "mine.yaml").write_text(
        "name: mine\nsteps:\n  - operators: [photometry, {clipping: {margin: 4}}]\n  - filter: clipped\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(copy / "workbench")}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *words],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    program = ["-c", "from firered.cli import main; main()"]
    done = run(*program, "run", "mine.yaml", str(photographs), "--mapper", "here")
    assert "clipping: 6 rows = 6 done + 0 failed" in done.stderr, done.stderr
    assert re.search(r"clipped: \d+ rejected", done.stderr)
    tests = run(
        "-m", "pytest", "-q", "tests/queries", "-k", "clipped or every_statement", "tests/unit/test_rows.py"
    )
    assert tests.returncode == 0, tests.stdout
