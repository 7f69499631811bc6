"""A clothed figure: identity, face, pose and garments made into parts, with its keypoints."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig import hair as hairs
from firered.synthesis.rig import paint
from firered.synthesis.rig.body import (
    Body,
    Joints,
    Shape,
    joints,
    shaped,
    skinned,
    target_weights,
    transforms,
)
from firered.synthesis.rig.clothes import CUTS, bared, worn
from firered.synthesis.rig.paint import Cloth, Face
from firered.synthesis.rig.parts import Assembly, Part, assemble, compacted, refined
from firered.synthesis.rig.pose import Pose, turns
from firered.synthesis.rig.shade import Painter, Spots, Surface, unit

Floats = NDArray[np.float32]
EYEBALLS = (14598, 14742)  # vertices of both eyes, the left one first
TEETH_COLOR = np.array([0.66, 0.62, 0.54], np.float32)
TONGUE_COLOR = np.array([0.42, 0.11, 0.10], np.float32)


@dataclass(frozen=True)
class Garment:
    """One garment: its cut by name and its cloth."""

    cut: str
    cloth: Cloth


@dataclass(frozen=True)
class Figure:
    """Everything about a figure but the camera and the light."""

    shape: Shape = field(default_factory=Shape)
    face: Face = field(default_factory=Face)
    hair: str = "crop"
    hair_line: float = 0.0
    gray: float = 0.0
    pose: Pose = field(default_factory=Pose)
    expression: tuple[tuple[str, float], ...] = ()  # Face Units and their weights in 0..1
    garments: tuple[Garment, ...] = ()


@dataclass(frozen=True)
class Built:
    """A figure as one mesh, with its joints where the pose has brought them."""

    assembly: Assembly
    body_points: Floats  # (V, 3) posed vertices of the body
    joints: dict[str, Floats]
    painter: Painter


def build(body: Body, figure: Figure) -> Built:
    """Make a figure's parts in rest pose, then pose them."""
    neutral = shaped(body, target_weights(figure.shape))
    rest = joints(body, neutral)
    points = _with_face(body, neutral, figure)
    matrices = transforms(body, rest, turns(figure.pose, rest))
    parts = [*_flesh(body, neutral, points, figure), *_garments(body, neutral, figure)]
    style = hairs.STYLES[figure.hair]
    parts += hairs.grown(body, points, replace(style, line=figure.hair_line))
    posed = skinned(body, points, matrices)
    assembly = assemble([_posed(body, part, matrices) for part in parts])
    return Built(assembly, posed, _carried(body, rest, matrices), painter(body, figure))


def _with_face(body: Body, neutral: Floats, figure: Figure) -> Floats:
    """Shaped points with the expression; eyeballs stay round, the bones turn them."""
    lids = {f"face/{name}": weight for name, weight in (*figure.expression, *_lids(figure.pose))}
    moved = neutral + (shaped(body, lids) - body.points)
    moved[EYEBALLS[0] : EYEBALLS[1]] = neutral[EYEBALLS[0] : EYEBALLS[1]]
    return moved


def _lids(pose: Pose) -> list[tuple[str, float]]:
    """Face Units that make lids follow the gaze."""
    down, aside = pose.gaze_pitch / 25, pose.gaze_yaw / 30
    found = []
    for side, out in (("Left", max(aside, 0)), ("Right", max(-aside, 0))):
        found += [(f"eyeLookOut{side}", out), (f"eyeLookIn{side}", abs(aside) - out)]
        found += [(f"eyeLookDown{side}", max(down, 0)), (f"eyeLookUp{side}", max(-down, 0))]
    return [(name, weight) for name, weight in found if weight > 0]


def _flesh(body: Body, neutral: Floats, points: Floats, figure: Figure) -> list[Part]:
    bare = bared(body, neutral, [CUTS[garment.cut] for garment in figure.garments])
    parts = [_part(body, points, "skin", "body", alive=bare)]
    for number, side in enumerate("lr"):
        normals = _away(points, number)
        eye = _part(body, points, "eye", f"helper-{side}-eye", exact=True)
        middle = body.points[EYEBALLS[0] + 72 * number : EYEBALLS[0] + 72 * (number + 1)].mean(axis=0)
        parts.append(
            Part("eye", points, (body.points - middle).astype(np.float32), eye.faces, normals=normals)
        )
    parts.append(_part(body, points, "lashes", "helper-l-eyelashes", "helper-r-eyelashes", grain=0.14))
    # The teeth do not know of thin lips: a little deeper they stay behind all of them.
    deeper = points - np.array([0, 0, 0.07], np.float32)
    parts.append(_part(body, deeper, "teeth", "helper-upper-teeth", "helper-lower-teeth"))
    parts.append(_part(body, points, "tongue", "helper-tongue"))
    return parts


def _away(points: Floats, number: int) -> Floats:
    """Normals (V, 3) away from an eyeball's centre, which hide that it is a coarse ball."""
    mine = points[EYEBALLS[0] + 72 * number : EYEBALLS[0] + 72 * (number + 1)]
    return unit(points - (mine.min(axis=0) + mine.max(axis=0)) / 2)


def _part(
    body: Body,
    points: Floats,
    material: str,
    *groups: str,
    alive: Floats | None = None,
    grain: float = 0.0,
    exact: bool = False,
) -> Part:
    chosen = body.group_faces(*groups)
    if exact:
        chosen = body.face_groups == body.groups.index(groups[0])
    # Lashes: only the part that is nearest to the lid, or they look like fans.
    lashes = (_lash_reach(body) - paint.beyond_lid(body.points)) * 8 if grain else alive
    return Part(
        material,
        points,
        body.points,
        body.faces[chosen],
        uvs=body.uvs[body.face_uvs[chosen]],
        alive=lashes,
        grain=grain,
        strands=body.points * np.array([150, 40, 30], np.float32) if grain else None,
        shadow=not grain,
    )


def _lash_reach(body: Body) -> Floats:
    """How far (V,) lashes stand out, in decimetres: the lower ones hardly."""
    return np.where(body.points[:, 1] > paint.EYE_CENTRE[1], 0.024, 0.010).astype(np.float32)


def _garments(body: Body, points: Floats, figure: Figure) -> list[Part]:
    parts = []
    for garment in figure.garments:
        cut = CUTS[garment.cut]
        parts.append(worn(body, points, cut, garment.cut, 0.07 if cut.sleeve is not None else 0.0))
    return parts


def _posed(body: Body, part: Part, matrices: Floats) -> Part:
    """Carry a part by the bones (its vertices are the body's, moved), then split and trim it."""
    blended = np.einsum("vk,vkij->vij", body.skin_weights, matrices[body.skin_bones])
    moved = np.einsum("vij,vj->vi", blended[:, :, :3], part.points) + blended[:, :, 3]
    normals = part.normals
    if normals is not None:
        normals = np.asarray(np.einsum("vij,vj->vi", blended[:, :, :3], normals), np.float32)
    return refined(compacted(replace(part, points=moved.astype(np.float32), normals=normals)))


def _carried(body: Body, rest: Joints, matrices: Floats) -> dict[str, Floats]:
    places = {}
    for number, bone in enumerate(body.bones):
        matrix = matrices[number]
        places[bone] = matrix[:, :3] @ rest.heads[bone] + matrix[:, 3]
        places[f"{bone}/tail"] = matrix[:, :3] @ rest.tails[bone] + matrix[:, 3]
    return places


def painter(body: Body, figure: Figure) -> Painter:
    """Paint of a figure's materials by name."""
    face = figure.face
    paints: dict[str, Callable[[Spots], Surface]] = {
        "skin": partial(paint.skin, body, face),
        "eye": partial(paint.eye, face),
        "hair": partial(paint.strands, face.dye or face.hair, gray=figure.gray, seed=face.seed),
        "teeth": partial(paint.flat, TEETH_COLOR, roughness=0.25, specular=0.05),
        "tongue": partial(paint.flat, TONGUE_COLOR, roughness=0.35, specular=0.04),
        "lashes": partial(paint.flat, paint.linear((26, 18, 15)), roughness=0.6, specular=0.02),
    }
    paints |= {garment.cut: partial(paint.cloth, garment.cloth) for garment in figure.garments}
    return lambda material, spots: paints[material](spots)
