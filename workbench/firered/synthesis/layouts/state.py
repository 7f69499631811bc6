"""What a layout shows at one moment: the text, colours, faces and places of its nodes."""

from collections.abc import Mapping
from typing import Any

from firered.synthesis.layouts.model import Anchor, Layout, Node, Palette, Tint, layouts, palettes
from firered.synthesis.layouts.typefaces import Role, Weight
from firered.templating.filters import Language, Rgb, Strict


class Shown(Strict):
    """What one node shows, where that is not what the layout file says."""

    text: str | None = None
    language: Language | None = None
    hidden: bool = False
    ink: Rgb | None = None
    fill: Rgb | None = None
    role: Role | None = None
    weight: Weight | None = None
    scale: float = 1.0
    anchor: Anchor | None = None
    mark: str | None = None


class State(Strict):
    """A layout in one state; `nodes` by name."""

    layout: str
    palette: str
    language: Language
    nodes: dict[str, Shown] = {}
    stand: tuple[float, ...] = ()  # of a piece in perspective: x, y, breadth, yaw, pitch, roll
    absent: bool = False  # nothing of the layout is there

    @property
    def file(self) -> Layout:
        """The layout."""
        return layouts()[self.layout]

    @property
    def colors(self) -> Palette:
        """The palette."""
        return palettes()[self.palette]

    def shown(self, node: Node) -> Shown:
        """What a node shows."""
        return self.nodes.get(node.name, Shown())

    def language_of(self, node: Node) -> Language:
        """Language of a node's text."""
        return self.shown(node).language or self.language

    def text(self, node: Node) -> str:
        """The string that a text node is set in, as it is drawn."""
        said = node.fixed[self.language] if node.fixed else self.shown(node).text
        if not said:
            raise ValueError(f"layout {self.layout!r}: no text for {node.name!r}")
        return said.upper() if node.upper else said

    def rgb(self, tint: Tint) -> Rgb | None:
        """Colour of a tint; None for letters that take theirs from the photograph."""
        found: Rgb | None = None if tint == "photo" else getattr(self.colors, tint)
        return found

    def changed(self, nodes: Mapping[str, Mapping[str, Any]]) -> "State":
        """Same state with some nodes shown otherwise."""
        merged = {name: shown.model_dump() for name, shown in self.nodes.items()}
        for name, change in nodes.items():
            merged[name] = {**merged.get(name, {}), **change}
        return self.model_copy(update={"nodes": {name: Shown(**shown) for name, shown in merged.items()}})
