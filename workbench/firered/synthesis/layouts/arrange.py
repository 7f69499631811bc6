"""From a layout's nodes to items at pixels: measured from the leaves up, placed from the root down."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from firered.synthesis.layouts.items import Drawing, Fill, Frame, Item, Letters
from firered.synthesis.layouts.model import Node, Plate, Tint
from firered.synthesis.layouts.setting import Setting, set_text
from firered.synthesis.layouts.state import State
from firered.synthesis.layouts.typefaces import typeface

_LEAST_UNIT = 3.0  # pixels
_CORNER = 1.2  # how much of its padding what stands on a round plate may lose at its corners


@dataclass(frozen=True)
class Block:
    """A node with its size in pixels."""

    node: Node
    width: float
    height: float
    children: tuple["Block", ...] = ()
    setting: Setting | None = None


@dataclass(frozen=True)
class Limits:
    """What holds two states together: by node, the largest share of a text's size, the least size of a plate."""

    most: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # pixels


@dataclass
class Arrangement:
    """Items of a state on a canvas of (height, width) pixels; the share of its size each text got, plates' sizes."""

    state: State
    width: int
    height: int
    limits: Limits
    items: list[Item] = field(default_factory=list)
    fits: dict[str, float] = field(default_factory=dict)
    plates: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def unit(self) -> float:
        """Pixels of one unit; on a small photograph letters take more of it, or nobody could read them."""
        unit = min(self.width, self.height) / 100
        return max(unit, _LEAST_UNIT) if self.state.file.mount == "overlay" else unit


def arrange(state: State, width: int, height: int, limits: Limits) -> Arrangement:
    """Arrange a state on a canvas; raises ValueError where something does not fit legibly."""
    made = Arrangement(state, width, height, limits)
    layout = state.file
    if layout.ground is not None:
        made.items.append(_fill(made, "", layout.ground, (0, 0, width, height)))
    for node in layout.nodes:
        if not state.shown(node).hidden:
            _hang(made, node)
    return made


def _hang(made: Arrangement, node: Node) -> None:
    """Place a node of the picture itself: in its box, or at its anchor."""
    unit = made.unit
    if node.box is not None:
        left, top, right, bottom = node.box
        width, height = (right - left) * made.width, (bottom - top) * made.height
        block = measure(made, node, width, fixed=(width, height))
        place(made, block, left * made.width, top * made.height, on_photo=made.state.file.mount == "overlay")
        return
    room = made.width - 2 * node.inset * unit
    block = measure(made, node, room)
    if block.height > made.height - 2 * node.inset * unit + 1:
        raise ValueError(
            f"{node.name or node.kind}: {block.height:.0f} pixels high, too high for the picture"
        )
    anchor = made.state.shown(node).anchor or node.anchor
    assert anchor is not None
    x = _along(made.width, block.width, node.inset * unit, -("left" in anchor) + ("right" in anchor))
    y = _along(made.height, block.height, node.inset * unit, -("top" in anchor) + ("bottom" in anchor))
    # From a whole pixel on, so that what moves from one anchor to another looks the same at both.
    place(made, block, round(x), round(y), on_photo=made.state.file.mount == "overlay")


def _along(whole: float, part: float, inset: float, side: int) -> float:
    return inset if side < 0 else whole - inset - part if side > 0 else (whole - part) / 2


# --- measuring ----------------------------------------------------------------------------------


def measure(made: Arrangement, node: Node, room: float, fixed: tuple[float, float] | None = None) -> Block:
    """Size of a node that may be `room` pixels wide; `fixed` is the size it is given."""
    unit = made.unit
    if isinstance(node.width, float | int):
        room = min(room, node.width * unit)
    inner = room - 2 * node.pad[0] * unit
    content = _content(made, node, inner)
    width = max(content.width + 2 * node.pad[0] * unit, node.least * unit)
    height = content.height + 2 * node.pad[1] * unit
    if node.width is not None:
        width = room
    if node.height is not None:
        height = node.height * unit
    if node.plate is not None:
        width, height = _plate_size(made, node, width, height)
    if fixed is not None:
        if content.height > fixed[1] + 1:
            raise ValueError(f"{node.name or node.kind}: too high for its box")
        width, height = fixed
    return Block(node, width, height, content.children, content.setting)


def _plate_size(made: Arrangement, node: Node, width: float, height: float) -> tuple[float, float]:
    """Size of a plate: round ones are as wide as high, and both states of a pair have the larger one."""
    assert node.plate is not None
    if node.plate.form in ("circle", "burst", "hexagon"):
        across, down = (
            size - _CORNER * pad * made.unit for size, pad in zip((width, height), node.pad, strict=True)
        )
        width = height = max(width, height, math.hypot(across, down))
    least = made.limits.least.get(node.name, (0.0, 0.0))
    made.plates[node.name] = max(width, least[0]), max(height, least[1])
    return made.plates[node.name]


def _content(made: Arrangement, node: Node, room: float) -> Block:
    """Size of what a node holds, without its padding."""
    unit = made.unit
    if node.kind == "text":
        return _text(made, node, min(room, node.widest * unit))
    if node.kind in ("stack", "row"):
        return _several(made, node, room)
    side = node.size * unit * made.state.shown(node).scale
    if node.kind in ("mark", "icon"):
        return Block(node, side, side)
    return Block(node, 0, 0)


def _text(made: Arrangement, node: Node, room: float) -> Block:
    state, shown = made.state, made.state.shown(node)
    language = state.language_of(node)
    face = typeface(shown.role or node.role, language)
    path = face.path(face.nearest(shown.weight or node.weight))
    asked = node.size * made.unit * shown.scale
    most = made.limits.most.get(node.name, 1.0)
    setting = set_text(state.text(node), path, asked, room, count=node.lines, language=language, most=most)
    if node.name:
        made.fits[node.name] = setting.fit
    # The height is that of the asked size and of the lines, so that a text in another face moves nothing.
    return Block(node, setting.width, asked * node.leading * len(setting.lines), setting=setting)


def _several(made: Arrangement, node: Node, room: float) -> Block:
    gap = node.gap * made.unit
    children: list[Block] = []
    left = room
    for child in node.children:
        block = measure(made, child, left)
        children.append(block)
        if node.kind == "row":
            left -= block.width + gap
    gaps = gap * max(0, len(children) - 1)
    widths, heights = [block.width for block in children], [block.height for block in children]
    if node.kind == "row":
        return Block(node, sum(widths) + gaps, max(heights, default=0), tuple(children))
    return Block(node, max(widths, default=0), sum(heights) + gaps, tuple(children))


# --- placing ------------------------------------------------------------------------------------


def place(made: Arrangement, block: Block, x: float, y: float, *, on_photo: bool) -> None:
    """Add the items of a block whose upper left corner is at x, y; a hidden one keeps its place empty."""
    node, unit = block.node, made.unit
    if made.state.shown(node).hidden:
        return
    if node.plate is not None:
        made.items.append(_fill(made, node.name, node.plate, (x, y, block.width, block.height)))
        on_photo = on_photo and node.plate.opacity < 0.7
    if node.kind in ("stack", "row"):
        for child, across, down in _places(block, unit):
            place(made, child, x + across, y + down, on_photo=on_photo)
    else:
        made.items.extend(_leaf(made, block, x, y, on_photo=on_photo))


def _leaf(made: Arrangement, block: Block, x: float, y: float, *, on_photo: bool) -> Iterator[Item]:
    """Items of a node without children."""
    node = block.node
    if node.kind == "text":
        yield from _letters(made, block, x, y, on_photo)
    elif node.kind in ("mark", "icon"):
        yield _drawing(made, block, x, y, on_photo)
    elif node.kind == "rule":
        yield _rule(made, block, x, y)
    elif node.kind == "image":
        radius = node.plate.radius * made.unit if node.plate else 0
        left, top = round(x), round(y)
        yield Frame(
            node.name, left, top, round(x + block.width) - left, round(y + block.height) - top, radius
        )


def _places(block: Block, unit: float) -> Iterator[tuple[Block, float, float]]:
    """Each child with its place inside the block."""
    node, row = block.node, block.node.kind == "row"
    pads = (node.pad[0] * unit, node.pad[1] * unit)
    inner = (block.width - 2 * pads[0], block.height - 2 * pads[1])
    sizes = [child.width if row else child.height for child in block.children]
    gap = node.gap * unit
    free = inner[0 if row else 1] - sum(sizes) - gap * max(0, len(sizes) - 1)
    if node.justify == "apart" and len(sizes) > 1:
        gap, free = gap + free / (len(sizes) - 1), 0
    along = {"start": 0.0, "centre": free / 2, "end": free, "apart": 0.0}[node.justify]
    for child, size in zip(block.children, sizes, strict=True):
        across = inner[1] - child.height if row else inner[0] - child.width
        across = {"start": 0.0, "centre": across / 2, "end": across}[node.align]
        yield (
            (child, pads[0] + along, pads[1] + across) if row else (child, pads[0] + across, pads[1] + along)
        )
        along += size + gap


def _letters(made: Arrangement, block: Block, x: float, y: float, on_photo: bool) -> Iterator[Letters]:
    state, node, setting = made.state, block.node, block.setting
    assert setting is not None
    shown, language = state.shown(node), state.language_of(node)
    face = typeface(shown.role or node.role, language)
    weight = face.nearest(shown.weight or node.weight)
    pads = (node.pad[0] * made.unit, node.pad[1] * made.unit)
    high = (block.height - 2 * pads[1]) / len(setting.lines)
    for number, line in enumerate(setting.lines):
        free = block.width - 2 * pads[0] - line.advance
        start = x + pads[0] + {"start": 0.0, "centre": free / 2, "end": free}[node.align]
        middle = y + pads[1] + high * (number + 0.5)
        yield Letters(
            node.name, line.text, language, face.path(weight), setting.size,
            round(start), round(middle + (line.above - line.below) / 2),
            shown.ink or state.rgb(node.ink), on_photo, f"{face.role} {weight}",
        )  # fmt: skip


def _drawing(made: Arrangement, block: Block, x: float, y: float, on_photo: bool) -> Drawing:
    state, node = made.state, block.node
    shown = state.shown(node)
    second: Tint = "photo" if node.ink == "photo" else "accent" if node.ink == "ink" else "second"
    side = round(min(block.width, block.height))
    if side < 8:
        raise ValueError(f"{node.name or node.kind}: {side} pixels, too small to be seen")
    return Drawing(
        node.name, shown.mark or node.icon, round(x), round(y), side, shown.ink or state.rgb(node.ink),
        state.rgb(second), on_photo,
    )  # fmt: skip


def _rule(made: Arrangement, block: Block, x: float, y: float) -> Fill:
    rgb = made.state.rgb(block.node.ink)
    thick = max(1, round(block.height))
    return Fill(
        "", round(x), round(y), max(1, round(block.width)), thick, "rectangle", 0, rgb or (255, 255, 255)
    )


def _fill(made: Arrangement, name: str, plate: Plate, box: tuple[float, float, float, float]) -> Fill:
    state, unit = made.state, made.unit
    x, y, width, height = box
    left, top = round(x), round(y)
    fill = state.nodes[name].fill if name in state.nodes else None
    rgb = fill or state.rgb(plate.fill)
    assert rgb is not None, "a plate has a colour of its own"
    return Fill(
        name, left, top, round(x + width) - left, round(y + height) - top, plate.form, plate.radius * unit, rgb,
        to=None if plate.to is None or fill else state.rgb(plate.to), border=round(plate.border * unit),
        line=state.rgb(plate.line) or (255, 255, 255),
        shadow=round(plate.shadow * unit), opacity=plate.opacity,
    )  # fmt: skip
