"""What `firered doctor` looks at: one list of findings for each part of the installation."""

import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from firered.models.registry import Entry

PACKAGE = "firered-workbench"
SUPPORTED = ((3, 11), (3, 12))
LOW_DISK = 5e9  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; a required one that is not ok makes the doctor fail."""

    part: str
    name: str
    state: Literal["ok", "missing", "wrong", "note"]
    detail: str
    remedy: str = ""
    required: bool = False


def all_findings(catalog: Path) -> Iterator[Finding]:
    """Look at everything; at the catalog only where its folder is there."""
    yield from python()
    yield from dependencies()
    yield from extras()
    yield from models()
    yield from devices()
    yield disk()
    if catalog.exists():
        yield from catalog_health(catalog)


def failed(findings: list[Finding]) -> bool:
    """Whether something that is required does not work."""
    return any(finding.required and finding.state in ("missing", "wrong") for finding in findings)


# --- Python and packages ------------------------------------------------------------------------


def python() -> Iterator[Finding]:
    """The interpreter and this package."""
    from firered import __version__

    fits = sys.version_info[:2] in SUPPORTED
    remedy = "" if fits else "make an environment with Python 3.11 or 3.12"
    yield Finding(
        "python", "python", "ok" if fits else "wrong", platform.python_version(), remedy, required=True
    )
    yield Finding("python", "firered", "ok", __version__, required=True)


def dependencies() -> Iterator[Finding]:
    """Packages that are always needed, with the installed version against the declared range."""
    for requirement in requirements():
        if "extra ==" not in requirement:
            yield package(requirement, extra="", required=True)


def extras() -> Iterator[Finding]:
    """Packages of each extra; what is absent is told with the command that brings it."""
    for requirement in requirements():
        found = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if found:
            yield package(requirement, extra=found[1], required=False)


def package(text: str, *, extra: str, required: bool) -> Finding:
    """Finding about one requirement, such as 'click>=8.2'."""
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    part = f"extra {extra}" if extra else "dependency"
    wanted = str(requirement.specifier) or "any"
    brings = f"{PACKAGE}[{extra}]" if extra else PACKAGE
    remedy = f"pip install '{brings}'"
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return Finding(part, requirement.name, "missing", f"wanted {wanted}", remedy, required)
    fits = requirement.specifier.contains(installed, prereleases=True)
    detail = f"{installed}{_tested(requirement.name, installed)}"
    if fits:
        return Finding(part, requirement.name, "ok", detail, "", required)
    return Finding(part, requirement.name, "wrong", f"{detail}, wanted {wanted}", remedy, required)


def requirements() -> list[str]:
    """Requirements as installed with this package, or as the checkout's pyproject.toml states them."""
    try:
        return requires(PACKAGE) or []
    except PackageNotFoundError:
        return _stated_requirements()


def _stated_requirements() -> list[str]:
    import tomllib

    project = tomllib.loads(_beside("pyproject.toml", parents=3).read_text(encoding="utf-8"))["project"]
    optional = project.get("optional-dependencies", {}).items()
    return [
        *project["dependencies"],
        *(f"{name}; extra == '{extra}'" for extra, names in optional for name in names),
    ]


def _tested(name: str, installed: str) -> str:
    """Say which version was tested, where another one is installed."""
    constraints = _beside("constraints.txt", parents=1)
    if not constraints.is_file():
        return ""
    found = re.search(
        rf"^{re.escape(name)}==([^\s;]+)", constraints.read_text(encoding="utf-8"), re.MULTILINE
    )
    same = found is None or installed.partition("+")[0] == found[1]
    return "" if same else f" (tested with {found[1]})"  # type: ignore[index]


def _beside(name: str, *, parents: int) -> Path:
    import firered

    return Path(firered.__file__).parents[parents - 1] / name


# --- models, machine, catalog -------------------------------------------------------------------


def models() -> Iterator[Finding]:
    """Models and photographs of the registry; an altered one is a failure, an absent one is not."""
    from firered.models import registry

    for entry in registry.entries():
        yield model(entry)


def model(entry: "Entry") -> Finding:
    """Finding about one entry of the registry."""
    from firered.errors import ModelError
    from firered.models import registry

    try:
        state = registry.state(entry)
    except ModelError as error:
        return Finding("model", entry.name, "wrong", str(error), entry.command, required=True)
    detail = f"{state}, {entry.role}"
    if state == "installed":
        return Finding("model", entry.name, "ok", detail)
    if state == "missing":
        return Finding("model", entry.name, "note", detail, entry.command)
    return Finding("model", entry.name, "wrong", detail, entry.command, required=True)


def devices() -> Iterator[Finding]:
    """Devices to compute on, and whether torchvision needs its operators declared."""
    from firered.models import torchvision_cpu
    from firered.models.devices import devices as found

    for device in found():
        cores = f", {device.cores} cores" if device.cores else ""
        yield Finding("device", device.kind, "ok", f"{device.name}, {device.memory:g} GB{cores}")
    if torchvision_cpu.is_needed():
        yield Finding(
            "device",
            "torchvision",
            "note",
            "a CUDA build beside torch for CPU; its operators are declared by us",
        )


def disk() -> Finding:
    """Room for models and photographs."""
    from firered.paths import data_home

    home = data_home()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    enough = free > LOW_DISK
    remedy = "" if enough else "set FIRERED_HOME to a folder with more room"
    return Finding("disk", str(home), "ok" if enough else "note", f"{free / 1e9:.0f} GB free", remedy)


def catalog_health(path: Path) -> Iterator[Finding]:
    """What a catalog holds and what its audits find, or the reason why it cannot be opened."""
    from firered.catalog import Catalog
    from firered.errors import FireRedError

    try:
        catalog = Catalog(path)
        counts = catalog.status()
        held = ", ".join(f"{counts[name]} {name}s" for name in ("image", "pair", "text"))
        yield Finding("catalog", str(path), "ok", held)
        audits = catalog.audit()
        broken = {name: found.num_rows for name, found in audits.items() if found.num_rows}
        yield Finding(
            "catalog", "audits", "wrong" if broken else "ok", _audited(len(audits), broken), required=True
        )
    except FireRedError as error:
        yield Finding("catalog", str(path), "wrong", str(error), required=True)


def _audited(audits: int, broken: dict[str, int]) -> str:
    if not broken:
        return f"{audits} of them found nothing wrong"
    said = ", ".join(f"{name} {rows}" for name, rows in broken.items())
    return f"{said} rows (look at: firered catalog audit)"
