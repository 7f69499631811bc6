"""Still lifes: one thing on a studio floor, with its camera, light and truth."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig import people, scenery, solids, substances
from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.light import Light
from firered.synthesis.rig.paint import Rgb
from firered.synthesis.rig.parts import Part, assemble
from firered.synthesis.rig.shade import Layer, draw_layer

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Still:
    """A thing before a studio backdrop."""

    thing: str
    material: str
    color: Rgb
    turn: float  # degrees about the vertical, positive is counter-clockwise seen from above
    camera: Camera
    light: Light
    seed: int
    size: tuple[int, int]  # height, width


@dataclass(frozen=True)
class Picture:
    """A rendered still life and its truth."""

    pixels: Pixels
    thing: NDArray[np.bool_]  # (H, W)
    layer: Layer
    truth: dict[str, Any]


def first_still(seed: int, thing: str, material: str, source: Pixels) -> Still:
    """The still life of a seed before anything is changed."""
    random = Random(f"still {seed}")
    size = scenery.frame_of(source)
    camera = Camera(
        azimuth=0.0,
        elevation=round(random.uniform(14, 28), 1),
        distance=24.0,
        target=(0.0, 1.75, 0.0),
        focal=24.0 / max(7.0, 6.6 * size[0] / size[1]),
    )
    light = replace(people.light(random), softness=0.35, focus=(0.0, 1.8, 0.0, 6.5))
    color = random.choice(people.CLOTHS)
    still = Still(thing, material, color, random.uniform(-40, 40), camera, light, seed, size)
    return replace(still, light=scenery.lit_by(light, _backdrop(still)))


def take(still: Still) -> Picture:
    """Render a still life."""
    points, faces = solids.thing(still.thing)
    turned = solids.placed((points, faces), still.turn, (0, 0, 0))[0]
    assembly = assemble([Part("thing", turned, points, faces)])
    painter = substances.painter(still.material, still.color, still.light, still.seed % 1000)
    layer = draw_layer(assembly, still.camera, still.light, painter, still.size)
    behind = scenery.floored(assembly, still.camera, still.light, _backdrop(still), 0.0)
    pixels = scenery.composed(layer, behind)
    truth = {
        "thing": still.thing,
        "material": still.material,
        "turn": round(still.turn, 3),
        "box": _box(layer),
    }
    return Picture(pixels, layer.cover > 0.5, layer, truth)


def _backdrop(still: Still) -> Pixels:
    return scenery.studio(Random(still.seed), still.size, people.light(Random(still.seed)))


def _box(layer: Layer) -> list[float]:
    rows, columns = np.nonzero(layer.cover > 0.5)
    height, width = layer.cover.shape
    return [
        round(float(value), 5)
        for value in (
            columns.min() / width,
            rows.min() / height,
            (columns.max() + 1) / width,
            (rows.max() + 1) / height,
        )
    ]
