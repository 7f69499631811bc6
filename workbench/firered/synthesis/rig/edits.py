"""What can be asked of a rendered person: each edit changes one thing of a shot and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from firered.synthesis.making import Said
from firered.synthesis.rig import lexicon, people
from firered.synthesis.rig.figure import Figure, Garment
from firered.synthesis.rig.paint import Face, Rgb
from firered.synthesis.rig.pose import Arm, Leg, Pose
from firered.synthesis.rig.shots import Shot

Control = dict[str, Any]
Drawn = tuple[dict[str, Said], Control]
ALIKE = ({"t-shirt", "v-neck"}, {"long sleeves", "turtleneck"})  # garments that look much the same from afar
GAZE = (26.0, 17.0)  # degrees aside, and up or down
ARM_UP = Arm(upper=(0.22, -1.0, 0.2), fore=(-0.08, 1.0, 0.5), twist=50)  # shows the palm below the face
ARM_AHEAD = Arm(upper=(0.30, -1.0, 0.15), fore=(-0.15, 0.45, 0.6), twist=-15)  # a thumb can point up


@dataclass(frozen=True)
class Edit:
    """One primitive: how it is framed, what is drawn for a person, and the shots before and after."""

    framing: str
    draw: Callable[[Random, Figure], Drawn]
    apply: Callable[[Shot, Control], tuple[Shot, Shot]]


def _figure(change: Callable[[Figure, Control], Figure]) -> Callable[[Shot, Control], tuple[Shot, Shot]]:
    """Edits that change the figure alone."""

    def apply(shot: Shot, control: Control) -> tuple[Shot, Shot]:
        return shot, replace(shot, figure=change(shot.figure, control))

    return apply


def _chosen(part: str, slot: str, control: str) -> Callable[[Random, Figure], Drawn]:
    """Draw one entry of a section."""

    def draw(random: Random, figure: Figure) -> Drawn:
        name = random.choice(list(lexicon.section(part)))
        return {slot: lexicon.said(part, name)}, {control: name}

    return draw


def _color(part: str, slot: str, control: str) -> Callable[[Random, Figure], Drawn]:
    def draw(random: Random, figure: Figure) -> Drawn:
        name = random.choice(list(lexicon.section(part)))
        rgb = lexicon.section(part)[name]["rgb"]
        return {slot: lexicon.said(part, name, value=rgb)}, {control: name}

    return draw


# --- portrait -----------------------------------------------------------------------------------


def _expression(figure: Figure, control: Control) -> Figure:
    units = lexicon.section("expressions")[control["expression"]]["units"]
    return replace(figure, expression=tuple(units.items()))


def _direction(random: Random, figure: Figure) -> Drawn:
    name = random.choice(list(lexicon.section("directions")))
    return {"direction": lexicon.said("directions", name)}, {"direction": name}


def _gaze(figure: Figure, control: Control) -> Figure:
    way = lexicon.section("directions")[control["direction"]]
    pose = replace(figure.pose, gaze_yaw=way["yaw"] * GAZE[0], gaze_pitch=way["pitch"] * GAZE[1])
    return replace(figure, pose=pose)


def _head_draw(random: Random, figure: Figure) -> Drawn:
    slots, control = _direction(random, figure)
    aside = control["direction"] in ("left", "right")
    degrees = random.choice((20, 25, 30, 35, 40) if aside else (10, 15, 20))
    return slots | {"amount": Said(en="", zh="", value=degrees)}, control | {"degrees": degrees}


def _head(figure: Figure, control: Control) -> Figure:
    way = lexicon.section("directions")[control["direction"]]
    yaw, pitch = way["yaw"] * control["degrees"], way["pitch"] * control["degrees"]
    return replace(figure, pose=replace(figure.pose, head_yaw=yaw, head_pitch=pitch))


def _hair_draw(random: Random, figure: Figure) -> Drawn:
    name = random.choice([name for name in lexicon.section("hair") if name != figure.hair])
    return {"style": lexicon.said("hair", name)}, {"hair": name}


def _hair(figure: Figure, control: Control) -> Figure:
    return replace(figure, hair=control["hair"])


def _dye(figure: Figure, control: Control) -> Figure:
    rgb = _rgb("dyes", control["dye"])
    return replace(figure, face=replace(figure.face, dye=rgb), gray=0.0)


def _dye_draw(random: Random, figure: Figure) -> Drawn:
    if figure.hair in ("bald", "buzz"):
        raise ValueError("there is little hair to colour")
    return _color("dyes", "color", "dye")(random, figure)


def _rgb(part: str, name: str) -> Rgb:
    red, green, blue = lexicon.section(part)[name]["rgb"]
    return red, green, blue


def _made_up(change: Callable[[Face, Control], Face]) -> Callable[[Shot, Control], tuple[Shot, Shot]]:
    return _figure(lambda figure, control: replace(figure, face=change(figure.face, control)))


def _freckles_draw(random: Random, figure: Figure) -> Drawn:
    if figure.face.freckles or sum(figure.face.skin) < 380:
        raise ValueError("freckles would hardly be seen")
    return {}, {"freckles": 0.8}


# --- motion -------------------------------------------------------------------------------------


def _pose(figure: Figure, control: Control) -> Figure:
    return replace(figure, pose=posed(figure.pose, lexicon.section("poses")[control["pose"]]))


def posed(pose: Pose, entry: dict[str, Any]) -> Pose:
    """A pose with the limbs of an entry; the picture's left is the figure's right."""
    changed: dict[str, Any] = {}
    for side, arm, leg in (("left", "right_arm", "right_leg"), ("right", "left_arm", "left_leg")):
        limbs = entry.get(side, {})
        if "upper" in limbs:
            known = ("upper", "fore", "twist", "bend", "hand")
            posed_arm = Arm(**{name: _plain(limbs[name]) for name in known if name in limbs})
            changed[arm] = posed_arm
        if "thigh" in limbs:
            changed[leg] = Leg(_plain(limbs["thigh"]), _plain(limbs["shin"]))
    return replace(pose, **changed)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _hand_draw(random: Random, figure: Figure) -> Drawn:
    names = list(lexicon.section("hands"))
    start = random.choice(["open", "fist"])
    name = random.choice([name for name in names if name != start])
    side = random.choice(["left", "right"])
    slots = {"hand": lexicon.said("hands", name), "side": lexicon.side(side)}
    return slots, {"hand": name, "start": start, "side": side}


def _hand(shot: Shot, control: Control) -> tuple[Shot, Shot]:
    arm = "right_arm" if control["side"] == "left" else "left_arm"

    def with_hand(name: str) -> Shot:
        arm_up = ARM_AHEAD if control["hand"] == "thumbs_up" else ARM_UP
        made: Any = replace(arm_up, hand=lexicon.section("hands")[name]["hand"])
        return replace(shot, figure=replace(shot.figure, pose=replace(shot.figure.pose, **{arm: made})))

    return with_hand(control["start"]), with_hand(control["hand"])


# --- viewpoint ----------------------------------------------------------------------------------


def _degrees(*choices: int) -> Callable[[Random, Figure], Drawn]:
    def draw(random: Random, figure: Figure) -> Drawn:
        degrees = random.choice(choices)
        return {"amount": Said(en="", zh="", value=degrees)}, {"degrees": degrees}

    return draw


def _orbit(sign: int) -> Callable[[Shot, Control], tuple[Shot, Shot]]:
    def apply(shot: Shot, control: Control) -> tuple[Shot, Shot]:
        # Half of the turn lies on each side of the front, so that no picture shows the back of a head.
        start = replace(
            shot.camera, azimuth=round(shot.camera.azimuth * 0.3 - sign * control["degrees"] / 2, 3)
        )
        shot = replace(shot, camera=start, facing=start.azimuth)
        end = replace(start, azimuth=round(start.azimuth + sign * control["degrees"], 3))
        return shot, replace(shot, camera=end)

    return apply


def _raise(sign: int) -> Callable[[Shot, Control], tuple[Shot, Shot]]:
    def apply(shot: Shot, control: Control) -> tuple[Shot, Shot]:
        low = replace(shot.camera, elevation=0.0 if sign > 0 else float(control["degrees"]))
        high = replace(low, elevation=low.elevation + sign * control["degrees"])
        # A photograph behind would have to show other ground and sky.
        return replace(shot, camera=low, studio=True), replace(shot, camera=high, studio=True)

    return apply


def _zoom_draw(random: Random, figure: Figure) -> Drawn:
    factor = random.choice((1.3, 1.4, 1.5, 1.6))
    return {"amount": Said(en="", zh="", value=factor)}, {"factor": factor}


def _zoom(closer: bool) -> Callable[[Shot, Control], tuple[Shot, Shot]]:
    def apply(shot: Shot, control: Control) -> tuple[Shot, Shot]:
        # Aimed at the chest, or the head would leave the picture.
        x, y, z = shot.camera.target
        shot = replace(shot, camera=replace(shot.camera, target=(x, y + 1.7, z)))
        near = replace(shot, camera=replace(shot.camera, distance=shot.camera.distance / control["factor"]))
        return (shot, near) if closer else (near, shot)

    return apply


# --- light, clothes -----------------------------------------------------------------------------


def _side_draw(random: Random, figure: Figure) -> Drawn:
    side = random.choice(["left", "right"])
    return {"side": lexicon.side(side)}, {"side": side, "azimuth": random.choice((45, 55, 65))}


def _light_side(shot: Shot, control: Control) -> tuple[Shot, Shot]:
    sign = 1 if control["side"] == "right" else -1
    start = replace(shot.light, azimuth=float(-sign * control["azimuth"]))
    start = replace(start, sky=_dimmed(start.sky), ground=_dimmed(start.ground), softness=0.2)
    return replace(shot, light=start), replace(shot, light=replace(start, azimuth=-start.azimuth))


def _dimmed(color: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = (0.55 * part for part in color)
    return red, green, blue


def _light_color(shot: Shot, control: Control) -> tuple[Shot, Shot]:
    tint = lexicon.section("lights")[control["light"]]["rgb"]
    power = max(shot.light.color) * 1.1
    red, green, blue = (power * part for part in tint)
    return shot, replace(shot, light=replace(shot.light, color=(red, green, blue)))


def _worn(figure: Figure, top: bool) -> tuple[int, Garment]:
    place = 1 if top else 0
    return place, figure.garments[place]


def _recolor_draw(random: Random, figure: Figure) -> Drawn:
    from firered.templating.filters import templates

    place, garment = _worn(figure, top=True)
    colors = templates().colors
    name = random.choice([name for name in colors if _apart(colors[name].rgb, garment.cloth.color) > 120])
    color = colors[name]
    slots = {
        "clothes": lexicon.said("clothes", garment.cut),
        "color": Said(en=color.en, zh=color.zh, value=list(color.rgb)),
    }
    return slots, {"place": place, "rgb": list(color.rgb)}


def _apart(a: Rgb, b: Rgb) -> float:
    return float(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5)


def _recolor(shot: Shot, control: Control) -> tuple[Shot, Shot]:
    red, green, blue = control["rgb"]

    def dyed(figure: Figure, color: Rgb | None) -> Figure:
        garments = list(figure.garments)
        cloth = replace(garments[control["place"]].cloth, pattern="plain")
        cloth = cloth if color is None else replace(cloth, color=color)
        garments[control["place"]] = replace(garments[control["place"]], cloth=cloth)
        return replace(figure, garments=tuple(garments))

    # A pattern has two colours: the words name one.
    plain = replace(shot, figure=dyed(shot.figure, None))
    return plain, replace(shot, figure=dyed(shot.figure, (red, green, blue)))


def _swap_draw(random: Random, figure: Figure) -> Drawn:
    top = random.random() < 0.6
    place, garment = _worn(figure, top)
    bottoms = people.BOTTOMS[:2] if figure.shape.gender > 0.5 else people.BOTTOMS
    others = [cut for cut in (people.TOPS if top else bottoms) if cut != garment.cut]
    other = random.choice([cut for cut in others if {cut, garment.cut} not in ALIKE])
    slots = {"clothes": lexicon.said("clothes", garment.cut), "other": _one(other)}
    return slots, {"place": place, "cut": other}


def _one(cut: str) -> Said:
    """A garment with its article, where it has one."""
    plain = lexicon.said("clothes", cut)
    return (
        plain if cut in ("trousers", "shorts") else Said(en=f"a {plain.en}", zh=plain.zh, value=plain.value)
    )


def _swap(figure: Figure, control: Control) -> Figure:
    garments = list(figure.garments)
    garments[control["place"]] = replace(garments[control["place"]], cut=control["cut"])
    return replace(figure, garments=tuple(garments))


EDITS: dict[str, Edit] = {
    "portrait_expression": Edit(
        "close", _chosen("expressions", "expression", "expression"), _figure(_expression)
    ),
    "portrait_gaze": Edit("close", _direction, _figure(_gaze)),
    "portrait_turn_head": Edit("bust", _head_draw, _figure(_head)),
    "portrait_hair": Edit("bust", _hair_draw, _figure(_hair)),
    "color_hair": Edit("bust", _dye_draw, _figure(_dye)),
    "beauty_lips": Edit(
        "close",
        _color("lips", "color", "lips"),
        _made_up(lambda face, control: replace(face, lips=_rgb("lips", control["lips"]))),
    ),
    "beauty_eye_shadow": Edit(
        "close",
        _color("shadows", "color", "shadow"),
        _made_up(lambda face, control: replace(face, shadow=_rgb("shadows", control["shadow"]))),
    ),
    "beauty_freckles": Edit(
        "close", _freckles_draw, _made_up(lambda face, control: replace(face, freckles=control["freckles"]))
    ),
    "motion_pose": Edit("half", _chosen("poses", "pose", "pose"), _figure(_pose)),
    "motion_hand": Edit("hand", _hand_draw, _hand),
    "viewpoint_orbit_left": Edit("bust", _degrees(30, 40, 45, 50, 60), _orbit(-1)),
    "viewpoint_orbit_right": Edit("bust", _degrees(30, 40, 45, 50, 60), _orbit(1)),
    "viewpoint_raise": Edit("waist", _degrees(20, 25, 30, 35), _raise(1)),
    "viewpoint_lower": Edit("waist", _degrees(20, 25, 30, 35), _raise(-1)),
    "viewpoint_zoom": Edit("knee", _zoom_draw, _zoom(True)),
    "viewpoint_zoom_out": Edit("knee", _zoom_draw, _zoom(False)),
    "adjust_light_side": Edit("bust", _side_draw, _light_side),
    "adjust_light_color": Edit("bust", _chosen("lights", "light", "light"), _light_color),
    "color_clothes": Edit("knee", _recolor_draw, _recolor),
    "replace_clothes": Edit("knee", _swap_draw, _figure(_swap)),
}


def framing_of(primitive: str, control: Control) -> str:
    """Framing of a wish: steps need the legs in the picture."""
    if primitive == "motion_pose" and lexicon.section("poses")[control["pose"]].get("whole"):
        return "full"
    return EDITS[primitive].framing
