"""One rendered picture of one person: framing, backdrop, pixels, and everything that is known of it."""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig import keypoints, scenery
from firered.synthesis.rig.body import Body, joints, load, shaped, target_weights
from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.figure import Built, Figure, build
from firered.synthesis.rig.light import Light
from firered.synthesis.rig.people import person
from firered.synthesis.rig.shade import Layer, draw_layer

Pixels = NDArray[np.uint8]
# Framings: height of the picture's middle above the joint of the head, distance, what it shows; decimetres.
FRAMINGS = {
    "close": (0.12, 17.0, 3.7),
    "bust": (-0.15, 17.0, 4.9),
    "hand": (-0.75, 24.0, 6.6),
    "waist": (-1.7, 28.0, 10.0),
    "knee": (-3.5, 36.0, 13.6),
    "half": (-2.4, 38.0, 16.2),
    "full": (-5.7, 56.0, 24.2),
}


@dataclass(frozen=True)
class Shot:
    """A person before a backdrop, seen by a camera."""

    figure: Figure
    camera: Camera
    light: Light
    studio: bool
    identity: int
    facing: float  # azimuth at which the photograph's middle lies behind the person
    size: tuple[int, int]  # height, width


@dataclass(frozen=True)
class Taken:
    """A rendered shot and its truth; `truth` has coordinates in 0..1 of the picture."""

    pixels: Pixels
    person: NDArray[np.bool_]  # (H, W)
    depth: NDArray[np.uint16]  # (H, W), 0 nearest to 65534 farthest of the person, 65535 elsewhere
    layer: Layer
    truth: dict[str, Any]


def first_shot(identity: int, framing: str, source: Pixels) -> Shot:
    """The shot of a seed before anything is changed."""
    random = Random(f"shot {identity}")
    who = person(identity)
    height, distance, shows = FRAMINGS[framing]
    body = load()
    head = joints(body, shaped(body, target_weights(who.figure.shape))).heads["head"]
    size = scenery.frame_of(source)
    # Tall pictures would cut shoulders and arms: what is shown grows with narrowness.
    shows = max(shows, (shows if framing in ("knee", "half", "full") else 0.85 * shows) * size[0] / size[1])
    camera = Camera(
        azimuth=round(random.uniform(-18, 18), 1),
        elevation=round(random.uniform(-2, 8), 1),
        distance=distance,
        target=(0.0, float(head[1]) + height, 0.2),
        focal=distance / shows,
    )
    shot = Shot(
        who.figure,
        camera,
        who.light,
        framing == "full" or random.random() < 0.3,
        identity,
        camera.azimuth,
        size,
    )
    radius = {"close": 4.5, "bust": 5.5, "hand": 7.0, "waist": 8.0, "knee": 9.5, "half": 11.0, "full": 13.0}[
        framing
    ]
    lit = scenery.lit_by(shot.light, backdrop(shot, source))
    return replace(shot, light=replace(lit, focus=(0.0, camera.target[1], 0.2, radius)))


def backdrop(shot: Shot, source: Pixels) -> Pixels:
    """What stands behind a shot's person, without shadow."""
    if shot.studio:
        return scenery.studio(Random(shot.identity), shot.size, person(shot.identity).light)
    # A camera that goes to the right sees a far backdrop move to the right, past the person.
    turned = np.radians(shot.facing - shot.camera.azimuth)
    shift = turned * shot.camera.focal * shot.size[0]
    return scenery.photograph(source, shot.size, blur=0.012, shift=float(shift))


def take(shot: Shot, source: Pixels) -> Taken:
    """Render a shot."""
    body = load()
    built = _built(shot.figure)
    layer = draw_layer(built.assembly, shot.camera, shot.light, built.painter, shot.size)
    behind = backdrop(shot, source)
    truth = _truth(body, shot, built, layer)
    if shot.studio and _feet_seen(truth):
        floor = float(built.assembly.points[:, 1].min())
        behind = scenery.floored(built.assembly, shot.camera, shot.light, behind, floor)
    pixels = scenery.composed(layer, behind)
    return Taken(pixels, layer.cover > 0.5, _depths(layer), layer, truth)


def _feet_seen(truth: dict[str, Any]) -> bool:
    """Whether both ankles are in the picture: elsewhere the floor would show a shadow of nothing."""
    return all(seen > 0 for _, _, seen in truth["keypoints"][15:17])


@lru_cache(maxsize=2)
def _built(figure: Figure) -> Built:
    return build(load(), figure)


def _depths(layer: Layer) -> NDArray[np.uint16]:
    seen = np.isfinite(layer.depth)
    if not seen.any():
        return np.full(layer.depth.shape, 65535, np.uint16)
    low, high = float(layer.depth[seen].min()), float(layer.depth[seen].max())
    scaled = (np.where(seen, layer.depth, low) - low) / max(high - low, 1e-6) * 65534
    return np.where(seen, scaled, 65535).astype(np.uint16)


def _truth(body: Body, shot: Shot, built: Built, layer: Layer) -> dict[str, Any]:
    camera = shot.camera
    return {
        "camera": {
            "azimuth": camera.azimuth,
            "elevation": camera.elevation,
            "distance": round(camera.distance, 3),
            "focal": round(camera.focal, 4),
        },
        "keypoints": keypoints.coco(body, built, camera, shot.size, layer.depth),
        "face": keypoints.face(body, built, camera, shot.size),
    }
