"""Filter files: each is valid, deterministic, and says what its function takes."""

import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scene
from firered.errors import TemplateError
from firered.paths import shipped
from firered.templating.edits import Edit, asked, draw, inverted, reciprocal, values_of
from firered.templating.filters import Filter, Number, templates
from firered.templating.pixels import FUNCTIONS, apply
from firered.templating.truth import AGAIN, MEASURES

NAMES = sorted(path.stem for path in (shipped("templates") / "filters").glob("*.yaml"))
# Values that change nothing, for the functions that have such.
IDENTITIES = {
    "brightness": {"amount": 0},
    "exposure": {"stops": 0},
    "contrast": {"amount": 0},
    "saturation": {"amount": 0},
    "warmth": {"amount": 0},
    "vignette": {"amount": 0},
    "sharpen": {"amount": 0},
    "hue": {"degrees": 0},
    "tint": {"amount": 0, "color": [255, 0, 0]},
    "fade": {"amount": 0},
    "sepia": {"amount": 0},
    "channels": {"order": [0, 1, 2]},
    "motion_blur": {"length": 1, "upright": False},
    "noise": {"sigma": 0, "seed": 3},
    "low_resolution": {"factor": 1},
    "scratches": {"count": 0, "seed": 3},
    "posterize": {"levels": 256},
    "pixelate": {"block": 1},
    "zoom": {"factor": 1, "region": [0.5, 0.5]},
    "rotate": {"degrees": 0},
    "turn": {"degrees": 0},
}


def edit_of(made: Filter, seed: int) -> Edit:
    arguments = draw(made, Random(seed), templates(), ["en", "zh"], {})
    values = values_of(made, arguments, templates(), "")
    return Edit(
        filter=made.name,
        version=made.version,
        function=made.function,
        arguments=arguments,
        values=values,
        asked=asked(made, arguments),
        unit=made.measure.unit,
        quality=92,
    )


def test_every_file_is_read_and_six_tasks_are_covered() -> None:
    read = templates()
    assert sorted(read.filters) == NAMES
    assert {made.task for made in read.filters.values()} == {
        "adjust",
        "color",
        "lowlevel",
        "stylize",
        "viewpoint",
        "text",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_is_measured_and_drawn_alike_from_equal_seeds(name: str) -> None:
    made = templates().filters[name]
    assert made.measure.property in (*MEASURES, AGAIN)
    first, second = edit_of(made, 5), edit_of(made, 5)
    assert first == second
    pixels = scene(1, 96, 128)
    assert np.array_equal(
        apply(made.function, pixels, first.values), apply(made.function, pixels, second.values)
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_filter_leaves_its_input_alone(name: str) -> None:
    made = templates().filters[name]
    pixels = scene(2, 96, 128)
    pixels.setflags(write=False)
    target = apply(made.function, pixels, edit_of(made, 1).values)
    assert not np.may_share_memory(target, pixels)


@pytest.mark.parametrize("name", sorted(IDENTITIES))
def test_the_amount_that_means_nothing_changes_nothing(name: str) -> None:
    pixels = scene(3, 96, 128)
    away = np.abs(FUNCTIONS[name](pixels, **IDENTITIES[name]).astype(int) - pixels)
    assert away.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_an_inverse_of_an_inverse_asks_for_the_first_edit(name: str) -> None:
    made = templates().filters[name]
    if made.inverse is None:
        return
    edit = edit_of(made, 2)
    back = inverted(inverted(edit, made.inverse), made.inverse)
    assert back.values == edit.values
    for argument, value in edit.arguments.items():
        # Reciprocal percentages are rounded to whole ones on the way.
        rounded = made.inverse.rule == "reciprocal" and argument == made.inverse.argument
        assert back.arguments[argument] == (pytest.approx(value, abs=3) if rounded else value)


@given(st.integers(-70, 150))
def test_a_reciprocal_change_takes_a_change_back(percent: int) -> None:
    assert (1 + percent / 100) * (1 + reciprocal(percent) / 100) == pytest.approx(1, abs=0.013)


@pytest.mark.parametrize("name", NAMES)
def test_amounts_are_few_so_that_sentences_repeat(name: str) -> None:
    for parameter in templates().filters[name].parameters.values():
        if isinstance(parameter, Number):
            assert 2 <= len(parameter.values()) <= 12
            assert min(abs(value) for value in parameter.values()) >= parameter.least


def altered(tmp_path: Path, file: str, before: str, after: str) -> Path:
    folder = tmp_path / "templates"
    shutil.copytree(shipped("templates"), folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("task: adjust", "task: adjusst", r"filters/brightness\.yaml: task: "),
        ("sense: amount", "sense: amuont", r"filters/brightness\.yaml: sense: no parameter 'amuont'"),
        ("sense: amount", "sens: amount", r"filters/brightness\.yaml: sens: extra inputs"),
        ("function: brightness", "function: brihgtness", r"function: no pixel function 'brihgtness'"),
        ("unit: percent, low", "unit: percents, low", r"parameters\.amount\.unit: no unit 'percents'"),
        ("by {amount}", "by {amnt}", r"words\.en\.more: no slot 'amnt'"),
        ("by {amount}", "a lot", r"words\.en\.more: all clauses must name the same amounts"),
        ("rule: reciprocal", "rule: undo", r"words\.en\.undo: missing"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        templates(altered(tmp_path, "filters/brightness.yaml", before, after))


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"filters/blur\.yaml: not readable as YAML"):
        templates(altered(tmp_path, "filters/blur.yaml", "name: blur", "name: [blur"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = altered(tmp_path, "lexicon/colors.yaml", "red", "red")
    (folder / "lexicon" / "phrases.yaml").unlink()
    with pytest.raises(TemplateError, match=r"lexicon/phrases\.yaml: missing"):
        templates(folder)
