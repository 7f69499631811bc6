"""What is asked of a maker (`Wish`), and how a pair was made (`Making`): enough to make it again."""

from typing import TYPE_CHECKING, Any

from firered.descriptors import rle
from firered.pictures import Codec
from firered.templating.filters import Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Binary = NDArray[np.bool_]


class Said(Strict):
    """What stands in a slot: its words, and its value where it has one (a text, [r, g, b], a number)."""

    en: str
    zh: str
    value: Any = None


class Other(Strict):
    """Another picture of the catalog that a maker uses: a background, a cut-out, a reference."""

    image_id: int
    sha256: str


class Wish(Strict):
    """An edit before any pixel is touched; `control` is JSON, coordinates in it are 0..1."""

    primitive: str
    slots: dict[str, Said] = {}
    control: dict[str, Any] = {}
    others: dict[str, Other] = {}


class Region(Strict):
    """A binary mask as COCO run lengths."""

    height: int
    width: int
    counts: str

    @classmethod
    def of(cls, mask: "Binary") -> "Region":
        """Region of a mask (H, W)."""
        height, width = mask.shape
        return cls(height=height, width=width, counts=rle.encode(mask))

    def decoded(self) -> "Binary":
        """The mask (H, W)."""
        return rle.decode(self.counts, self.height, self.width)


class Making(Strict):
    """How a pair was made, as `Pair.parameters` stores it.

    With the blob of the photograph it gives the same pixels again, bit for bit on a CPU.
    """

    wish: Wish
    maker: str
    version: int
    model: str = ""  # spec of the model, '' where there is none
    revision: str = ""  # digest of weights and data
    seed: int
    start: str  # sha256 of the picture that the maker was given
    max_side: int  # to which it was scaled down
    codec: Codec
    quality: int
    source_made: bool = False  # the source is the maker's too, not the plain picture
    mask: Region | None = None  # where the target may differ from the source; None: anywhere
    truth: dict[str, Any] = {}
    inverse: bool = False  # source and target were exchanged; all else is told of the way there
    asks: Wish | None = None  # of an inverse: what the exchanged pair asks for

    @property
    def told(self) -> Wish:
        """What the pair's instruction says."""
        return self.asks or self.wish


def is_making(parameters: str) -> bool:
    """Whether a pair's parameters are a Making, not a filter's Edit."""
    return parameters.startswith('{"wish"')
