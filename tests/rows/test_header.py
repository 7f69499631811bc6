"""The header operator: facts without a decode, and signs of a generative program in the metadata."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from conftest import scene
from firered.descriptors import containers
from firered.descriptors.generators import signatures
from firered.descriptors.tags import exif_tags
from firered.operators.screen.header import HEAD, header
from firered.planting.base import Base
from firered.planting.generated import generated_metadata
from firered.rows import Header

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmp:CreatorTool="GIMP 2.10" {}/>'
    "</rdf:RDF></x:xmpmeta>"
)
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


Read = Callable[..., Header]


@pytest.fixture
def read(tmp_path: Path):
    """Read the header of these bytes, by the name they are given."""

    def of(data: bytes, name: str = "picture.JPG") -> Header:
        path = tmp_path / name
        path.write_bytes(data)
        return header(1, str(path))

    return of


def saved(kind: str, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene(1, 40, 60)).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def exif(**values: str) -> bytes:
    tags = {"make": 0x010F, "model": 0x0110, "orientation": 0x0112, "software": 0x0131, "comment": 0x9286}
    written = Image.Exif()
    for name, value in values.items():
        if name == "comment":
            written.get_ifd(0x8769)[tags[name]] = b"UNICODE\0" + value.encode("utf-16-be")
        else:
            written[tags[name]] = int(value) if name == "orientation" else value
    return written.tobytes()


def png(**texts: str) -> bytes:
    told = PngInfo()
    for name, value in texts.items():
        told.add_text(name, value)
    return saved("PNG", pnginfo=told)


def app11(manifest: bytes) -> bytes:
    """A JPEG with these bytes in a JUMBF segment."""
    body = b"JP\0\1\0\0\0\1" + manifest
    segment = b"\xff\xeb" + struct.pack(">H", len(body) + 2) + body
    data = saved("JPEG")
    return data[:2] + segment + data[2:]


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}), ("JPEG", "L", {}), ("JPEG", "CMYK", {}), ("JPEG", "RGB", {"progressive": True}),
        ("PNG", "RGB", {}), ("PNG", "RGBA", {}), ("PNG", "L", {}), ("PNG", "LA", {}), ("PNG", "P", {}), ("PNG", "1", {}),
        ("PNG", "I;16", {}), ("WEBP", "RGB", {}), ("WEBP", "RGBA", {}), ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": True}), ("GIF", "P", {}), ("TIFF", "RGB", {}), ("BMP", "RGB", {}), ("AVIF", "RGB", {}),
    ],
)  # fmt: skip
def test_facts_are_those_that_pillow_finds(
    read: Read, kind: str, mode: str, options: dict[str, object]
) -> None:
    data = saved(kind, mode, **options)
    row = read(data)
    with Image.open(io.BytesIO(data)) as opened:
        expected = (opened.format, *opened.size, opened.mode, getattr(opened, "n_frames", 1))
    assert (row.format, row.width, row.height, row.mode, row.frames) == expected
    assert row.progressive == bool(options.get("progressive"))
    assert row.extension == "jpg"
    assert (row.camera, row.software, row.generator, row.c2pa, row.evidence) == ("", "", "", "", "")


def test_16_bit_colour_is_told_apart(read: Read) -> None:
    import cv2

    data = cv2.imencode(".png", np.zeros((5, 7, 3), np.uint16))[1].tobytes()
    assert read(data).mode == "RGB;16"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_frames_of_an_animation_are_counted(read: Read, kind: str) -> None:
    rest = [Image.new("RGB", (60, 40), (number, 0, 0)) for number in (90, 180, 250)]
    assert read(saved(kind, save_all=True, append_images=rest)).frames == 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_camera_software_and_orientation_come_from_exif(read: Read, kind: str) -> None:
    row = read(
        saved(kind, exif=exif(make="Canon", model="Canon EOS 5D", software="GIMP 2.10", orientation="6"))
    )
    assert (row.camera, row.software, row.orientation) == ("Canon EOS 5D", "GIMP 2.10", 6)
    assert row.generator == ""
    assert read(saved(kind, exif=exif(make="NIKON", model="D90"))).camera == "NIKON D90"


@pytest.mark.parametrize(
    ("data", "generator", "evidence"),
    [
        (png(parameters="a cat\nSteps: 20, Sampler: Euler a"), "Stable Diffusion", "text parameters: a cat Steps: 20"),
        (png(prompt='{"3": {"class_type": "KSampler"}}'), "ComfyUI", "text prompt: "),
        (png(invokeai_metadata="{}"), "InvokeAI", "text invokeai_metadata: "),
        (png(Software="NovelAI", Source="x"), "NovelAI", "text Software: NovelAI"),
        (png(Title="a cat", Description="a cat Job ID: 8a6d"), "Midjourney", "text Description: "),
        (saved("JPEG", exif=exif(comment="a cat\nSteps: 20, Sampler: DPM++")), "Stable Diffusion", "exif UserComment: "),
        (saved("WEBP", exif=exif(comment="a cat\nSteps: 20, Sampler: DPM++")), "Stable Diffusion", "exif UserComment: "),
        (saved("JPEG", exif=exif(software="Adobe Firefly 2")), "Adobe Firefly", "exif Software: "),
        (saved("JPEG", xmp=XMP.format(f'x:DigitalSourceType="{SOURCE}trainedAlgorithmicMedia"').encode()),
            "declared", "xmp DigitalSourceType: "),
        (saved("WEBP", xmp=XMP.format(f"x:DigitalSourceType='{SOURCE}compositeWithTrainedAlgorithmicMedia'").encode()),
            "declared in part", "xmp DigitalSourceType: "),
        (saved("JPEG", xmp=XMP.format("photoshop:Credit='Made with Google AI'").encode()), "Google", "xmp Credit: "),
        (saved("JPEG", comment=b"made by Midjourney"), "Midjourney", "text comment: "),
    ],
)  # fmt: skip
def test_generators_are_known_by_what_they_write(
    read: Read, data: bytes, generator: str, evidence: str
) -> None:
    row = read(data)
    assert row.generator == generator
    assert row.evidence.startswith(evidence)


@pytest.mark.parametrize(
    "data",
    [
        png(parameters="of the microscope: 20x"),
        png(prompt="say cheese"),
        png(Comment="Created with GIMP"),
        saved("JPEG", exif=exif(software="Adobe Photoshop 25.0", comment="a walk, many steps: 20")),
        saved("JPEG", xmp=XMP.format(f'x:DigitalSourceType="{SOURCE}digitalCapture"').encode()),
    ],
)
def test_ordinary_metadata_name_no_generator(read: Read, data: bytes) -> None:
    assert read(data).generator == ""


def test_text_after_the_pixels_of_a_png_is_found(read: Read) -> None:
    data = png(parameters="a cat\nSteps: 20, Sampler: Euler a")
    at = data.find(b"tEXt") - 4
    end = at + 12 + int.from_bytes(data[at : at + 4])
    chunk, rest = data[at:end], data[:at] + data[end:]
    assert read(rest[:-12] + chunk + rest[-12:]).generator == "Stable Diffusion"


def test_c2pa_tells_source_type_and_program(read: Read) -> None:
    name, kind = b"OpenAI image service", f"{SOURCE}trainedAlgorithmicMedia".encode()
    claim = b"jumbc2pa\x6fclaim_generator" + bytes([0x60 + len(name)]) + name
    row = read(app11(claim + b"\x71digitalSourceType\x78" + bytes([len(kind)]) + kind))
    assert (row.c2pa, row.generator) == ("trainedAlgorithmicMedia", "OpenAI")
    assert row.evidence == "c2pa claim_generator: OpenAI image service"
    assert read(app11(b"jumbc2pa, nothing to read")).c2pa == "present"
    assert read(app11(b"another box")).c2pa == ""


def test_planted_metadata_are_found(read: Read) -> None:
    base = Base(scene(1, 60, 80))
    found = [read(generated_metadata(base, np.random.default_rng(seed))[0]) for seed in range(12)]
    assert all(row.generator and row.evidence for row in found)


def test_metadata_beyond_the_head_are_read(read: Read) -> None:
    """JPEG segments that fill more than the head, WEBP chunks behind the pixels."""
    filler = b"\xff\xe2" + struct.pack(">H", 65_000) + bytes(64_998)
    data = saved("JPEG", exif=exif(model="X100"))
    assert read(data[:2] + filler * 2 + data[2:]).camera == "X100"
    webp = saved("WEBP", exif=exif(model="X100"))
    at = webp.find(b"EXIF")
    grown = webp[:at] + b"JUNK" + struct.pack("<I", 2 * HEAD) + bytes(2 * HEAD) + webp[at:]
    assert read(grown).camera == "X100"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty file"),
        (b"\xff\xd8\xff\xe0", "truncated JPEG: it ends inside its header"),
        (saved("JPEG")[:100], "truncated JPEG: it ends inside its header"),
        (saved("PNG")[:20], "truncated PNG: it ends inside its header"),
        (saved("WEBP")[:20], "truncated WEBP: it ends inside its header"),
        (b"<html><body>", "not a picture that can be read: it begins like HTML"),
    ],
)
def test_a_file_without_a_header_says_why(read: Read, data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(data)


@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_no_bytes_break_the_parser_but_with_a_value_error(junk: bytes, at: int, kind: str) -> None:
    data = saved(kind, exif=exif(make="A", comment="b"))
    broken = data[:at] + junk + data[at + len(junk) :]
    try:
        facts = containers.read(containers.taking(broken))
    except ValueError:
        return
    assert facts is None or all(isinstance(text, str) for text in exif_tags(facts.exif).values())


@given(st.binary(max_size=200), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_broken_exif_gives_what_can_be_read(junk: bytes, start: bytes) -> None:
    assert all(isinstance(text, str) for text in exif_tags(start + junk).values())


def test_every_signature_of_the_table_is_whole() -> None:
    assert len(signatures()) > 30
    for each in signatures():
        assert each.generator
        assert each.where in ("any", "text", "exif", "xmp", "iptc", "c2pa")
        assert each.name or each.contains
