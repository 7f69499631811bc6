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
    found = firered(tmp_path, "sql", "select pair_id from pair where maker = 'mirror' limit 1", "--json")
    filtered = str(json.loads(found.output.splitlines()[0])["pair_id"])
    assert "the same bytes again" in firered(tmp_path, "synth", "again", filtered).output
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


def test_an_expert_that_was_trained_further_is_listed_as_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    run = tmp_path / "run"
    run.mkdir()
    (run / "summary.json").write_text('{"recipe": {}}', encoding="utf-8")
    (run / "adapter.safetensors").write_bytes(b"")
    words = ("synth", "refine", "styles_named", "--run", str(run), "--primitive", "stylize_named")
    done = firered(tmp_path, *words)
    place = tmp_path / "home" / "experts" / "styles_named_r2.yaml"
    assert done.output == f"expert styles_named_r2: {place}\n"
    listed = firered(tmp_path, "synth", "experts", "--json").output
    rows = {row["expert"]: row for row in map(json.loads, listed.splitlines())}
    refined = rows["styles_named_r2"]
    assert (refined["version"], refined["primitive"]) == (2, "stylize_named")
    assert refined["editor"] == f"path:{run}"
    assert "styles_named" in rows


def test_a_refined_expert_is_put_where_it_is_told_and_how_to_use_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters = tmp_path / "run"
    adapters.mkdir()
    (adapters / "summary.json").write_text('{"recipe": {}}', encoding="utf-8")
    (adapters / "model.safetensors").write_bytes(b"")
    words = ("synth", "refine", "styles_named", "--run", str(adapters), "--out", str(tmp_path / "mine"))
    done = firered(tmp_path, *words)
    folder = tmp_path / "mine" / "experts"
    assert f"export FIRERED_EXPERTS={folder}" in done.output
    monkeypatch.setenv("FIRERED_EXPERTS", str(folder))
    assert "styles_named_r2" in firered(tmp_path, "synth", "experts", "--json").output
    assert "FIRERED_EXPERTS" not in firered(tmp_path, *words).output


def test_a_folder_that_nothing_was_trained_in_and_an_unknown_expert_are_refused(tmp_path: Path) -> None:
    done = firered(tmp_path, "synth", "refine", "styles_named", "--run", str(tmp_path))
    assert done.exit_code != 0 and "adapters" in str(done.exception)
    done = firered(tmp_path, "synth", "refine", "nobody", "--run", str(tmp_path))
    assert done.exit_code != 0 and "no expert 'nobody' (one of: " in str(done.exception)


def test_a_recipe_that_plans_nothing_is_refused(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    done = firered(tmp_path, "synth", "plan", "data/screen")
    assert done.exit_code != 0 and "plans no pairs" in str(done.exception)


def test_a_contact_sheet_is_written_for_each_task(tmp_path: Path, recipe: Path) -> None:
    firered(tmp_path, "synth", "run", str(recipe), "--mapper", "here")
    done = firered(tmp_path, "report", "--sheets", str(tmp_path / "sheets"))
    assert [Path(line).name for line in done.output.splitlines()] == ["viewpoint.jpg"]
