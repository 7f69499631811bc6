"""Holes filled with patches from the rest of the picture, as an editor: what stands in the mask is removed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firered.models.editor import EditError, EditRequest
from firered.models.editors.batches import one_by_one
from firered.models.settings import Settings, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


def load(name: str, settings: dict[str, Any]) -> "PatchMatch":
    """Load it; it has no settings and no weights."""
    checked(Settings, settings, what=f"editor 'embedded:{name}'")
    return PatchMatch()


class PatchMatch:
    """Fills the mask of each request; equal seeds give equal pixels."""

    name = "patchmatch"
    revision = ""
    device = "cpu"

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Fill each request's mask from the rest of its first picture."""
        return one_by_one(requests, _filled)


def _filled(request: EditRequest) -> "Pixels":
    from firered.descriptors import patchmatch

    if request.mask is None or not request.mask.any():
        raise ValueError("no mask: nothing to fill")
    return patchmatch.fill(request.images[0], request.mask, seed=request.seed).pixels
