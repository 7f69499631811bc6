"""Files stay under 400 lines and functions under 60."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FILES = [
    path
    for folder in ("workbench", "trainers", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
]


def test_files_have_at_most_400_lines() -> None:
    assert not [path for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 400]


def test_functions_have_at_most_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long
