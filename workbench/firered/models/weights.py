"""Weight files: their sha256, and the refusal to open what is not what it should be."""

import hashlib
from pathlib import Path

from firered.errors import ModelError

# Formats that hold numbers and nothing that runs.
INERT = frozenset({".safetensors", ".onnx", ".tflite", ".json", ".bin", ".npy"})
CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """Hash a file; returns 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def check_weights(path: Path, sha256: str | None) -> Path:
    """Return the path of weights that may be opened; raises ModelError for altered or unsafe ones.

    A file with a known hash must have it. Without one only formats that cannot run code are opened;
    PyTorch's own `.bin` and `.pth` are pickles and need a known hash, or `weights_only` loading.
    """
    if not path.is_file():
        raise ModelError(f"weights {path.name!r}: no such file in {path.parent}")
    if sha256 is None:
        return _inert(path)
    found = sha256_of(path)
    if found != sha256:
        raise ModelError(
            f"weights {path.name!r}: sha256 is {found[:12]}, not {sha256[:12]} (install them again)"
        )
    return path


def _inert(path: Path) -> Path:
    if path.suffix not in INERT or is_pickle(path):
        known = ", ".join(sorted(INERT))
        raise ModelError(
            f"weights {path.name!r}: may run code when opened (use a known sha256, or one of: {known})"
        )
    return path


def is_pickle(path: Path) -> bool:
    """Tell whether a file is a pickle, bare or in PyTorch's zip, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(4)
    return start[:4] == b"PK\x03\x04" or (
        start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    )
