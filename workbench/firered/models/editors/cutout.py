"""Backgrounds taken away: what stands in front, on plain ground or over a second picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firered.models import isnet, registry
from firered.models.editor import EditError, EditRequest
from firered.models.editors.batches import as_floats, as_pixels, one_by_one, revision
from firered.models.settings import Settings, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ENTRY = "isnet"
LEAST, MOST = 0.01, 0.95  # share of the picture that a subject takes: else there is none, or no background
REACH = 0.03  # of the longer side: how far the subject's own colour is looked for at its rim


class Ground(Settings):
    """What is behind the subject where no second picture is given."""

    ground: tuple[int, int, int] = (255, 255, 255)


def load(name: str, settings: dict[str, Any]) -> "Cutout":
    """Load it; raises ModelError for an unknown setting."""
    return Cutout(checked(Ground, settings, what=f"editor 'embedded:{name}'"))


class Cutout:
    """Keeps the subject of the first picture; a second picture is put behind it."""

    name = "cutout"
    device = "cpu"

    def __init__(self, settings: Ground) -> None:
        self.revision = revision(registry.entry(ENTRY))
        self._settings = settings

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Take the background of each request's first picture away."""
        return one_by_one(requests, self._cut)

    def _cut(self, request: EditRequest) -> "Pixels":
        import numpy as np

        matte = isnet.shared().matte(request.images[0])
        share = float((matte > 0.5).mean())
        if not LEAST <= share <= MOST:
            raise ValueError(f"the subject takes {share:.3f} of the picture, {LEAST} to {MOST} allowed")
        given = self._settings.model_dump() | dict(request.settings)
        ground = checked(Ground, given, what=f"editor 'embedded:{self.name}'").ground
        height, width = matte.shape
        behind = np.full((height, width, 3), np.array(ground, np.float32) / 255)
        if len(request.images) > 1:
            behind = as_floats(covering(request.images[1], height, width))
        return as_pixels(composed(as_floats(request.images[0]), matte, behind))


def composed(picture: "Floats", matte: "Floats", behind: "Floats") -> "Floats":
    """The subject over another ground; at its rim with its own colour, not that of the old background."""
    import cv2

    reach = 2 * max(1, round(max(matte.shape) * REACH / 2)) + 1
    alpha = matte[..., None]
    # Pixels that the matte is not sure of show the old ground, too: they hardly count.
    sure = alpha**4
    own = cv2.blur(picture * sure, (reach, reach)) / (cv2.blur(sure, (reach, reach))[..., None] + 1e-6)
    # Where the matte is sure the pixel is its own colour; where it is not, that of the subject around it.
    subject = picture * alpha + own * (1 - alpha)
    over: Floats = subject * alpha + behind * (1 - alpha)
    return over


def covering(pixels: "Pixels", height: int, width: int) -> "Pixels":
    """A picture scaled and cut to a size, its middle kept."""
    import cv2

    factor = max(height / pixels.shape[0], width / pixels.shape[1])
    size = (max(width, round(pixels.shape[1] * factor)), max(height, round(pixels.shape[0] * factor)))
    scaled = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    cut: Pixels = scaled[top : top + height, left : left + width]
    return cut
