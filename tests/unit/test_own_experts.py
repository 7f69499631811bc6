"""Experts and makers that are not shipped: cards in folders of the user's, makers of installed packages."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from firered.errors import TemplateError
from firered.synthesis import experts, makers

CARD = {
    "editor": "http://localhost:1/v1",
    "settings": {"model": "mine"},
    "primitives": {"restore_denoise": 0.5},
    "licence": "none",
}
MODULE = """
class Mine:
    name, version, strategy, needs, revision = "mine", 1, "template", (), ""

    def offers(self, scene, random):
        return []


MAKER = Mine()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's data."""
    monkeypatch.setenv("FIRERED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FIRERED_EXPERTS", raising=False)
    return tmp_path / "home"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that brings the maker `mine`; another name can be written into its entry points."""
    about = tmp_path / "mine-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[firered.makers]\nmine = package_of_mine\n", encoding="utf-8")
    (tmp_path / "package_of_mine.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    makers.names.cache_clear()
    yield about
    makers.names.cache_clear()


def write(folder: Path, name: str, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{name}.yaml"
    place.write_text(yaml.safe_dump({"name": name, **CARD, **changes}), encoding="utf-8")
    return place


def test_cards_are_read_from_the_users_data_and_from_named_folders(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = set(experts.cards())
    write(home / "experts", "first")
    write(tmp_path / "a", "second")
    write(tmp_path / "b", "third")
    monkeypatch.setenv("FIRERED_EXPERTS", os.pathsep.join(str(tmp_path / name) for name in "ab"))
    assert set(experts.cards()) == shipped | {"first", "second", "third"}
    assert {"first", "second", "third"} <= set(makers.all_names())
    assert makers.load("third").strategy == "expert"


def test_a_folder_that_is_named_twice_is_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / "experts", "first")
    monkeypatch.setenv("FIRERED_EXPERTS", str(home / "experts"))
    assert "first" in experts.cards()


def test_a_named_folder_that_is_not_there_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRERED_EXPERTS", str(home / "nothing"))
    with pytest.raises(TemplateError, match=r"FIRERED_EXPERTS: no folder .*nothing"):
        experts.cards()


def test_a_name_that_is_there_twice_is_refused_with_both_files(home: Path) -> None:
    place = write(home / "experts", "cutout")
    with pytest.raises(
        TemplateError, match=f"{place}: expert 'cutout' is there already, in .*templates/experts"
    ):
        experts.cards()


def test_a_card_may_not_take_the_name_of_a_maker(home: Path) -> None:
    write(home / "experts", "outpaint")
    with pytest.raises(TemplateError, match="expert 'outpaint': is the name of the maker"):
        makers.all_names()


@pytest.mark.parametrize(
    ("text", "said"),
    [("{instuction}", "prompt.text: no 'instuction'"), ("a { b", "prompt.text: .* for braces")],
)
def test_a_prompt_with_an_unknown_place_is_refused(home: Path, text: str, said: str) -> None:
    write(home / "experts", "mine", prompt={"text": text})
    with pytest.raises(TemplateError, match=f"experts/mine.yaml: {said}"):
        experts.cards()


@pytest.mark.parametrize(
    ("editor", "settings", "said"),
    [
        ("http://localhost:1/v1", {"model": "a", "timout": 1}, "settings: no setting 'timout'"),
        ("http://localhost:1/v1", {"timeout": 1}, "settings: model: field required"),
        ("comfyui+http://localhost:1", {"workflow": "a.json", "pause": -1}, "settings: pause: "),
        (f"hf:a/b@{'0' * 40}", {"clas": "FluxKontextPipeline"}, "settings: no setting 'clas'"),
    ],
)
def test_settings_that_the_editor_does_not_take_are_refused_before_it_is_loaded(
    home: Path, editor: str, settings: dict[str, object], said: str
) -> None:
    write(home / "experts", "mine", editor=editor, settings=settings)
    with pytest.raises(TemplateError, match=f"experts/mine.yaml: {said}"):
        experts.cards()


def test_makers_of_installed_packages_are_found_by_their_entry_points(home: Path, package: Path) -> None:
    assert "mine" in makers.all_names()
    assert makers.load("mine").name == "mine"


def test_a_package_may_not_take_the_name_of_a_maker(home: Path, package: Path) -> None:
    (package / "entry_points.txt").write_text(
        "[firered.makers]\noutpaint = package_of_mine\n", encoding="utf-8"
    )
    with pytest.raises(
        TemplateError, match=r"maker 'outpaint': is there twice, as firered.*outpaint and package_of_mine"
    ):
        makers.names()
