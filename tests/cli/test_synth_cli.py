"""`firered synth`: plan before, run, list, split, and a pair made again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firered.cli import group

RECIPE = """
name: small
photographs: [{photographs}]
steps:
  - operators: [photometry]
  - operators:
      - plan: {{makers: [outpaint], per_image: 2}}
  - operators: [control]
  - operators: [template: {{per_image: 1, filters: [mirror]}}]
  - operators: [pixel_judge]
  - filter: not_followed
"""


@pytest.fixture
def recipe(tmp_path: Path, photographs: Path) -> Path:
    """A recipe that needs no model."""
    path = tmp_path / "small.yaml"
    path.write_text(RECIPE.format(photographs=photographs), encoding="utf-8")
    return path


def firered(tmp_path: Path, *words: str) -> Result:
    """Run a command on a catalog of the test's."""
    return CliRunner().invoke(group, ["--catalog", str(tmp_path / "made"), *words])


def test_a_plan_counts_what_a_run_then_makes(tmp_path: Path, recipe: Path) -> None:
    done = firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    assert done.exit_code == 0, done.output
    planned = firered(tmp_path, "synth", "plan", str(recipe), "--json")
    rows = [json.loads(line) for line in planned.output.splitlines() if line.startswith("{")]
    assert {(row["maker"], row["task"], row["pairs"]) for row in rows} == {
        ("outpaint", "viewpoint", 12),
        ("filters", "viewpoint", 6),
    }
    made = firered(tmp_path, "sql", "select count(*) as pairs from produced", "--json")
    assert json.loads(made.output.splitlines()[0]) == {"pairs": 12}
    assert all(row["install"] == "" for row in rows)


def test_a_pair_is_made_again_byte_for_byte(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    found = firered(tmp_path, "sql", "select min(pair_id) as pair_id from produced", "--json")
    pair_id = json.loads(found.output.splitlines()[0])["pair_id"]
    again = firered(tmp_path, "synth", "again", str(pair_id))
    assert again.exit_code == 0 and "the same bytes again" in again.output
    assert firered(tmp_path, "synth", "again", "5").exit_code != 0


def test_a_request_is_split_shown_and_done(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    said = "make it 30% brighter, then mirror it, swapping left and right"
    shown = firered(tmp_path, "synth", "split", "0.jpg", said)
    assert [line.split(":")[0] for line in shown.output.splitlines()] == ["1. adjust", "2. viewpoint"]
    done = firered(tmp_path, "synth", "split", "0.jpg", said, "--run")
    assert done.exit_code == 0, done.output
    assert "the whole: pair" in done.output and "step 2: pair" in done.output


def test_experts_and_templates_are_listed(tmp_path: Path) -> None:
    experts = firered(tmp_path, "synth", "experts", "--json")
    rows = [json.loads(line) for line in experts.output.splitlines()]
    assert {"maxim_deblurring", "styles_named"} <= {row["expert"] for row in rows}
    assert all(0 <= row["accepted"] <= 1 for row in rows)
    templates = firered(tmp_path, "synth", "templates", "--json")
    names = {json.loads(line)["template"] for line in templates.output.splitlines()}
    assert {"brightness", "outpaint"} <= names


def test_a_recipe_that_plans_nothing_is_refused(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    done = firered(tmp_path, "synth", "plan", "data/screen")
    assert done.exit_code != 0 and "plans no pairs" in str(done.exception)


def test_a_contact_sheet_is_written_for_each_task(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    done = firered(tmp_path, "report", "--sheets", str(tmp_path / "sheets"))
    assert [Path(line).name for line in done.output.splitlines()] == ["viewpoint.jpg"]
