"""Recipes: every problem is told with its place, and inheritance does what it says."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firered.errors import RecipeError
from firered.paths import shipped
from firered.pipeline.recipes import KINDS, read_recipe
from firered.recipe.data import DataRecipe, FilterStep, ManifestStep, OperatorsStep
from firered.recipe.loading import dotted, load, parse, read, with_overrides

GOOD = """
kind: data
name: small
steps:
  - operators: [photometry, {image_hash: {}}]
  - filter: small
    with: {side: 100}
"""


def written(folder: Path, **texts: str) -> Path:
    """Write recipes by name; returns the path of the last."""
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, *overrides: str) -> list[str]:
    """Lines of the error, without the folder."""
    with pytest.raises(RecipeError) as error:
        read_recipe(str(path), overrides)
    return str(error.value).replace(f"{path.parent}/", "").splitlines()


def test_a_good_recipe_is_typed_and_frozen(tmp_path: Path) -> None:
    recipe = load(written(tmp_path, good=GOOD), DataRecipe)
    first, second = recipe.steps
    assert isinstance(first, OperatorsStep)
    assert isinstance(second, FilterStep)
    assert [use.name for use in first.operators] == ["photometry", "image_hash"]
    assert second.with_ == {"side": 100}
    with pytest.raises(ValueError, match="frozen"):
        recipe.name = "other"  # type: ignore[misc]


def test_all_problems_are_told_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = GOOD.replace("name: small", "nam: small").replace("with:", "wth:")
    assert problems(written(tmp_path, bad=text)) == [
        "bad.yaml:2:1: name: field required",
        "bad.yaml:7:5: steps.1.wth: unknown key; did you mean 'with'?",
        "bad.yaml:3:1: nam: unknown key; did you mean 'name'?",
    ]


def test_what_the_schema_cannot_know_is_checked_too(tmp_path: Path) -> None:
    text = (
        GOOD.replace("photometry", "photometri")
        .replace("side", "sid")
        .replace("image_hash: {}", "image_hash: {bits: 64}")
    )
    found = problems(written(tmp_path, bad=text))
    assert found[0].startswith("bad.yaml:5:17: no operator 'photometri' (one of: ")
    assert found[1] == "bad.yaml:5:29: operator 'image_hash': no setting 'bits' (settings: it has none)"
    assert found[-1] == "bad.yaml:6:5: filter 'small': no parameter 'sid' (parameters: side, aspect)"


def test_an_unknown_step_lists_the_steps(tmp_path: Path) -> None:
    (line,) = problems(written(tmp_path, bad=GOOD.replace("filter: small", "filtre: small")))
    steps = "operators, neighbours, clusters, filter, query, manifest, train, report"
    assert line == f"bad.yaml:6:5: steps.1: a step is one of: {steps}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [", "bad.yaml:2:5: not YAML"),
        ("- 1\n", "bad.yaml:1:1: a recipe is a mapping"),
        ("name: a\nname: b\n", "bad.yaml:2:1: name: is given twice"),
        ("extends: bad\n", "'extends' goes round in a circle"),
        ("extends: nowhere\n", "no recipe 'nowhere'"),
        ("a: &x [1]\nb: *x\n", "bad.yaml:2:4: *x: recipes have no aliases"),
        ("a: " + "[" * 3000, "nested too deeply"),
        ("a: !!python/object:os.system {}\n", "is not a plain value"),
        ("? {a: 1}\n: 2\n", "a key is a word"),
        ("kind: datta\n", "bad.yaml:1:1: kind: one of data, train (got 'datta')"),
    ],
)
def test_a_file_that_is_no_recipe_says_why(tmp_path: Path, text: str, said: str) -> None:
    (line,) = problems(written(tmp_path, bad=text))
    assert said in line


def test_two_steps_in_one_and_a_manifest_that_nothing_freezes_are_told(tmp_path: Path) -> None:
    both = GOOD.replace("  - filter: small", "  - filter: small\n    query: gaps")
    (line,) = problems(written(tmp_path, bad=both))
    assert (
        line == "bad.yaml:7:5: steps.1.query: unknown key (keys: filter, with)" or "does not go with" in line
    )
    train = GOOD + "  - train: tiny/flow\n    manifest: none\n"
    assert problems(written(tmp_path, bad=train)) == ["bad.yaml:9:5: no earlier step freezes manifest 'none'"]
    assert problems(written(tmp_path, good=GOOD), "steps.0.operators=[")[0].endswith(
        "the value is not YAML (quote it)"
    )


def test_mappings_merge_and_everything_else_replaces(tmp_path: Path) -> None:
    path = written(tmp_path, base="a: {x: 1, y: 2}\nb: [1, 2]\n", child="extends: base\na: {y: 3}\nb: [4]\n")
    found = read(path)
    assert found.data == {"a": {"x": 1, "y": 3}, "b": [4]}
    assert found.places["a", "x"].endswith("base.yaml:1:5")
    assert found.places["a", "y"].endswith("child.yaml:2:5")


def test_an_override_reaches_into_lists_and_is_named_in_errors(tmp_path: Path) -> None:
    path = written(tmp_path, good=GOOD)
    recipe = load(path, DataRecipe, ["steps.1.with.side=7", "name=other"])
    assert recipe.name == "other"
    assert recipe.steps[1].with_ == {"side": 7}  # type: ignore[union-attr]
    assert problems(path, "steps.9.filter=x") == ["--set 'steps.9.filter=x': no item 9 in a list of 2"]
    assert problems(path, "name=a b")[0].startswith("--set #1 (name=a b): name: string should match pattern")


KEYS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4)


@given(KEYS, st.one_of(st.integers(), st.booleans(), st.lists(st.integers(), max_size=3)))
def test_an_override_sets_exactly_its_key(key: list[str], value: object) -> None:
    found = with_overrides(
        parse("z: 1\n", "r"),
        [f"{dotted(tuple(key))}={yaml.safe_dump(value, default_flow_style=True).partition(chr(10))[0]}"],
    )
    here = found.data
    for part in key:
        here = here[part]
    assert here == value
    assert found.data["z"] == 1


@pytest.mark.parametrize("path", sorted(shipped("recipes").rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_good(path: Path) -> None:
    assert read_recipe(str(path), []).model_config["frozen"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_for_editors_describes_every_key(kind: str) -> None:
    schema = KINDS[kind].model_json_schema()
    assert schema["additionalProperties"] is False
    bare = [
        name for name, field in schema["properties"].items() if "description" not in field and name != "kind"
    ]
    assert not bare


def test_a_manifest_step_is_not_taken_for_a_query(tmp_path: Path) -> None:
    path = written(tmp_path, good=GOOD + "  - manifest: m\n    query: pairs_for_training\n")
    assert isinstance(load(path, DataRecipe).steps[-1], ManifestStep)
