"""Pictures as unlike as possible, and whether vectors are of unit length."""

import numpy as np


def is_unit(vectors: np.ndarray) -> bool:
    """Whether all rows are of length 1."""
    return bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5))


def pictures_of(*kinds: str) -> list[np.ndarray]:
    """Pixels (90, 120, 3): flat, gradient, stripes, noise."""
    down, across = np.mgrid[0:90, 0:120]
    made = {
        "flat": np.full((90, 120, 3), 128),
        "gradient": np.stack([down * 2, across * 2, 255 - across * 2], axis=2),
        "stripes": np.stack([across // 8 % 2 * 255] * 3, axis=2),
        "noise": np.random.default_rng(0).integers(0, 256, (90, 120, 3)),
    }
    return [made[kind].astype(np.uint8) for kind in kinds or made]
