"""Unpacking of wheels, npm tarballs and Debian packages, none of which may write outside their folder."""

import shutil
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from firered.errors import ModelError


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive into a new folder; raises ModelError for unsafe names, links and unknown kinds."""
    folder.mkdir(parents=True)
    if archive.suffix in (".whl", ".zip"):
        _unzip(archive, folder)
    elif archive.suffix in (".tgz", ".gz"):
        _untar(archive, folder)
    elif archive.suffix == ".deb":
        _undeb(archive, folder)
    else:
        raise ModelError(f"archive {archive.name!r}: unknown kind (one of: .whl .zip .tgz .tar.gz .deb)")


def checked(name: str, archive: Path) -> PurePosixPath:
    """Return a member's path; raises ModelError where it is absolute or climbs out of the folder."""
    # Backslashes and drives are paths on Windows.
    path = PurePosixPath(name.replace("\\", "/") or ".")
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise ModelError(
            f"archive {archive.name!r}: {name!r} would be written outside (do not use this archive)"
        )
    return path


def _unzip(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                _refuse_link(archive, member.filename, stat.S_ISLNK(member.external_attr >> 16))
                checked(member.filename, archive)
            opened.extractall(folder)
    except zipfile.BadZipFile:
        raise ModelError(f"archive {archive.name!r}: damaged (download it again)") from None


def _untar(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for member in opened:
                _refuse_link(archive, member.name, not (member.isfile() or member.isdir()))
                checked(member.name, archive)
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ModelError(f"archive {archive.name!r}: {error} (download it again)") from None


def _refuse_link(archive: Path, name: str, is_link: bool) -> None:
    if is_link:
        raise ModelError(
            f"archive {archive.name!r}: {name!r} is a link or a device (do not use this archive)"
        )


def _undeb(archive: Path, folder: Path) -> None:
    tool = shutil.which("dpkg-deb")
    if tool is None:
        raise ModelError(
            f"archive {archive.name!r}: dpkg-deb is not on this machine (a Debian or Ubuntu has it)"
        )
    done = subprocess.run(
        [tool, "-x", str(archive), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ModelError(
            f"archive {archive.name!r}: {done.stderr.strip().splitlines()[-1]} (download it again)"
        )
