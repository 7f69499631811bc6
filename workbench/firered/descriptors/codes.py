"""QR codes and barcodes, found by a cascade: a gate on edges skips most photographs, zxing reads what is left.

The gate looks for places where edges are as dense as in a printed code. Only these places are handed to zxing, at half
size and at full size; what zxing cannot read may still have the parallel bars that OpenCV finds. Codes whose modules
are too large for the gate are read in a thumbnail.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Box = tuple[float, float, float, float]  # left, top, right, bottom

# Formats with few modules and no checksum are seen in fences and window blinds; they are left out.
LINEAR = "EAN13 EAN8 UPCA UPCE Code128 Code39 Code93 ITF DataBarOmni DataBarExp"
SQUARE = "QRCode MicroQRCode DataMatrix Aztec"
STACKED = "PDF417"
SHORTEST = {"ITF": 8, "Code39": 4, "Code93": 4}  # characters; shorter ones are read in photographs
THUMB = 220  # pixels, longer side of the thumbnail
CELL = 8  # pixels at half size; side of the cells of the gate
NEAR = 5  # cells; side of the window over which edges must be dense
PLACES = 4  # largest places that are tried
GROWTH = 0.6  # of the gate; a place grows as far as its edges are this dense
STRIPED = 1.45  # times more edges in one direction than in the other, from which a place may be bars
BOTH = 1.75  # the same, up to which it may be a square code
BAR_SCALES = (0.03, 0.08)  # of the place's side; over such windows OpenCV looks for parallel edges
STRIP = (160, 16)  # pixels; width and height to which bars are straightened
TRANSITIONS = 34  # between dark and light, along bars that could not be read
VARIETY = 0.35  # deviation of the bars' widths over their mean; those of a fence are all the same
AGREEMENT = 0.9  # correlation of the upper and the lower half of such bars
STEP = 70  # grey levels between their dark and their light


@dataclass(frozen=True)
class Found:
    """A code: 'qr' or 'barcode' by shape, its format and content ('' where unread), its box, 0..1."""

    kind: str
    symbology: str
    text: str
    box: Box


@dataclass(frozen=True)
class Place:
    """A part of the picture with dense edges, in pixels, and how many times more of them are vertical."""

    left: int
    top: int
    right: int
    bottom: int
    lean: float

    def formats(self) -> str:
        """Formats that its edges may belong to, by name."""
        stripes = max(self.lean, 1 / self.lean)
        names = [STACKED, LINEAR if stripes >= STRIPED else "", SQUARE if stripes <= BOTH else ""]
        return " ".join(name for name in names if name)


# Reads a part of a picture and the place it was cut from; boxes in pixels of the part.
Reader = Callable[["Pixels", Place], Iterator[Found]]


def find(pixels: "Pixels", *, gate: float) -> list[Found]:
    """Codes in (H, W, 3) uint8 RGB; `gate` is the mean step between neighbours, 0..255, worth a look."""
    import cv2

    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    thumb, half = shrunk(luma, -(-max(luma.shape) // THUMB)), shrunk(luma, 2)
    # Codes with large modules are read for a fraction of the price; where there is one, small ones may be, too.
    found = search(thumb, [whole(thumb)], decoded)
    found = merged(found, search(half, places(half, gate), decoded))
    dense = places(luma, gate)
    return merged(found, search(luma, dense, decoded)) or search(luma, dense, bars)


def merged(found: list[Found], more: list[Found]) -> list[Found]:
    """Codes of both lists, each once; of two finds of one code the one that could be read."""
    kept: list[Found] = []
    for code in sorted(found + more, key=lambda each: each.text == ""):
        if not any(same(code, known) for known in kept):
            kept.append(code)
    return kept


def search(luma: "Pixels", dense: Sequence[Place], reader: Reader) -> list[Found]:
    """Codes that `reader` sees in dense places of (H, W) luma, each once."""
    import numpy as np

    found: list[Found] = []
    for place in dense:
        part = np.ascontiguousarray(luma[place.top : place.bottom, place.left : place.right])
        codes = [_whole(code, place, luma.shape) for code in reader(part, place)]
        found = merged(found, codes)
    return found


def shrunk(values: "Pixels", factor: int) -> "Pixels":
    """Means of whole factor x factor blocks of (H, W) values."""
    import cv2

    rows, columns = max(1, values.shape[0] // factor), max(1, values.shape[1] // factor)
    # OpenCV is many times faster where the factor is a whole number
    blocks = values[: rows * factor, : columns * factor]
    smaller: Pixels = cv2.resize(blocks, (columns, rows), interpolation=cv2.INTER_AREA)
    return smaller


def whole(luma: "Pixels") -> Place:
    """All of (H, W) luma, with an even lean: only square and stacked codes are looked for."""
    return Place(0, 0, luma.shape[1], luma.shape[0], 1.0)


def places(luma: "Pixels", gate: float) -> list[Place]:
    """Parts of (H, W) luma whose edges are dense enough for a code, the largest first."""
    import cv2
    import numpy as np

    across, down = edge_density(luma)
    density = np.maximum(across, down)
    dense = density >= gate
    if not dense.any():
        return []
    # A code with large modules is dense in some parts only; its place is all that is nearly as dense around them.
    _, labels, stats, _ = cv2.connectedComponentsWithStats((density >= gate * GROWTH).astype(np.uint8))
    worth = sorted(set(labels[dense].tolist()), key=lambda label: -stats[label, cv2.CC_STAT_AREA])
    found = []
    for label in worth[:PLACES]:
        inside = dense & (labels == label)
        lean = float(across[inside].mean() + 1) / float(down[inside].mean() + 1)
        found.append(_place(stats[label].tolist(), lean, luma.shape))
    return found


def edge_density(luma: "Pixels") -> "tuple[NDArray[np.uint8], NDArray[np.uint8]]":
    """Mean step to the right and to the lower neighbour at half size, by cell, over NEAR x NEAR cells."""
    import cv2

    half = shrunk(luma, 2)
    if min(half.shape) < 2:
        return half[:1, :1] * 0, half[:1, :1] * 0
    here = half[:-1, :-1]
    across, down = cv2.absdiff(half[:-1, 1:], here), cv2.absdiff(half[1:, :-1], here)
    window = (NEAR, NEAR)
    return cv2.blur(shrunk(across, CELL), window), cv2.blur(shrunk(down, CELL), window)


def _place(stats: list[int], lean: float, shape: tuple[int, ...]) -> Place:
    column, row, columns, rows, _ = stats
    # A code's corners and quiet zone are less dense than its middle.
    side, spare = 2 * CELL, 3 * 2 * CELL
    return Place(
        max(0, column * side - spare),
        max(0, row * side - spare),
        min(shape[1], (column + columns) * side + spare),
        min(shape[0], (row + rows) * side + spare),
        lean,
    )


def decoded(luma: "Pixels", place: Place) -> Iterator[Found]:
    """Codes that zxing reads in (h, w) luma; bars that do not stand upright cost another look."""
    import zxingcpp

    options = {"try_rotate": place.lean < 1, "try_downscale": False, "try_invert": False}
    for code in zxingcpp.read_barcodes(
        luma, formats=_formats(place.formats()), return_errors=True, **options
    ):
        if _certain(code):
            text = code.text if code.valid else ""
            yield Found(_kind(code.format.name), code.format.name, text, _corners(code.position))


def _certain(code: Any) -> bool:
    # Three finder patterns are unmistakable even where what they frame cannot be read.
    if not code.valid:
        return bool(code.format.name == "QRCode")
    return len(code.text) >= SHORTEST.get(code.format.name, 1)


def bars(luma: "Pixels", place: Place) -> Iterator[Found]:
    """Parallel bars that OpenCV finds in (h, w) luma, where most edges run in one direction."""
    if max(place.lean, 1 / place.lean) < BOTH:
        return
    known, corners = _bar_detector().detect(luma)
    if not known:
        return
    for quad in corners:
        (left, top), (right, bottom) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
        if printed(straight(luma, quad)):
            yield Found("barcode", "", "", (left, top, right, bottom))


def straight(luma: "Pixels", quad: Any) -> "Pixels":
    """The quadrilateral of corners (4, 2) in (H, W) luma as an upright strip, its longer side across."""
    import cv2
    import numpy as np

    if np.hypot(*(quad[1] - quad[0])) < np.hypot(*(quad[2] - quad[1])):
        quad = np.roll(quad, 1, axis=0)
    width, height = STRIP
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    strip: Pixels = cv2.warpPerspective(luma, turn, STRIP)
    return strip


def printed(strip: "Pixels") -> bool:
    """Whether an upright strip (h, w) of luma is bars from top to bottom: high, many, the same everywhere."""
    import numpy as np

    middle = strip.mean(axis=0)
    upper, lower = strip[: len(strip) // 2].mean(axis=0), strip[len(strip) // 2 :].mean(axis=0)
    dark, light = np.percentile(middle, (10, 90))
    if light - dark < STEP:
        return False
    widths = np.diff(np.flatnonzero(np.diff(middle > (dark + light) / 2)))
    if len(widths) < TRANSITIONS or widths.std() < VARIETY * widths.mean():
        return False
    return float(np.corrcoef(upper, lower)[0, 1]) >= AGREEMENT


@cache
def _formats(names: str) -> Any:
    import zxingcpp

    return zxingcpp.barcode_formats_from_str("|".join(names.split()))


@cache
def _bar_detector() -> Any:
    import cv2

    detector = cv2.barcode.BarcodeDetector()
    detector.setDetectorScales(list(BAR_SCALES))
    return detector


def _kind(symbology: str) -> str:
    return "qr" if symbology in SQUARE.split() else "barcode"


def _corners(position: Any) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across, down = [each.x for each in corners], [each.y for each in corners]
    return min(across), min(down), max(across), max(down)


def _whole(code: Found, place: Place, shape: tuple[int, ...]) -> Found:
    left, top, right, bottom = code.box
    height, width = shape[:2]
    box = (
        min(max((left + place.left) / width, 0.0), 1.0),
        min(max((top + place.top) / height, 0.0), 1.0),
        min(max((right + place.left) / width, 0.0), 1.0),
        min(max((bottom + place.top) / height, 0.0), 1.0),
    )
    return Found(code.kind, code.symbology, code.text, box)


def same(one: Found, other: Found) -> bool:
    """Whether two finds are one code seen from two places: the middle of one lies in the other."""
    left, top, right, bottom = other.box
    across, down = (one.box[0] + one.box[2]) / 2, (one.box[1] + one.box[3]) / 2
    return left <= across <= right and top <= down <= bottom
