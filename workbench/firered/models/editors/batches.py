"""What editors of pictures share: one request after the other, floats and bytes, the identity of weights."""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from firered.models.editor import EditError, EditRequest
from firered.models.registry import Entry, WeightFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]


def one_by_one(
    requests: Sequence[EditRequest], edit: "Callable[[EditRequest], Pixels]"
) -> "list[Pixels | EditError]":
    """Answers of an editor that takes one request at a time; a ValueError is the reason of its request alone."""
    found: list[Pixels | EditError] = []
    for request in requests:
        try:
            found.append(edit(request))
        except ValueError as error:
            found.append(EditError(str(error)))
    return found


def revision(entry: Entry, files: Sequence[WeightFile] | None = None) -> str:
    """Identity of weights: 12 digits of the sha256 of their sha256s, or of the archive's where they have none."""
    sums = [file.sha256 for file in (entry.files if files is None else files)] or [entry.archive]
    return hashlib.sha256("".join(sums).encode()).hexdigest()[:12]


def as_floats(pixels: "Pixels") -> "Floats":
    """Pixels as float32, 0..1."""
    import numpy as np

    return np.asarray(pixels, dtype=np.float32) / np.float32(255)


def as_pixels(values: "Floats") -> "Pixels":
    """Values 0..1 as uint8, cut at the ends and rounded."""
    import numpy as np

    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
