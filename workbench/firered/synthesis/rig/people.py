"""Who is drawn: identities, clothes, looks and light by a seed; the same seed gives the same person."""

from dataclasses import dataclass
from random import Random

from firered.synthesis.rig.body import Shape
from firered.synthesis.rig.figure import Figure, Garment
from firered.synthesis.rig.light import Light
from firered.synthesis.rig.paint import Cloth, Face, Rgb

# Skin from light to dark, along the middle of the range of measured human skin colours; sRGB.
SKINS: tuple[Rgb, ...] = (
    (243, 212, 194), (236, 196, 172), (227, 182, 154), (214, 166, 138), (197, 147, 118), (175, 125, 98),
    (150, 104, 80), (124, 84, 66), (100, 67, 54), (80, 54, 45),
)  # fmt: skip
HAIRS: tuple[Rgb, ...] = (
    (24, 19, 17),
    (44, 29, 21),
    (72, 46, 30),
    (104, 68, 42),
    (150, 106, 62),
    (188, 150, 96),
    (120, 56, 32),
)
IRISES: tuple[Rgb, ...] = (
    (70, 44, 26),
    (98, 64, 36),
    (112, 94, 52),
    (84, 112, 92),
    (92, 122, 150),
    (110, 120, 126),
)
SHORT_HAIR = ("buzz", "crop", "short", "curls", "afro", "bald")
LONG_HAIR = ("short", "bob", "long", "curls", "afro", "long")
TOPS = ("t-shirt", "v-neck", "long sleeves", "turtleneck", "tank top")
BOTTOMS = ("trousers", "shorts", "short skirt", "long skirt")
CLOTHS: tuple[Rgb, ...] = (
    (38, 60, 104), (60, 96, 160), (150, 44, 48), (196, 82, 60), (60, 110, 80), (96, 120, 96), (222, 190, 96),
    (222, 222, 218), (44, 44, 48), (110, 108, 112), (120, 84, 130), (206, 150, 160), (84, 62, 50), (170, 146, 116),
)  # fmt: skip
PATTERNS = ("plain", "plain", "plain", "stripes", "checks", "dots")
# Details of face and body and how much they vary (standard deviation of -1..1).
VARIED = {
    "nose/nose-scale-horiz": 0.35, "nose/nose-scale-vert": 0.3, "nose/nose-scale-depth": 0.3, "nose/nose-hump": 0.3,
    "nose/nose-volume": 0.3, "nose/nose-point-width": 0.3, "nose/nose-width2": 0.25, "nose/nose-base": 0.3,
    "mouth/mouth-scale-horiz": 0.3, "mouth/mouth-lowerlip-volume": 0.35, "mouth/mouth-upperlip-volume": 0.35,
    "mouth/mouth-trans": 0.25, "mouth/mouth-cupidsbow": 0.3, "chin/chin-width": 0.35, "chin/chin-height": 0.3,
    "chin/chin-prominent": 0.3, "chin/chin-bones": 0.3, "chin/chin-cleft": 0.25, "head/head-fat": 0.25,
    "head/head-scale-horiz": 0.2, "head/head-scale-vert": 0.2, "head/head-back-scale-depth": 0.3,
    "forehead/forehead-scale-vert": 0.3, "forehead/forehead-nubian": 0.25, "eyebrows/eyebrows-angle": 0.3,
    "eyebrows/eyebrows-trans": 0.3, "neck/neck-scale-horiz": 0.25, "neck/neck-scale-vert": 0.2,
    "cheek/cheek-bones": 0.35, "cheek/cheek-volume": 0.35, "eyes/eye-scale": 0.25, "eyes/eye-height2": 0.25,
    "eyes/eye-trans": 0.25, "eyes/eye-corner1": 0.3, "eyes/eye-corner2": 0.3, "ears/ear-scale": 0.3,
    "ears/ear-wing": 0.3, "torso/torso-vshape": 0.3, "torso/measure-waist-circ": 0.3, "torso/measure-hips-circ": 0.3,
    "torso/measure-shoulder-dist": 0.25,
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A figure without pose and expression, and the light on it."""

    figure: Figure
    light: Light


def person(seed: int) -> Person:
    """Person of a seed: an adult, dressed."""
    random = Random(f"person {seed}")
    male = random.random() < 0.5
    shape = _shape(random, male)
    age = shape.age
    hair = random.choice(SHORT_HAIR if male else LONG_HAIR)
    if age > 0.5 and hair == "afro":
        hair = "crop"
    figure = Figure(
        shape=shape,
        face=_face(random, shape, male),
        hair=hair,
        hair_line=random.uniform(-2, 5) + (9 * age if male else 0),
        gray=round(max(0.0, min(1.0, 2.2 * age - 0.8 + random.uniform(-0.2, 0.2))), 2),
        # A face at rest in the data looks grim.
        expression=(("mouthSmileLeft", 0.16), ("mouthSmileRight", 0.16), ("browInnerUp", 0.3)),
        garments=_garments(random, male),
    )
    return Person(figure, light(random))


def _shape(random: Random, male: bool) -> Shape:
    parts = [random.gammavariate(0.45, 1.0) + 0.01 for _ in range(3)]
    gender = random.uniform(0.78, 1.0) if male else random.uniform(0.0, 0.2)
    return Shape(
        gender=round(gender, 3),
        age=round(random.betavariate(0.9, 2.6), 3),
        muscle=round(min(0.9, max(0.25, random.gauss(0.55 if male else 0.45, 0.13))), 3),
        weight=round(min(0.85, max(0.25, random.gauss(0.48, 0.12))), 3),
        height=round(min(0.8, max(0.2, random.gauss(0.5, 0.12))), 3),
        proportions=round(random.uniform(0.45, 0.9), 3),
        descent=(parts[0] / sum(parts), parts[1] / sum(parts), parts[2] / sum(parts)),
        details=tuple(
            (name, round(max(-0.8, min(0.8, random.gauss(0, width))), 3)) for name, width in VARIED.items()
        ),
    )


def _face(random: Random, shape: Shape, male: bool) -> Face:
    # Darker skin goes with the first descent, lighter with the last, with much overlap.
    middle = 7.2 * shape.descent[0] + 2.6 * shape.descent[1] + 1.6 * shape.descent[2]
    place = min(len(SKINS) - 1.001, max(0.0, random.gauss(middle, 0.8)))
    dark = place > 4.5
    return Face(
        skin=_between(SKINS, place),
        iris=random.choice(IRISES[:2] if dark else IRISES),
        hair=random.choice(HAIRS[:2] if dark else HAIRS),
        blush=round(random.uniform(0, 0.3), 2),
        freckles=round(random.uniform(0.3, 0.7), 2) if not dark and random.random() < 0.12 else 0.0,
        stubble=round(random.uniform(0.2, 0.75), 2) if male and random.random() < 0.5 else 0.0,
        brows=round(random.uniform(0.9, 1.3) if male else random.uniform(0.6, 0.95), 2),
        seed=random.randrange(1000),
    )


def _between(colors: tuple[Rgb, ...], place: float) -> Rgb:
    low, share = colors[int(place)], place - int(place)
    high = colors[int(place) + 1]
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def cloth(random: Random, *, plain: bool = False) -> Cloth:
    """Cloth of a garment."""
    color, second = random.sample(CLOTHS, 2)
    return Cloth(color, "plain" if plain else random.choice(PATTERNS), second, random.randrange(1000))


def _garments(random: Random, male: bool) -> tuple[Garment, ...]:
    bottom = random.choice(BOTTOMS[:2] if male else BOTTOMS)
    top = random.choice(TOPS)
    return (
        Garment(bottom, cloth(random, plain=True)),
        Garment(top, cloth(random)),
        Garment("shoes", Cloth(random.choice(((40, 32, 30), (70, 46, 32), (210, 208, 204), (52, 58, 72))))),
    )


def light(random: Random) -> Light:
    """A key light from one side above, not far from white."""
    side = random.choice((-1, 1))
    warmth, power = random.uniform(-0.05, 0.05), random.uniform(1.0, 1.25)
    return Light(
        azimuth=round(side * random.uniform(25, 60), 1),
        elevation=round(random.uniform(22, 50), 1),
        color=(power * (1 + warmth), power, power * (1 - warmth)),
        softness=round(random.uniform(0.15, 0.5), 2),
    )
