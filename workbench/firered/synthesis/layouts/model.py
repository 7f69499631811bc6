"""What a layout file says: nodes in stacks and rows, hung on anchors of the picture or of a flat piece."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from firered.errors import TemplateError
from firered.paths import shipped
from firered.synthesis.layouts.shapes import marks
from firered.synthesis.layouts.typefaces import Role, Weight
from firered.templating.filters import Box, Language, Rgb, Strict, read_yaml

Anchor = Literal[
    "top_left", "top", "top_right", "left", "centre", "right", "bottom_left", "bottom", "bottom_right"
]
Mount = Literal["overlay", "framed", "plane"]
Kind = Literal["text", "logo", "price", "button", "badge", "subtitle", "poster", "card", "screen", "sign"]
Tint = Literal["ground", "second", "ink", "quiet", "accent", "on_accent", "photo"]
Form = Literal["rectangle", "circle", "burst", "tag", "ribbon", "bubble", "hexagon"]
Said = dict[Language, str]


class Plate(Strict):
    """A ground under a node: its form, fill, gradient, border and shadow; lengths in units."""

    form: Form = "rectangle"
    fill: Tint
    to: Tint | None = None  # a gradient downwards
    radius: float = 0
    border: float = 0
    line: Tint = "accent"
    shadow: float = 0  # softness; 0 is none
    opacity: float = Field(default=1.0, gt=0, le=1)


class Node(Strict):
    """A stack, a row, a text, a mark, an icon, a rule, an image or a space.

    Lengths are in units: a hundredth of the shorter side of the picture or the piece.
    """

    kind: Literal["stack", "row", "text", "mark", "icon", "rule", "image", "space"]
    name: str = ""  # needed where it can be edited
    anchor: Anchor | None = None  # of a node that hangs on the picture itself
    anchors: tuple[Anchor, ...] = ()  # places to which it may be moved
    box: Box | None = None  # or its fixed place, in shares of the picture
    inset: float = 4
    width: float | Literal["fill"] | None = None  # in units, or as much as the parent has
    height: float | None = None
    least: float = 0  # least width
    widest: float = 1000  # widest that a text may become, in units
    pad: tuple[float, float] = (0, 0)
    gap: float = 0
    align: Literal["start", "centre", "end"] = "centre"  # across the direction of a stack or row
    justify: Literal["start", "centre", "end", "apart"] = "centre"  # along it, where room is left
    plate: Plate | None = None
    children: tuple["Node", ...] = ()
    inventory: str = ""
    fixed: Said | None = None  # a text that never changes
    size: float = 6
    role: Role = "sans"
    weight: Weight = "regular"
    ink: Tint = "ink"
    upper: bool = False
    lines: int = Field(default=1, ge=1, le=4)
    leading: float = 1.3
    where: Said | None = None  # as instructions say it; {anchor} is its place
    what: Said | None = None  # what it is called, of a node that may be added, removed or recoloured
    icon: str = ""

    def walk(self) -> Iterator["Node"]:
        """Itself and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Piece(Strict):
    """A flat piece that is hung or laid in a photograph: its shape, its thing, and how it may stand."""

    width: float  # in units, where the shorter of width and height is 100
    height: float
    radius: float = 0
    stands: tuple[Literal["wall", "table"], ...] = ("wall",)
    noun: Said


class Layout(Strict):
    """A layout: nodes that hang on a photograph, round a framed one, or on a flat piece in perspective."""

    name: str
    kind: Kind
    mount: Mount
    ground: Plate | None = None  # of framed pictures and of pieces
    piece: Piece | None = None
    aspects: tuple[float, float] = (0.5, 2.4)  # width by height of the pictures that it suits
    palettes: tuple[str, ...] = ()  # all where none is named
    noun: Said
    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        """Node by its name."""
        return next(node for node in self.walk() if node.name == name)

    def walk(self) -> Iterator[Node]:
        """All nodes, parents before children."""
        for node in self.nodes:
            yield from node.walk()

    def texts(self) -> list[Node]:
        """Nodes of text that can be edited."""
        return [node for node in self.walk() if node.kind == "text" and node.inventory and node.where]


class Inventory(Strict):
    """Strings of a kind, [English, Chinese]; translated: each pair says the same."""

    translated: bool
    pairs: list[tuple[str, str]]

    def text(self, place: int, language: Language) -> str:
        """String by its place in the list."""
        return self.pairs[place][0 if language == "en" else 1]


class Palette(Strict):
    """Colours that go together."""

    ground: Rgb
    second: Rgb
    ink: Rgb
    quiet: Rgb
    accent: Rgb
    on_accent: Rgb


@cache
def inventories() -> dict[str, Inventory]:
    """Strings by kind; raises TemplateError naming file and key."""
    found: dict[str, Inventory] = read_yaml(
        shipped("templates") / "lexicon" / "lettering.yaml", dict[str, Inventory]
    )
    return found


@cache
def palettes() -> dict[str, Palette]:
    """Palettes by name; raises TemplateError naming file and key."""
    found: dict[str, Palette] = read_yaml(
        shipped("templates") / "lexicon" / "palettes.yaml", dict[str, Palette]
    )
    return found


@cache
def layouts(folder: Path | None = None) -> dict[str, Layout]:
    """Read and check all layouts; raises TemplateError naming file and key."""
    root = folder or shipped("templates") / "layouts" / "scenes"
    found: dict[str, Layout] = {path.stem: read_yaml(path, Layout) for path in sorted(root.glob("*.yaml"))}
    for stem, made in found.items():
        for problem in _problems(stem, made):
            raise TemplateError(f"scenes/{stem}.yaml: {problem}")
    return found


def _problems(stem: str, made: Layout) -> Iterator[str]:
    if made.name != stem:
        yield f"name: is {made.name!r} (name it {stem!r}, as the file)"
    if (made.mount == "plane") != (made.piece is not None):
        yield "piece: goes with mount: plane, and with that alone"
    if (made.mount == "overlay") != (made.ground is None):
        yield "ground: goes with every mount but overlay"
    for name in set(made.palettes) - set(palettes()):
        yield f"palettes: no palette {name!r} (one of: {', '.join(palettes())})"
    names = [node.name for node in made.walk() if node.name]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"nodes: two are named {name!r}"
    for node in made.walk():
        hangs = (node.anchor is None) != (node.box is None)
        found = _node_problems(node, hangs=hangs or node not in made.nodes)
        yield from (f"nodes.{node.name or node.kind}: {problem}" for problem in found)


def _node_problems(node: Node, *, hangs: bool) -> Iterator[str]:
    if not hangs:
        yield "needs an anchor or a box"
    if node.kind == "text" and bool(node.inventory) == bool(node.fixed):
        yield "a text has an inventory or a fixed string"
    if node.inventory and node.inventory not in inventories():
        yield f"inventory: no {node.inventory!r} (one of: {', '.join(inventories())})"
    if node.icon and node.icon not in marks():
        yield f"icon: no {node.icon!r} (one of: {', '.join(marks())})"
    if (node.where or node.what) and not node.name:
        yield "name: missing (it can be edited)"
    if node.anchor and node.anchors and node.anchor not in node.anchors:
        yield f"anchors: {node.anchor!r} is not among them"
