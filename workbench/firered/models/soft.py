"""Soft masks (mattes): where they are, how sure they are, and their hard form."""

from typing import TYPE_CHECKING

from firered.models.regions import Box, Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matte = NDArray[np.float32]
    Mask = NDArray[np.bool_]

INSIDE = 0.5  # of a pixel must belong to a region for it to count as inside


def hard(matte: "Matte") -> "Mask":
    """Pixels (H, W) inside of a matte."""
    return matte >= INSIDE


def certainty(matte: "Matte") -> float:
    """How nearly a matte (H, W) is its own hard form, 0..1: what they share over what they cover together."""
    import numpy as np

    inside = hard(matte)
    covered = float(np.where(inside, 1, matte).sum())
    return float(matte[inside].sum()) / covered if covered else 0.0


def box_of(mask: "Mask") -> Box | None:
    """Box around the pixels inside of a mask (H, W); None where there are none."""
    import numpy as np

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    height, width = mask.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def region_of(matte: "Matte", label: str = "") -> list[Region]:
    """The region of a matte (H, W), as sure as the matte is hard; none where nothing is inside."""
    box = box_of(hard(matte))
    return [Region(certainty(matte), box, label, matte=matte)] if box else []
