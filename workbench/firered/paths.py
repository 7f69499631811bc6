"""Where the shipped files and the user's own folders are."""

import os
import shutil
from pathlib import Path

from firered.errors import FireRedError

SHIPPED = ("recipes", "templates", "catalogs", "trainers")


def shipped(folder: str) -> Path:
    """Folder of shipped files: inside the wheel, else the one beside `workbench/` in a checkout."""
    assert folder in SHIPPED, folder
    package = Path(__file__).parent
    installed = package / "_shipped" / folder
    return installed if installed.is_dir() else package.parent.parent / folder


def data_home() -> Path:
    """Folder for downloaded models and photographs; `FIRERED_HOME` moves it."""
    chosen = os.environ.get("FIRERED_HOME")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "firered"


def eject(name: str, out: Path | None) -> Path:
    """Copy a shipped file, such as recipes/data/tour.yaml, to `out` or to the current folder.

    Raises FireRedError where there is no such file or the place is taken.
    """
    folder, _, rest = name.partition("/")
    source = (shipped(folder) / rest).resolve() if folder in SHIPPED else None
    if source is None or not source.is_file() or shipped(folder).resolve() not in source.parents:
        raise FireRedError(f"no shipped file {name!r} (give {', '.join(f'{each}/...' for each in SHIPPED)})")
    place = out or Path(source.name)
    if place.exists():
        raise FireRedError(f"{place}: is there already (name another file)")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    return place
