"""Cards of refined experts: a new name, a new revision, the same manners."""

from pathlib import Path

import pytest

from firered.errors import TemplateError
from firered.synthesis.experts import Card, cards
from firered.synthesis.primitives import primitives
from firered.synthesis.refine import card_of_refined, next_name, write_card

TWO = sorted(primitives())[:2]


def card(**changes) -> Card:
    plain = {
        "name": "retoucher",
        "editor": "path:/models/qwen",
        "settings": {"steps": 8},
        "primitives": dict.fromkeys(TWO, 0.5),
        "money": 0.1,
        "licence": "Apache-2.0",
        "prompt": {"language": "zh"},
    }
    return Card.model_validate({**plain, **changes})


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    (tmp_path / "lora").mkdir()
    (tmp_path / "lora" / "adapter.safetensors").write_bytes(b"")
    return tmp_path / "lora"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "summary.json").write_text('{"recipe": {}}')
    (folder / "adapter.safetensors").write_bytes(b"")
    return folder


def test_names_count_the_revisions():
    assert next_name(card()) == "retoucher_r2"
    assert next_name(card(name="retoucher_r2", version=2)) == "retoucher_r3"


def test_a_run_becomes_the_editor(run):
    made = card_of_refined(card(), run)
    assert (made.editor, made.version, made.name) == (f"path:{run}", 2, "retoucher_r2")
    assert made.prompt == card().prompt
    assert "steps" not in made.settings


def test_adapters_are_laid_over_those_that_are_there(adapters):
    first = card_of_refined(card(), adapters)
    second = card_of_refined(first, adapters / "adapter.safetensors")
    assert second.editor == card().editor
    assert second.settings["steps"] == 8
    assert [each["spec"] for each in second.settings["lora"]] == [
        f"path:{adapters}",
        f"path:{adapters}/adapter.safetensors",
    ]


def test_a_refined_expert_does_only_what_it_was_refined_on(run):
    assert list(card_of_refined(card(), run, TWO[:1]).primitives) == TWO[:1]
    with pytest.raises(TemplateError, match="has no primitive 'fly'"):
        card_of_refined(card(), run, ["fly"])


def test_a_card_is_read_back_as_it_was_written(run, tmp_path):
    made = card_of_refined(card(), run)
    place = write_card(made, tmp_path)
    assert place == tmp_path / "experts" / "retoucher_r2.yaml"
    assert cards(tmp_path)["retoucher_r2"] == made
    assert write_card(made, tmp_path) == place
    with pytest.raises(TemplateError, match="is there already"):
        write_card(made.model_copy(update={"money": 9.0}), tmp_path)


def test_what_is_neither_run_nor_adapters_is_refused(adapters, tmp_path):
    with pytest.raises(TemplateError, match="no finished run and no adapters"):
        card_of_refined(card(), tmp_path)
    with pytest.raises(TemplateError, match="takes no adapters"):
        card_of_refined(card(editor="http://localhost/v1"), adapters)
