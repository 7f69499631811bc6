"""Blobs by sha256: content-addressed bytes that any worker may write, any number of times."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firered.errors import CatalogError


@dataclass(frozen=True)
class BlobStore:
    """Files named by the sha256 of their bytes under `root/ab/abcdef...`."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the blob is, or would be."""
        return self.root / sha256[:2] / sha256

    def size(self, sha256: str) -> int | None:
        """Bytes of a blob, None where it is missing."""
        try:
            return os.stat(f"{self.root}/{sha256[:2]}/{sha256}").st_size  # noqa: PTH116 - asked for each picture
        except FileNotFoundError:
            return None

    def put(self, data: bytes, *, sync: bool = True) -> str:
        """Store bytes and return their sha256; storing again changes nothing.

        Without `sync` the caller calls `sync()` before anything refers to the blob.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        # Another size is what a crash before a sync left behind.
        if self.size(sha256) != len(data):
            self._write(sha256, data)
        if sync or _syncfs() is None:
            self._sync_one(sha256)  # also where it was there: who wrote it may not have come so far
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a blob; raises CatalogError where it is missing."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise CatalogError(
                f"blob {sha256[:12]}: missing from {self.root} (run: firered catalog audit)"
            ) from None

    def sync(self) -> None:
        """Bring all blobs to disk in one go, which costs a tenth of bringing them there one by one."""
        flush = _syncfs()
        if flush is None or not self.root.is_dir():
            return
        folder = os.open(self.root, os.O_RDONLY)
        try:
            flush(folder)
        finally:
            os.close(folder)

    def _write(self, sha256: str, data: bytes) -> None:
        # Another name first, then rename: a reader never sees half a blob. Several threads may write the same one.
        folder = f"{self.root}/{sha256[:2]}"
        temporary = f"{folder}/.{sha256}.{os.urandom(8).hex()}"
        try:
            place = os.open(temporary, FLAGS, 0o666)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            place = os.open(temporary, FLAGS, 0o666)
        try:
            _fill(place, data)
            os.replace(temporary, f"{folder}/{sha256}")  # noqa: PTH105 - the path is text
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _sync_one(self, sha256: str) -> None:
        """Bring one blob to disk, and the folders that name it where folders can be opened."""
        path = self.path(sha256)
        _fsync(path, os.O_RDWR)
        for folder in (path.parent, self.root) if hasattr(os, "O_DIRECTORY") else ():
            _fsync(folder, os.O_RDONLY)


FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def _fill(place: int, data: bytes) -> None:
    """Write all of the bytes and close; the system may take less than it is given, and only says so."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(place, rest) :]
    finally:
        os.close(place)


def _fsync(path: Path, flags: int) -> None:
    place = os.open(path, flags)
    try:
        os.fsync(place)
    finally:
        os.close(place)


@cache
def _syncfs() -> Callable[[int], None] | None:
    """Flush the file system that a descriptor is on; None where the system has no such call."""
    import ctypes

    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError, TypeError):
        return None

    def flush(descriptor: int) -> None:
        if call(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    return flush
