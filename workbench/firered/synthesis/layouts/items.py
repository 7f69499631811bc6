"""What is drawn: plates, letters, marks and pictures at their pixels. Equal items draw equal pixels."""

from dataclasses import dataclass
from pathlib import Path

from firered.synthesis.layouts.shaper import Shaped, shape
from firered.templating.filters import Language, Rgb

Extent = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Fill:
    """A plate: form, colours, border and shadow; lengths in pixels."""

    name: str
    left: int
    top: int
    width: int
    height: int
    form: str
    radius: float
    rgb: Rgb
    to: Rgb | None = None
    border: int = 0
    line: Rgb = (0, 0, 0)
    shadow: int = 0
    opacity: float = 1.0

    @property
    def box(self) -> Extent:
        """The plate itself."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def extent(self) -> Extent:
        """All pixels that it may touch, its shadow included."""
        reach, drop = 3 * self.shadow + (self.shadow > 0), self.shadow
        right, bottom = self.left + self.width, self.top + self.height
        return self.left - reach, self.top - reach + drop, right + reach, bottom + reach + drop


@dataclass(frozen=True)
class Letters:
    """A line of text; x and y are the pen's start on the baseline."""

    name: str
    text: str
    language: Language
    path: Path
    size: int
    x: int
    y: int
    ink: Rgb | None  # None: by the photograph
    on_photo: bool
    face: str  # role and weight
    stroke: float = 0.0
    edge: Rgb = (0, 0, 0)
    glow: float = 0.0  # softness of a halo in the edge's colour

    @property
    def shaped(self) -> Shaped:
        """Its shaped line."""
        return shape(self.path, self.size, self.text)

    @property
    def box(self) -> Extent:
        """Its ink."""
        left, top, right, bottom = self.shaped.ink
        return round(self.x + left), round(self.y + top), round(self.x + right), round(self.y + bottom)

    @property
    def extent(self) -> Extent:
        """All pixels that it may touch, outline and halo included."""
        left, top, right, bottom = self.shaped.ink
        reach = self.stroke + 3 * self.glow + 2
        return (
            int(self.x + left - reach), int(self.y + top - reach),
            int(self.x + right + reach) + 1, int(self.y + bottom + reach) + 1,
        )  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """A mark or an icon in a square."""

    name: str
    mark: str
    left: int
    top: int
    side: int
    first: Rgb | None
    second: Rgb | None
    on_photo: bool
    glow: float = 0.0
    edge: Rgb = (0, 0, 0)

    @property
    def box(self) -> Extent:
        """Its square."""
        return self.left, self.top, self.left + self.side, self.top + self.side

    @property
    def extent(self) -> Extent:
        """All pixels that it may touch."""
        reach = int(3 * self.glow + 1)
        return (
            self.left - reach,
            self.top - reach,
            self.left + self.side + reach,
            self.top + self.side + reach,
        )


@dataclass(frozen=True)
class Frame:
    """The photograph, cut to fill a box."""

    name: str
    left: int
    top: int
    width: int
    height: int
    radius: float

    @property
    def box(self) -> Extent:
        """All of it."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def extent(self) -> Extent:
        """All pixels that it may touch."""
        return self.box


Item = Fill | Letters | Drawing | Frame
