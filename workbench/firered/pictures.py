"""Pictures: the one door through which operators open and save images, each opened once a batch."""

import io
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firered.store import BlobStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# Enough for a batch of photographs of a few megapixels; a larger batch is decoded again.
CACHE_BYTES = 256 * 1024 * 1024
# A picture that would not fit in memory is refused before it is decoded (decompression bomb).
MAX_PIXELS = 200_000_000


@dataclass
class Pictures:
    """Opens blobs as pixels, with a cache, and saves pixels as blobs."""

    store: BlobStore
    _cache: "OrderedDict[str, Pixels]" = field(default_factory=OrderedDict)
    _held: int = 0

    def pixels(self, sha256: str) -> "Pixels":
        """Decode a blob at full resolution: (H, W, 3) uint8 sRGB, read-only, alpha over white."""
        if sha256 not in self._cache:
            self._keep(sha256, decode(self.store.get(sha256)))
        self._cache.move_to_end(sha256)
        return self._cache[sha256]

    def scaled(self, sha256: str, max_side: int) -> "Pixels":
        """Same, with the longer side at most `max_side` (area-averaged, never enlarged)."""
        return shrink(self.pixels(sha256), max_side)

    def save(self, pixels: "Pixels", *, quality: int = 92) -> tuple[str, int]:
        """Store (H, W, 3) uint8 pixels as JPEG (4:4:4); returns its sha256 and size in bytes."""
        data = encode_jpeg(pixels, quality=quality)
        return self.store.put(data), len(data)

    def save_bytes(self, data: bytes) -> str:
        """Store encoded bytes; returns their sha256."""
        return self.store.put(data)

    def _keep(self, sha256: str, pixels: "Pixels") -> None:
        pixels.setflags(write=False)
        self._cache[sha256] = pixels
        self._held += pixels.nbytes
        while self._held > CACHE_BYTES and len(self._cache) > 1:
            self._held -= self._cache.popitem(last=False)[1].nbytes

    def __reduce__(self) -> tuple[Any, ...]:
        return (Pictures, (self.store,))


def decode(data: bytes) -> "Pixels":
    """Decode encoded bytes to (H, W, 3) uint8 sRGB; raises ValueError with the reason."""
    if data[:2] == b"\xff\xd8":
        return _decode_jpeg(data)
    return _decode_other(data)


def encode_jpeg(pixels: "Pixels", *, quality: int = 92) -> bytes:
    """Encode (H, W, 3) uint8 pixels as a 4:4:4 JPEG, so that thin colours survive."""
    import numpy as np
    import simplejpeg

    whole = np.ascontiguousarray(pixels)
    return bytes(simplejpeg.encode_jpeg(whole, quality=quality, colorspace="RGB", colorsubsampling="444"))


def shrink(pixels: "Pixels", max_side: int) -> "Pixels":
    """Area-average so that the longer side is at most `max_side`; smaller ones come back as they are."""
    import cv2

    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return smaller


def _decode_jpeg(data: bytes) -> "Pixels":
    import simplejpeg

    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise ValueError(f"not a readable JPEG: {error}") from None
    _refuse_bomb(width, height)
    if space in ("CMYK", "YCCK"):
        return _decode_other(data)
    try:
        return simplejpeg.decode_jpeg(data, colorspace="RGB")  # type: ignore[no-any-return]
    except ValueError:
        # Strict about every oddity of the file; Pillow refuses only what lacks pixels.
        return _decode_other(data)


def _decode_other(data: bytes) -> "Pixels":
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as opened:
            _refuse_bomb(*opened.size)
            return np.array(flat_rgb(opened))
    except UnidentifiedImageError:
        raise ValueError("not a readable image: no format that is known") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a readable image: {error}") from None


def flat_rgb(opened: Any) -> Any:
    """Turn any Pillow image into RGB: first frame, 16 bit scaled, palette expanded, alpha over white."""
    from PIL import Image

    if opened.mode.startswith("I;16") or opened.mode == "I":
        opened = opened.point(lambda value: value / 256).convert("L")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        opened = opened.convert("RGBA")
        white = Image.new("RGBA", opened.size, "white")
        return Image.alpha_composite(white, opened).convert("RGB")
    return opened.convert("RGB")


def _refuse_bomb(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"picture of {width}x{height} is over {MAX_PIXELS // 1_000_000} megapixels")
