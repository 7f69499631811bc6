"""Pictures as bytes, for servers: PNG out, whatever they send in, broken ones named for what they are."""

import base64
import io
import warnings
from typing import TYPE_CHECKING

from firered.models.remote import BadAnswer, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

MAX_PIXELS = 64_000_000  # a picture that claims more is refused before it is decoded
LEAST_LIKENESS = 0.95  # of two shapes: below, a picture would be visibly stretched


def png(pixels: "Pixels") -> bytes:
    """Encode (H, W), (H, W, 3) or (H, W, 4) uint8 pixels without loss."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def white_on_black(mask: "Mask") -> "Pixels":
    """A mask (H, W) as grey pixels: 255 where it holds."""
    import numpy as np

    return np.where(mask, 255, 0).astype(np.uint8)


def clear_where(pixels: "Pixels", mask: "Mask") -> "Pixels":
    """Pixels with an alpha channel (H, W, 4) that is 0 where the mask (H, W) holds: there servers may paint."""
    import numpy as np

    return np.dstack([pixels, np.where(mask, 0, 255).astype(np.uint8)])


def data_url(pixels: "Pixels") -> str:
    """A picture as text that stands in JSON."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def from_base64(text: str, where: str) -> bytes:
    """Bytes of base64, with or without `data:...,` before it; raises BadAnswer."""
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except ValueError:
        raise BadAnswer(f"{where}: a picture that is not base64: {text[:40]!r}") from None


def opened(data: bytes, where: str, *, kind: str = "") -> "Pixels":
    """Decode bytes to (H, W, 3) uint8 RGB, alpha over white; raises BadAnswer that names what came instead."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data))
        if picture.width * picture.height > MAX_PIXELS:
            raise BadAnswer(f"{where}: a picture of {picture.width}x{picture.height} pixels came back")
        whole = picture.convert("RGBA")
    except UnidentifiedImageError:
        raise BadAnswer(f"{where}: not a picture: {shown(kind, data)}") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BadAnswer):
            raise
        raise BadAnswer(f"{where}: a broken picture of {len(data)} bytes: {error}") from None
    flat = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB")
    return np.asarray(flat, dtype=np.uint8)


def resized(pixels: "Pixels", height: int, width: int) -> "Pixels":
    """Bring pixels to a size; nothing where they have it."""
    import cv2
    import numpy as np

    if pixels.shape[:2] == (height, width):
        return pixels
    smaller = height * width < pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way), dtype=np.uint8)


def within(pixels: "Pixels", max_side: int) -> "Pixels":
    """Bring the longer side to `max_side` at most; smaller pictures come back as they are."""
    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return pixels
    return resized(pixels, max(1, round(height * scale)), max(1, round(width * scale)))


def fitted(pixels: "Pixels", height: int, width: int, where: str) -> "Pixels":
    """Bring an answer to the size of its source; raises BadAnswer where its shape is another one."""
    ratio = (pixels.shape[1] / pixels.shape[0]) / (width / height)
    if min(ratio, 1 / ratio) < LEAST_LIKENESS:
        came = f"{pixels.shape[1]}x{pixels.shape[0]}"
        raise BadAnswer(f"{where}: {came} came back for a picture of {width}x{height} (set keep_size: false)")
    return resized(pixels, height, width)
