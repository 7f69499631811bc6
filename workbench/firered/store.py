"""Blobs by sha256: content-addressed bytes that any worker may write, any number of times."""

import hashlib
import os
from dataclasses import dataclass
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
        path = self.path(sha256)
        return path.stat().st_size if path.exists() else None

    def put(self, data: bytes) -> str:
        """Store bytes and return their sha256; storing again changes nothing."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            self._write(path, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a blob; raises CatalogError where it is missing."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise CatalogError(
                f"blob {sha256[:12]}: missing from {self.root} (run: firered catalog audit)"
            ) from None

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another name first, then rename: a reader or a crash never sees half a blob.
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
