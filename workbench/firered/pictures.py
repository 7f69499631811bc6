"""Pictures: the one door through which operators open and save images, each opened once a batch."""

import io
import math
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from firered.store import BlobStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# JPEG is the default: a hundredth of the cost of lossless WEBP and a thirteenth of that of PNG, at 40 dB or more.
Codec = Literal["jpeg", "webp", "png"]
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
    _together: bool = False
    _stored: bool = False

    def admit(self, data: bytes) -> tuple[str, "Pixels"]:
        """Decode and store encoded bytes; returns their sha256 and pixels as `pixels` gives them, now in the cache.

        Raises ValueError with the kind of damage, and then nothing is stored.
        """
        pixels = decode(data)
        sha256 = self.save_bytes(data)
        if sha256 not in self._cache:
            self._keep(sha256, pixels)
        return sha256, self._cache[sha256]

    @contextmanager
    def together(self) -> Iterator[None]:
        """Bring what is stored inside to disk at the end, in one go: syncing each blob costs as much as its decode."""
        self._together = True
        try:
            yield
        finally:
            self._together = False
            if self._stored:
                self.store.sync()
            self._stored = False

    def forget(self) -> None:
        """Let go of all pixels, so that their memory is used again while the processor still has it at hand."""
        self._cache.clear()
        self._held = 0

    def luma(self, sha256: str) -> "Pixels":
        """Luma of a blob at full resolution, (H, W) uint8, read-only."""
        import cv2

        key = f"luma {sha256}"
        if key not in self._cache:
            pixels = self.pixels(sha256)
            room = rooms().take(pixels.shape[:2])
            self._keep(key, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY, dst=room))
        self._cache.move_to_end(key)
        return self._cache[key]

    def pixels(self, sha256: str) -> "Pixels":
        """Decode a blob at full resolution: (H, W, 3) uint8 sRGB, read-only, alpha over white."""
        if sha256 not in self._cache:
            self._keep(sha256, decode(self.store.get(sha256)))
        self._cache.move_to_end(sha256)
        return self._cache[sha256]

    def scaled(self, sha256: str, max_side: int) -> "Pixels":
        """Same, with the longer side at most `max_side` (area-averaged, never enlarged)."""
        return shrink(self.pixels(sha256), max_side)

    def plane(self, sha256: str) -> "Pixels":
        """Decode a stored plane, a matte or a depth map: (H, W) uint8 or uint16."""
        import cv2
        import numpy as np

        plane = cv2.imdecode(np.frombuffer(self.store.get(sha256), np.uint8), cv2.IMREAD_UNCHANGED)
        if plane is None or plane.ndim != 2:
            raise ValueError(f"blob {sha256[:12]}: not a plane of grey values")
        return np.asarray(plane)

    def save(self, pixels: "Pixels", *, quality: int = 92, codec: Codec = "jpeg") -> tuple[str, int]:
        """Store (H, W, 3) uint8 pixels, or for PNG a plane (H, W); returns its sha256 and size in bytes."""
        data = encode(pixels, codec=codec, quality=quality)
        return self.save_bytes(data), len(data)

    def save_bytes(self, data: bytes) -> str:
        """Store encoded bytes; returns their sha256."""
        self._stored = True
        return self.store.put(data, sync=not self._together)

    def _keep(self, sha256: str, pixels: "Pixels") -> None:
        pixels.setflags(write=False)
        self._cache[sha256] = pixels
        self._held += pixels.nbytes
        while self._held > CACHE_BYTES and len(self._cache) > 1:
            self._held -= self._cache.popitem(last=False)[1].nbytes

    def __reduce__(self) -> tuple[Any, ...]:
        return (Pictures, (self.store,))


@dataclass
class Rooms:
    """Memory for pixels that is used again once nothing refers to it: fresh pages cost a third of a decode.

    An array that is handed out is a view, so a count of references to the memory tells whether any view is left.
    """

    _held: "list[Pixels]" = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _alone: int = 0

    def __post_init__(self) -> None:
        import numpy as np

        self._alone = _alone([np.empty(1, np.uint8)])

    def take(self, shape: tuple[int, ...]) -> "Pixels":
        """Give an uninitialized uint8 array that nobody else has."""
        import numpy as np

        size = math.prod(shape)
        with self._lock:
            room = _unused(self._held, size, self._alone)
            if room is None:
                room = np.empty(size, np.uint8)
                self._held.append(room)
                self._drop()
        return room[:size].reshape(shape)

    def _drop(self) -> None:
        """Forget the oldest memory beyond the cache's size; what is in use lives on until it is not."""
        over = sum(each.size for each in self._held) - CACHE_BYTES
        while over > 0 and len(self._held) > 1:
            over -= self._held.pop(0).size


def _unused(held: "Sequence[Pixels]", size: int, alone: int) -> "Pixels | None":
    """First memory of about this size that only the list, and this look at it, refer to."""
    for each in held:
        if size <= each.size <= 2 * size and sys.getrefcount(each) == alone:
            return each
    return None


def _alone(held: "Sequence[Pixels]") -> int:
    """Count of references that a look finds where there are no others; it differs between interpreters."""
    for each in held:
        return sys.getrefcount(each)
    raise AssertionError("nothing to look at")


@cache
def rooms() -> Rooms:
    """The memory of this process."""
    return Rooms()


def decode(data: bytes) -> "Pixels":
    """Decode encoded bytes to (H, W, 3) uint8 sRGB as they are stored; raises ValueError with the kind of damage."""
    if not data:
        raise ValueError("empty file")
    if data[:2] == b"\xff\xd8":
        return _decode_jpeg(data)
    size = _plain_size(data)
    return _decode_plain(data, *size) if size else _decode_other(data)


def encode(pixels: "Pixels", *, codec: Codec = "jpeg", quality: int = 92) -> bytes:
    """Encode (H, W, 3) uint8 pixels; WEBP and PNG keep every bit, and PNG takes planes of 8 or 16 bits too."""
    if codec == "jpeg":
        return encode_jpeg(pixels, quality=quality)
    import cv2

    ordered = pixels[:, :, ::-1] if pixels.ndim == 3 else pixels
    # A quality above 100 is OpenCV's way to ask for lossless WEBP.
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if codec == "webp" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    return bytes(cv2.imencode(f".{codec}", ordered, options)[1])


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
        # too short for a header, or of a rare kind, such as arithmetic coding or 12 bits
        if b"\xff\xda" not in data:
            raise ValueError("truncated JPEG: it ends inside its header") from None
        raise ValueError(f"unreadable JPEG: {_words(error)}") from None
    _refuse_bomb(width, height)
    if space in ("CMYK", "YCCK"):
        return _decode_other(data)
    try:
        return simplejpeg.decode_jpeg(  # type: ignore[no-any-return]
            data, colorspace="RGB", buffer=rooms().take((height, width, 3))
        )
    except ValueError as error:
        _refuse_damaged_jpeg(str(error))
        # Strict about every oddity of the file; Pillow refuses only what lacks pixels.
        return _decode_other(data)


def _refuse_damaged_jpeg(warning: str) -> None:
    """Raise for the warnings of libjpeg that mean missing or wrong pixels; others, such as padding, are harmless."""
    if "Premature end of JPEG file" in warning:
        raise ValueError("truncated JPEG: it ends before its last line")
    if "premature end of data segment" in warning or "bad Huffman code" in warning:
        raise ValueError(f"corrupt JPEG: {warning.removeprefix('Corrupt JPEG data: ')}")


def _plain_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of an opaque, still PNG or WEBP of 8-bit RGB, which OpenCV reads at half the cost."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[24:26] == b"\x08\x02" and data[-8:-4] == b"IEND":
        before = data[: data.find(b"IDAT")]
        plain = b"tRNS" not in before and b"acTL" not in before
        return (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) if plain else None
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    if data[12:16] == b"VP8X" and not data[20] & 0x12:  # neither alpha nor animation
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _decode_plain(data: bytes, width: int, height: int) -> "Pixels":
    import cv2
    import numpy as np

    _refuse_bomb(width, height)
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    found: Pixels | None = None
    if not _is_cut(data):
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    return _decode_other(data) if found is None else found


def _is_cut(data: bytes) -> bool:
    """Whether a WEBP is shorter than it says."""
    return data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") + 8 > len(data)


def _decode_other(data: bytes) -> "Pixels":
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    if _is_cut(data):
        raise ValueError(f"truncated {begins_like(data)}: it is shorter than it says")
    kind = "picture"
    Image.MAX_IMAGE_PIXELS = None  # one limit is enough, and ours says it in words
    try:
        with Image.open(io.BytesIO(data)) as opened:
            kind = str(opened.format)
            _refuse_bomb(*opened.size)
            return np.array(flat_rgb(opened))
    except UnidentifiedImageError:
        raise ValueError(_unknown(data)) from None
    except (OSError, SyntaxError, EOFError) as error:
        damage = "truncated" if "runcated" in str(error) else "corrupt"
        raise ValueError(f"{damage} {kind}: {_words(error)}") from None


def _words(error: Exception) -> str:
    """First words of a library's message."""
    return " ".join(str(error).split()).partition(", ")[0][:120] or type(error).__name__


# What is often called .jpg and is not one: first bytes in lower case -> what it is.
BEGINNINGS = (
    (b"\x89png", "PNG"),
    (b"gif8", "GIF"),
    (b"ii*\0", "TIFF"),
    (b"mm\0*", "TIFF"),
    (b"%pdf", "a PDF"),
    (b"pk\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a Git LFS pointer"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "XML"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (b"oggs", "an Ogg sound or video"),
    (b"flv", "a Flash video"),
    (b"id3", "an MP3 sound"),
    (b"8bps", "a Photoshop document"),
    (b"\x7felf", "a program"),
    (b"mz", "a program"),
    (b"\0\0\0\x0cjxl ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cjp  ", "JPEG 2000"),
)
PICTURES = ("AVIF", "GIF", "HEIC", "JPEG 2000", "JPEG XL", "PNG", "TIFF", "WEBP", "a Photoshop document")
BRANDS = {
    b"avi": "AVIF",
    b"hei": "HEIC",
    b"hev": "HEIC",
    b"mif": "HEIC",
    b"msf": "HEIC",
    b"qt ": "a QuickTime video",
}


def begins_like(data: bytes) -> str:
    """Name what bytes begin like, for an error message."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:8] == b"ftyp":
        return BRANDS.get(data[8:11], "an MP4 video")
    if data[:4] == b"RIFF":
        return {b"WEBP": "WEBP", b"AVI ": "an AVI video", b"WAVE": "a WAVE sound"}.get(
            data[8:12], "a RIFF file"
        )
    for beginning, name in BEGINNINGS:
        if head.startswith(beginning):
            return name
    if not data[:4096].strip(b"\0"):
        return "zeros"
    return "text" if _is_text(data[:512]) else "nothing that is known"


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not just a letter that the end of the head cuts
            return False
        text = head[: error.start].decode("utf-8")
    return all(each.isprintable() or each.isspace() for each in text)


def _unknown(data: bytes) -> str:
    name = begins_like(data)
    if name in PICTURES:
        return f"unreadable {name}: it is truncated, corrupt, or of a kind that has no reader here"
    return f"not a picture: it begins like {name}"


def flat_rgb(opened: Any) -> Any:
    """Turn any Pillow image into RGB: first frame, 16 bit scaled, palette expanded, alpha over white."""
    from PIL import Image

    if opened.mode.startswith("I;16") or opened.mode == "I":
        opened = opened.point(lambda value: value / 256).convert("L")
    if opened.mode == "F":  # 0..1 by custom, else 0..255
        most = opened.getextrema()[1]
        opened = opened.point(lambda value: value * (255 if most <= 1 else 1)).convert("L")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        opened = opened.convert("RGBA")
        white = Image.new("RGBA", opened.size, "white")
        return Image.alpha_composite(white, opened).convert("RGB")
    return opened.convert("RGB")


def _refuse_bomb(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"too large: {width}x{height} pixels (at most {MAX_PIXELS // 1_000_000} megapixels)")
