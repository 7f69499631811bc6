"""Signs of generated pictures: what generators write into files, and a stand-in for their statistics."""

import io
import json
from collections.abc import Callable

import cv2
import numpy as np

from firered.planting import encoding
from firered.planting.base import Base, Planted, between, clipped, one_of
from firered.templating.planes import Pixels, Plane

SOFTWARE = 0x0131  # EXIF tag
DESCRIPTION = 0x010E
PROMPT = "a lighthouse at dusk, oil on canvas\nNegative prompt: blurry\nSteps: 28, Sampler: Euler a, CFG scale: 7, Seed: {}, Size: 768x512, Model: sd_xl_base_1.0"
GENERATORS = ("Midjourney v6.1", "DALL-E 3", "Adobe Firefly", "NovelAI", "Stable Diffusion XL")
SOURCE_TYPES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{}"/></rdf:RDF></x:xmpmeta>'
)


def generated_metadata(base: Base, rng: np.random.Generator) -> Planted:
    """A healthy photograph whose file says that it was generated: PNG text, EXIF software or XMP source type."""
    kinds: dict[str, Callable[[Pixels, np.random.Generator], tuple[bytes, str]]]
    kinds = {"png parameters": _parameters, "png workflow": _workflow, "exif": _software, "xmp": _source_type}
    kind = one_of(rng, list(kinds))
    data, value = kinds[kind](base.pixels, rng)
    return data, {"kind": kind, "value": value}


def _parameters(pixels: Pixels, rng: np.random.Generator) -> tuple[bytes, str]:
    value = PROMPT.format(int(rng.integers(10**9)))
    return _png(pixels, "parameters", value), value


def _workflow(pixels: Pixels, rng: np.random.Generator) -> tuple[bytes, str]:
    seed = int(rng.integers(10**9))
    value = json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": seed, "steps": 20, "cfg": 8}}})
    return _png(pixels, "prompt", value), value


def _software(pixels: Pixels, rng: np.random.Generator) -> tuple[bytes, str]:
    from PIL import Image

    value = str(one_of(rng, GENERATORS))
    exif = Image.Exif()
    exif[SOFTWARE] = value
    exif[DESCRIPTION] = "a lighthouse at dusk"
    return encoding.jpeg(pixels, quality=92, exif=exif.tobytes()), value


def _source_type(pixels: Pixels, rng: np.random.Generator) -> tuple[bytes, str]:
    value = str(one_of(rng, SOURCE_TYPES))
    return encoding.jpeg(pixels, quality=92, xmp=XMP.format(value).encode()), value


def _png(pixels: Pixels, name: str, value: str) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text(name, value)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG", pnginfo=told)
    return written.getvalue()


def upsampled(base: Base, rng: np.random.Generator) -> Planted:
    """Made twice or four times smaller and enlarged as generators' decoders do: zeros put in, then an uneven kernel."""
    factor, kernel = one_of(rng, (2, 2, 4)), one_of(rng, (3, 5))
    height, width = (side // factor * factor for side in base.pixels.shape[:2])
    small = cv2.resize(
        base.pixels[:height, :width], (width // factor, height // factor), interpolation=cv2.INTER_AREA
    )
    uneven = between(rng, 0.02, 0.06)
    return _enlarged(small.astype(np.float32), factor, kernel, uneven), {
        "factor": factor,
        "kernel": kernel,
        "uneven": uneven,
    }


def _enlarged(small: "np.typing.NDArray[np.float32]", factor: int, kernel: int, uneven: float) -> Pixels:
    """Transposed convolution whose kernel gives some phases `uneven` more weight than others."""
    pixels = small
    while factor > 1:
        sparse = np.zeros((pixels.shape[0] * 2, pixels.shape[1] * 2, 3), np.float32)
        sparse[::2, ::2] = pixels
        pixels = cv2.filter2D(sparse, -1, _kernel(kernel, uneven), borderType=cv2.BORDER_REFLECT_101)
        factor //= 2
    return clipped(pixels)


def _kernel(size: int, uneven: float) -> Plane:
    # A pixel of each phase is reached by other weights; they sum to 1 a phase, but for the unevenness.
    line = {3: np.array([0.5, 1, 0.5]), 5: np.array([-0.0625, 0.5, 1.125, 0.5, -0.0625])}[size]
    kernel: Plane = np.outer(line, line).astype(np.float32)
    kernel[size // 2, size // 2] *= 1 + uneven
    return kernel
