"""Preset configuration templates: what `templates/controls/` may say, and reading it with file and key in errors.

A preset turns a task and a prior (mask, box, points) into structured control: which masks qualify, how they are
grown and softened, how the work is cropped and put back, which editor fills them, and when the result is refused.
"""

import hashlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from firered.errors import ModelError, TemplateError
from firered.models import editor as editors
from firered.paths import shipped
from firered.synthesis.making import Wish
from firered.synthesis.primitives import primitives
from firered.templating.filters import Strict, Task, read_yaml

Share = float  # of the picture's longer side, or of its area


class Prior(Strict):
    """Which masks of a scene qualify."""

    kinds: list[Literal["salient", "person", "object", "face_skin"]] = Field(min_length=1)
    score: float = Field(default=0.0, ge=0, le=1)
    area: tuple[Share, Share] = (0.01, 0.9)
    sides: int = Field(default=4, ge=0, le=4)  # sides of the picture that the mask may touch
    footing: Share = Field(default=0.0, ge=0, le=1)  # least place of the mask's lower end, 1 is the bottom
    matte: bool = False  # only with a soft mask
    people: bool = True  # also where a person is in the mask
    only: list[str] = []  # labels; empty is all
    never: list[str] = []


class Growth(Strict):
    """How a mask is widened and softened, in shares of the longer side."""

    grow: Share = Field(default=0.0, ge=0, le=0.2)
    below: Share = Field(default=0.0, ge=0, le=0.2)  # further downward, where shadows lie
    feather: Share = Field(default=0.0, ge=0, le=0.1)
    shadow: bool = False  # the shadow on even ground goes, too


class Crop(Strict):
    """The window of crop-and-stitch."""

    context: float = Field(default=0.6, ge=0, le=4)  # of the mask's size, on each side
    side: int = Field(default=512, ge=64, le=4096)  # pixels at which the window is worked on at most


class Limits(Strict):
    """Measured conditions beyond which the result is refused; null is no limit."""

    energy: float | None = None  # of a patch-match fill, units of L
    spread: float | None = None  # of the ring around the mask, OKLab
    patchwork: float | None = None  # of the means of its sectors
    crossing: float | None = None  # share of the ring on edges that run into the mask
    open: float | None = None  # least share of the sectors inside of the picture
    seam: float | None = None  # step across the border over that around it
    step: float | None = None  # of tone between the two sides of the border, OKLab
    area: float | None = None  # largest share of the picture that is filled
    tone: float | None = None  # largest distance of the new ground's mean colour from the old one's, OKLab
    chroma: float | None = None  # least chroma in the mask, OKLab
    change: float | None = None  # least change, OKLab; of a blur, levels
    soft: float | None = None  # largest share of the matte's area that is neither in nor out
    vague: float | None = None  # largest width of a soft part, share of the longer side
    adjoining: float | None = None  # largest share of the rim where something adjoins on plain ground
    cut: float | None = None  # the same share of another photograph's matte
    ratio: float | None = None  # largest ratio of the shapes of two things
    busy: float | None = None  # largest share of another picture that its own subject takes


class Options(Strict):
    """What single makers choose from."""

    colors: list[str] = []  # of lexicon/colors.yaml
    grounds: list[Literal["photo", "color", "gradient", "blurred"]] = []
    materials: list[str] = []  # of lexicon/materials.yaml
    radii: list[Share] = []  # of a blur
    stops: list[float] = []
    sides: list[Literal["left", "right", "top", "bottom"]] = []
    percents: list[int] = []
    harmony: float = Field(default=0.5, ge=0, le=1)
    lightness: float = Field(default=0.6, ge=0, le=1)
    strength: float | None = Field(default=None, ge=0, le=1)  # of an editor
    poses: list[str] = []  # of lexicon/redirections.yaml
    expressions: list[str] = []  # of the same


class Preset(Strict):
    """One preset: a file of `templates/controls/`."""

    name: str
    version: int = 1
    maker: str
    task: Task
    primitive: str
    prior: Prior
    mask: Growth = Growth()
    crop: Crop | None = None
    paste_back: bool = True  # untouched pixels are put back, bit for bit
    editor: str | None = None  # spec of what works inside the mask; null: the maker itself
    settings: dict[str, Any] = {}  # of the editor: pipeline, controlnet, steps ...
    control_image: Literal["skeleton", "edges", "none"] = "none"
    limits: Limits = Limits()
    options: Options = Options()

    @field_validator("editor")
    @classmethod
    def _known(cls, spec: str | None) -> str | None:
        try:
            if spec is not None:
                editors.kind_of(spec)
        except ModelError as error:
            raise ValueError(str(error)) from None
        return spec


@cache
def control_presets(folder: Path | None = None) -> dict[str, Preset]:
    """Read and check all presets; raises TemplateError naming file and key."""
    root = (folder or shipped("templates")) / "controls"
    found: dict[str, Preset] = {path.stem: read_yaml(path, Preset) for path in sorted(root.glob("*.yaml"))}
    known = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "control")])}
    for stem, preset in found.items():
        if preset.name != stem:
            raise TemplateError(
                f"controls/{stem}.yaml: name: is {preset.name!r} (name it {stem!r}, as the file)"
            )
        if preset.primitive not in primitives():
            raise TemplateError(f"controls/{stem}.yaml: primitive: no primitive {preset.primitive!r}")
        if preset.maker not in known:
            raise TemplateError(
                f"controls/{stem}.yaml: maker: no maker {preset.maker!r} (one of: {', '.join(sorted(known))})"
            )
    return found


def preset_of(wish: Wish) -> Preset:
    """The preset with which a wish was planned; raises ValueError where this version knows other keys."""
    try:
        return Preset(**wish.control["preset"])
    except ValidationError as error:
        first = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ValueError(
            f"planned by another version: preset.{first} is not known here (plan again)"
        ) from None


def of_maker(maker: str) -> list[Preset]:
    """Presets of one maker, by name."""
    return [preset for preset in control_presets().values() if preset.maker == maker]


def lacking() -> dict[str, str]:
    """Presets that can make nothing until they are given an editor, and what to set."""
    return {
        preset.name: f"controls/{preset.name}.yaml: editor: none (set hf:ID@COMMIT or path:FOLDER of an inpainting"
        " pipeline of diffusers, and settings.controlnet where a control image is named)"
        for preset in control_presets().values()
        if preset.maker == "redirect" and not preset.editor
    }


def digest(maker: str) -> str:
    """Digest of what a maker's presets say, 12 hex digits."""
    said = "\n".join(preset.model_dump_json() for preset in of_maker(maker))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
