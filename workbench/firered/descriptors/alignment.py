"""Whether two pictures are the same one: lay one over the other, mirrored if need be, and compare the luma.

Copies differ by size, crop, a small turn, coding and brightness. Both pictures are squeezed to one square
grid; an affine map between the grids is fitted by enhanced correlation (Evangelidis and Psarakis, 2008),
which brightness and contrast do not disturb, first on blurred grids and then on sharp ones.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Luma = NDArray[np.float32]

SIDE = 96  # pixels of the grid
BLURS = (5, 1)  # width of the Gaussian of each pass, pixels; 1 is none
STEPS = (40, 20)  # of the fit, at most, in each pass
LEAST_GAIN = 1e-4  # of the correlation in a step, below which the fit ends
MOST_SCALE = 1.25  # by which a copy may be larger or smaller along an axis
MOST_SKEW = 0.2  # off the diagonal of the map: a turn of 11 degrees
LEAST_SHARED = 0.6  # of the grid that both pictures must cover
MARGIN = 0.15  # of correlation: how much better the mirror image must be before only it is tried


class Likeness(NamedTuple):
    """How alike two pictures are where they overlap."""

    correlation: float  # of luma, -1..1
    ssim: float  # of luma, brightness and contrast matched, -1..1
    shared: float  # part of either picture that the other shows too, 0..1


def likeness(first: Any, second: Any) -> Likeness:
    """Compare two pictures, (H, W, 3) uint8 each of its own size, best after a shrink to about 160 pixels."""
    import numpy as np

    one, two = grid(first), grid(second)
    views = (two, np.ascontiguousarray(two[:, ::-1]))
    rough = [_correlation(_blurred(one, BLURS[0]), _blurred(view, BLURS[0])) for view in views]
    tried = [view for view, like in zip(views, rough, strict=True) if like > max(rough) - MARGIN]
    return max(_aligned(one, view) for view in tried)


def grid(pixels: Any) -> "Luma":
    """Luma of (H, W, 3) uint8 pixels squeezed to (SIDE, SIDE) float32, 0..255."""
    import cv2
    import numpy as np

    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found: Luma = cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return found


def _aligned(one: "Luma", two: "Luma") -> Likeness:
    """Fit, then compare what both pictures cover."""
    import cv2
    import numpy as np

    fitted = _fit(one, two)
    size, flags = (SIDE, SIDE), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(two, fitted, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    shared = cv2.warpAffine(two * 0 + 1, fitted, size, flags=flags) > 0.999
    if shared.mean() < LEAST_SHARED:
        return Likeness(_correlation(one, two), _ssim(one, two, np.ones(size, bool)), 1.0)
    part = float(shared.mean()) * min(1.0, abs(float(np.linalg.det(fitted[:, :2]))))
    return Likeness(_correlation(one[shared], moved[shared]), _ssim(one, moved, shared), part)


def _fit(one: "Luma", two: "Luma") -> "NDArray[np.float32]":
    """Affine map (2, 3) from the first grid to the second; no change where none can be found or believed."""
    import cv2
    import numpy as np

    fitted = np.eye(2, 3, dtype=np.float32)
    for blur, steps in zip(BLURS, STEPS, strict=True):
        stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, steps, LEAST_GAIN)
        try:
            _, found = cv2.findTransformECC(one, two, fitted.copy(), cv2.MOTION_AFFINE, stop, None, blur)
        except cv2.error:
            return fitted
        if not _believable(found):
            return fitted
        fitted = found
    return fitted


def _believable(fitted: "NDArray[np.float32]") -> bool:
    """Whether a copy could be mapped like this: a crop, a small turn, no distortion."""
    scales, skews = abs(fitted[[0, 1], [0, 1]]), abs(fitted[[0, 1], [1, 0]])
    return bool((scales < MOST_SCALE).all() and (scales > 1 / MOST_SCALE).all() and (skews < MOST_SKEW).all())


def _blurred(luma: "Luma", width: int) -> "Luma":
    import cv2

    found: Luma = cv2.GaussianBlur(luma, (width, width), 0)
    return found


def _correlation(one: "Luma", two: "Luma") -> float:
    """Pearson's correlation, 0 where a picture is flat."""
    import numpy as np

    first, second = one.ravel() - one.mean(), two.ravel() - two.mean()
    size = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / size if size > 1e-3 * first.size else 0.0


def _ssim(one: "Luma", two: "Luma", shared: "NDArray[np.bool_]") -> float:
    """Mean structural similarity where both cover the grid, the second's brightness and contrast matched."""
    matched = (two - two[shared].mean()) / (two[shared].std() + 1e-3) * one[shared].std() + one[shared].mean()
    mean_one, mean_two = _blurred(one, 7), _blurred(matched, 7)
    variance = _blurred(one * one, 7) - mean_one**2, _blurred(matched * matched, 7) - mean_two**2
    covariance = _blurred(one * matched, 7) - mean_one * mean_two
    luminance = (2 * mean_one * mean_two + 6.5) / (mean_one**2 + mean_two**2 + 6.5)
    structure = (2 * covariance + 58.5) / (variance[0] + variance[1] + 58.5)
    return float((luminance * structure)[shared].mean())
