"""A draft: a layout chosen for a scene, filled with texts and marks, hung where it covers nothing that matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from firered.synthesis.layouts import perspective, shapes, wording
from firered.synthesis.layouts.model import Anchor, Layout, Mount, Node, inventories, palettes
from firered.synthesis.layouts.perspective import Stand
from firered.synthesis.layouts.state import State
from firered.synthesis.scene import Box, Scene
from firered.templating.filters import LANGUAGES, Language

_TRIES = 8
_EDITED = 512  # pixels, longer side
_LEAST_SIDE: dict[Mount, float] = {"overlay": 180, "framed": 300, "plane": 240}  # pixels
_NEVER = 5.0  # cost at which a place is not taken


@dataclass(frozen=True)
class Draft:
    """A state and the scene that it is meant for."""

    state: State
    scene: Scene

    @property
    def file(self) -> Layout:
        """The layout."""
        return self.state.file

    def language(self, node: Node) -> Language:
        """Language of a node."""
        return self.state.language_of(node)


def suits(layout: Layout, scene: Scene) -> bool:
    """Whether a layout suits the shape of a picture."""
    low, high = layout.aspects
    fits = low <= scene.width / max(1, scene.height) <= high
    return fits and short_side(scene) >= _LEAST_SIDE[layout.mount]


def short_side(scene: Scene) -> float:
    """Shorter side in pixels of a picture as large as it is edited at least."""
    return min(scene.width, scene.height) * min(1.0, _EDITED / max(scene.width, scene.height))


def draft(layout: Layout, scene: Scene, random: Random) -> Draft | None:
    """Fill a layout for a scene; None where there is no free place for it."""
    language = random.choice(LANGUAGES)
    nodes = {node.name: _content(node, language, random) for node in layout.walk() if node.name}
    stand: tuple[float, ...] = ()
    if layout.piece is not None:
        found = _stand(layout, scene, random)
        if found is None:
            return None
        stand = found
    else:
        for node in layout.nodes:
            if node.anchors:
                anchor = _anchor(node, scene, random)
                if anchor is None:
                    return None
                nodes[node.name]["anchor"] = anchor
    palette = random.choice(layout.palettes or tuple(palettes()))
    plain = State(layout=layout.name, palette=palette, language=language, stand=stand)
    return Draft(plain.changed({name: shown for name, shown in nodes.items() if shown}), scene)


def other_text(node: Node, language: Language, present: str, random: Random) -> str | None:
    """Another string of the same kind, of a like length so that the layout holds; None where there is none."""
    pairs = range(len(inventories()[node.inventory].pairs))
    texts = [inventories()[node.inventory].text(place, language) for place in pairs]
    alike = [text for text in texts if text != present and 0.5 <= len(text) / len(present) <= 1.7]
    return random.choice(alike) if alike else None


def translation(node: Node, language: Language, present: str) -> str | None:
    """The same string in another language; None where its kind is not translated."""
    inventory = inventories()[node.inventory]
    if not inventory.translated:
        return None
    first: Language = "zh" if language == "en" else "en"
    for place in range(len(inventory.pairs)):
        if inventory.text(place, first) == present:
            return inventory.text(place, language)
    return None


def costs(scene: Scene, zone: Box) -> float:
    """What a zone would cover: faces and text must stay free, the subject better does."""
    total = 0.0
    for weight, boxes in (
        (40.0, [face.box for face in scene.faces]),
        (12.0, [text.box for text in scene.texts if text.score > 0.5]),
        (3.0, [mask.box for mask in scene.masks if mask.kind in ("salient", "person")]),
    ):
        total += weight * sum(_overlap(zone, box) / max(1e-4, min(zone.area, box.area)) for box in boxes)
    return total


def _content(node: Node, language: Language, random: Random) -> dict[str, Any]:
    if node.kind == "text" and node.inventory:
        inventory = inventories()[node.inventory]
        return {"text": inventory.text(random.randrange(len(inventory.pairs)), language)}
    return {"mark": random.choice(shapes.logos())} if node.kind == "mark" else {}


def _anchor(node: Node, scene: Scene, random: Random) -> Anchor | None:
    """The place that covers least, by chance among equals."""
    options: list[Anchor] = random.sample(node.anchors, len(node.anchors))
    best = min(options, key=lambda anchor: costs(scene, zone_of(anchor)))
    return best if costs(scene, zone_of(best)) < _NEVER else None


def zone_of(anchor: Anchor) -> Box:
    """Part of the picture that something at an anchor covers, roughly."""
    x = 0.25 if "left" in anchor else 0.75 if "right" in anchor else 0.5
    y = 0.14 if "top" in anchor else 0.86 if "bottom" in anchor else 0.5
    return Box(left=x - 0.22, top=y - 0.12, right=x + 0.22, bottom=y + 0.12)


def apart(scene: Scene, old: Anchor, new: Anchor) -> bool:
    """Whether something can move from one place to another: nothing in common, and nothing in the way."""
    there = zone_of(new)
    return _overlap(zone_of(old), there) == 0 and costs(scene, there) < _NEVER / 2


def _stand(layout: Layout, scene: Scene, random: Random) -> tuple[float, ...] | None:
    """A free place in the picture for a flat piece, and how it stands there."""
    assert layout.piece is not None
    aspect = layout.piece.width / layout.piece.height
    found: list[tuple[float, tuple[float, ...]]] = []
    for _ in range(_TRIES):
        stand = _any_stand(layout.piece.stands, random)
        try:
            corners = perspective.corners(Stand(*stand), aspect, scene.width, scene.height)
        except ValueError:
            continue
        left, top = corners.min(axis=0) / (scene.width, scene.height)
        right, bottom = corners.max(axis=0) / (scene.width, scene.height)
        zone = Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom))
        found.append((costs(scene, zone), stand))
    best = min(found, key=lambda each: each[0], default=None)
    return best[1] if best and best[0] < _NEVER else None


def _any_stand(stands: Sequence[str], random: Random) -> tuple[float, ...]:
    lies = random.choice(stands) == "table"
    x = random.choice((0.26, 0.3, 0.5, 0.7, 0.74)) + random.uniform(-0.03, 0.03)
    y = random.choice((0.72, 0.76) if lies else (0.28, 0.32, 0.5, 0.7)) + random.uniform(-0.02, 0.02)
    breadth = random.uniform(0.42, 0.54)
    # It turns towards the middle of the picture, as if the eye were there.
    yaw = random.uniform(4, 26) * (1 if x < 0.5 else -1)
    if lies:
        turn = (random.uniform(-4, 4), random.uniform(-52, -42), random.uniform(-6, 6))
    else:
        turn = (yaw, random.uniform(-5, 5), random.uniform(-2.5, 2.5))
    return tuple(round(value, 4) for value in (x, y, breadth, *turn))


def _overlap(one: Box, other: Box) -> float:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, across) * max(0.0, down)


def chosen_place(made: Draft, name: str) -> Anchor:
    """Where a node of a draft is."""
    return wording.anchor_of(made.state, name)
