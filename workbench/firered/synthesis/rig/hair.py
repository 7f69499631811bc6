"""Hair: shells over the scalp that noise cuts into strands, and long hair from the data's own hair mesh."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.body import Body
from firered.synthesis.rig.parts import Part
from firered.synthesis.rig.raster import vertex_normals

Floats = NDArray[np.float32]
CENTRE = np.array([0.0, 7.55, 0.30], np.float32)  # of the head in the rest mesh
# Hairline: elevation (degrees) by azimuth from the front: forehead, temple, sideburn, ear, nape.
LINE = (
    (0, 33),
    (24, 32),
    (44, 25),
    (58, 6),
    (70, -16),
    (78, 2),
    (98, 12),
    (114, -2),
    (126, -24),
    (150, -34),
    (180, -38),
)


@dataclass(frozen=True)
class Style:
    """Length in decimetres; `fall` combs strands down, `lift` lets them stand; `drop` is where long hair ends."""

    length: float = 0.16
    fall: float = 0.5
    shells: int = 14
    density: float = 34.0  # strands for each decimetre
    curl: float = 0.0
    line: float = 0.0  # degrees that the hairline is higher
    drop: float | None = None  # height in the rest mesh at which long hair ends; none where it is short


STYLES = {
    "bald": Style(length=0.0),
    "buzz": Style(length=0.04, fall=0.1, shells=5, density=60),
    "crop": Style(length=0.17, fall=0.6, shells=12, density=44),
    "short": Style(length=0.32, fall=0.9, shells=16, density=40),
    "curls": Style(length=0.36, fall=0.15, shells=16, density=12, curl=0.5),
    "afro": Style(length=0.62, fall=0.0, shells=24, density=16, curl=0.5),
    "bob": Style(length=0.30, fall=0.95, shells=14, density=42, drop=6.35),
    "long": Style(length=0.30, fall=0.95, shells=14, density=42, drop=5.2),
}


def above_line(rest: Floats, raised: float) -> Floats:
    """How far (N,) points of the rest mesh lie above the hairline, in decimetres about."""
    seen = rest - CENTRE
    azimuth = np.degrees(np.arctan2(np.abs(seen[:, 0]), seen[:, 2]))
    elevation = np.degrees(np.arctan2(seen[:, 1], np.hypot(seen[:, 0], seen[:, 2])))
    front = np.clip(1 - azimuth / 70, 0, 1)
    line = np.interp(azimuth, [at for at, _ in LINE], [height for _, height in LINE]) + raised * front
    return np.asarray((elevation - line) / 55, np.float32)


def grown(body: Body, points: Floats, style: Style) -> list[Part]:
    """Parts of hair on shaped points (V, 3) in rest pose; none for the bald."""
    if style.length <= 0:
        return []
    parts = [_scalp_shell(body, points, style, step / style.shells) for step in range(style.shells + 1)]
    if style.drop is not None:
        parts += [_long_shell(body, points, style, step) for step in range(5)]
    return parts


def _scalp_shell(body: Body, points: Floats, style: Style, height: float) -> Part:
    faces = body.faces[body.group_faces("body")]
    near = above_line(body.points, style.line) > -0.25
    head = body.points[:, 1] > 6.6
    faces = faces[(near & head)[faces].any(axis=1)]
    normals = vertex_normals(points, faces)
    out = _combed(body.points, normals, style, height)
    alive = above_line(body.points, style.line)
    edge = np.clip(alive / 0.06, 0, 1)
    # Strands differ in length, and are short at the hairline.
    cut = 0.52 + 0.1 * edge - 0.95 * height**1.5
    return Part(
        material="hair",
        points=points + out * (0.25 + 0.75 * edge[:, None]),
        rest=body.points,
        faces=faces,
        alive=np.minimum(cut, alive * 9 + 0.35).astype(np.float32)
        if height
        else (alive * 9).astype(np.float32),
        uvs=_depth_in_hair(faces, height),
        grain=1.0 if height else 0.7,
        strands=_strand_space(body.points, out, style),
        normals=normals,
        shadow=height in (0.0, 0.5),
    )


def _combed(rest: Floats, normals: Floats, style: Style, height: float) -> Floats:
    """Shift (V, 3) of a shell: out along the normal, and down with its fall."""
    down = np.zeros_like(rest)
    down[:, 1] = -1
    down[:, 2] = -0.35
    down -= normals * (normals * down).sum(axis=1, keepdims=True)
    lean = style.fall * height
    out = normals * (1 - 0.45 * lean) + down * lean * 0.9
    return np.asarray(out * style.length * height, np.float32)


def _strand_space(rest: Floats, out: Floats, style: Style) -> Floats:
    # Curls do not run straight out: their noise lives in space, so that it has one grain near and far.
    return np.asarray((rest + out * np.float32(min(style.curl * 2, 1))) * style.density, np.float32)


# --- long hair ----------------------------------------------------------------------------------


def _long_shell(body: Body, points: Floats, style: Style, step: int) -> Part:
    faces = body.faces[body.group_faces("helper-hair")]
    normals = vertex_normals(points, faces)

    def cover(rest: Floats) -> Floats:
        return _curtain(rest, style, step)

    return Part(
        material="hair",
        points=points + normals * np.float32(-0.10 + 0.05 * step),
        rest=body.points,
        faces=faces,
        uvs=_depth_in_hair(faces, 0.35 + step * 0.16),
        grain=1.0,
        strands=body.points * np.array([36, 0.9, 36], np.float32),
        shadow=step == 0,
        finer=2,
        cover=cover,
    )


def _curtain(rest: Floats, style: Style, step: int) -> Floats:
    """How much hair is at points (N, 3): open before the face, ending at the style's drop, thinner outside."""
    assert style.drop is not None
    seen = rest - CENTRE
    aside = np.abs(seen[:, 0]) - (0.69 + 0.10 * np.clip(7.2 - rest[:, 1], 0, 2))
    behind = 0.75 - seen[:, 2]
    face = np.maximum(np.minimum(aside, 0.35), np.minimum(behind, 0.3) * 1.6)
    end = (rest[:, 1] - style.drop) * 1.2
    thin = 0.62 - 0.15 * step
    return np.asarray(np.minimum(np.minimum(face, end) * 4 + 0.1, thin), np.float32)


def _depth_in_hair(faces: NDArray[np.int32], height: float) -> Floats:
    return np.full((len(faces), 3, 2), height, np.float32)
