"""What things are made of: clay, ceramic, metals, wood, marble, each with its shine."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.light import Light
from firered.synthesis.rig.noise import noise
from firered.synthesis.rig.paint import Rgb, linear
from firered.synthesis.rig.shade import Painter, Spots, Surface, dot

Floats = NDArray[np.float32]
METALS: dict[str, tuple[float, float, float]] = {"chrome": (0.78, 0.79, 0.80), "gold": (0.95, 0.66, 0.27)}
WOOD = (np.array([0.35, 0.17, 0.07], np.float32), np.array([0.17, 0.07, 0.03], np.float32))


def around(light: Light, ways: Floats) -> Floats:
    """What a mirror shows in directions (N, 3): sky, ground, horizon and a bright window towards the key light."""
    up = ways[:, 1:2]
    sky, ground = np.array(light.sky, np.float32), np.array(light.ground, np.float32)
    share = np.clip(up * 4 + 0.5, 0, 1)
    base = ground * (1 - share) * (1.3 + 0.7 * up) + sky * share * (2.0 - 1.0 * up)
    window = np.clip((ways @ light.direction() - 0.86) / 0.06, 0, 1)[:, None]
    far = np.clip((ways @ (light.direction() * np.array([-1, 0.6, 1], np.float32)) - 0.82) / 0.1, 0, 1)[
        :, None
    ]
    return np.asarray(base + 2.2 * window * np.array(light.color, np.float32) + 0.5 * far, np.float32)


def painter(material: str, color: Rgb, light: Light, seed: int) -> Painter:
    """Paint of a thing that is one material throughout; clay and ceramic take the colour."""
    make = _SUBSTANCES.get(material, _metal(material))

    def painted(name: str, spots: Spots) -> Surface:
        del name
        return make(spots, linear(color), light, seed)

    return painted


def _mirrored(spots: Spots, light: Light) -> Floats:
    facing = dot(spots.normals, spots.view)
    return around(light, 2 * facing * spots.normals - spots.view)


def _schlick(spots: Spots, straight: float) -> Floats:
    facing = np.clip(dot(spots.normals, spots.view), 0, 1)
    return np.asarray(straight + (1 - straight) * (1 - facing) ** 5, np.float32)


def _matte(spots: Spots, color: Floats, light: Light, seed: int) -> Surface:
    grain = noise(spots.rest * 22, seed, octaves=3)[:, None]
    return Surface((color * (0.88 + 0.24 * grain)).astype(np.float32), roughness=0.95, specular=0.01)


def _glossy(spots: Spots, color: Floats, light: Light, seed: int) -> Surface:
    shine = _mirrored(spots, light) * _schlick(spots, 0.05)
    return Surface(np.ones_like(spots.rest) * color, roughness=0.12, specular=0.04, mirrored=shine)


def _wood(spots: Spots, color: Floats, light: Light, seed: int) -> Surface:
    bent = (
        spots.rest
        + 0.35 * noise(spots.rest * np.array([1.2, 0.4, 1.2], np.float32), seed, octaves=2)[:, None]
    )
    rings = np.hypot(bent[:, 0] + 1.3, bent[:, 2] - 0.8) * 4.5
    late = (rings % 1.0)[:, None].astype(np.float32) ** 2
    fibre = noise(spots.rest * np.array([40, 2.5, 40], np.float32), seed + 3, octaves=2)[:, None]
    tone = WOOD[0] * (1 - late) + WOOD[1] * late
    return Surface((tone * (0.75 + 0.5 * fibre)).astype(np.float32), roughness=0.5, specular=0.04)


def _marble(spots: Spots, color: Floats, light: Light, seed: int) -> Surface:
    warp = noise(spots.rest * 1.1, seed, octaves=4)
    veins = np.abs(np.sin((spots.rest[:, 0] + spots.rest[:, 1] * 0.7 + 3.2 * warp) * 2.6))
    dark = np.exp(-veins * 9)[:, None].astype(np.float32)
    tone = np.float32(0.74) * (1 - dark) + np.array([0.30, 0.31, 0.33], np.float32) * dark
    cloud = 0.9 + 0.15 * noise(spots.rest * 2.2, seed + 5, octaves=3)[:, None]
    shine = _mirrored(spots, light) * _schlick(spots, 0.04) * 0.7
    return Surface((tone * cloud).astype(np.float32), roughness=0.22, specular=0.04, mirrored=shine)


def _metal(material: str) -> Callable[[Spots, Floats, Light, int], Surface]:
    def made(spots: Spots, color: Floats, light: Light, seed: int) -> Surface:
        tint = np.array(METALS[material], np.float32)
        shine = _mirrored(spots, light) * (tint + (1 - tint) * _schlick(spots, 0.0))
        return Surface(np.zeros_like(spots.rest), roughness=0.15, specular=0.0, mirrored=shine)

    return made


_SUBSTANCES: dict[str, Callable[[Spots, Floats, Light, int], Surface]] = {
    "matte": _matte,
    "glossy": _glossy,
    "wood": _wood,
    "marble": _marble,
}
