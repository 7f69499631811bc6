"""Wearers: persons whose upper garment can be told, how they are named, and their clothes in another colour."""

from random import Random
from typing import TYPE_CHECKING, Any

from firered.synthesis.composite import cloth, paint
from firered.synthesis.composite.cloth import JOINTS
from firered.synthesis.making import Region, Said
from firered.synthesis.scene import Scene, SceneMask, ScenePose, mask_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
LEAST_CHANGE = 22.0  # distance in CIELAB between the garment and the colour that is asked for
FIGURE = Said(en="Fig 2", zh="图2", value=2)


def wearer(scene: Scene, random: Random) -> tuple[ScenePose, SceneMask, Said] | None:
    """One person of the scene with joints and a mask, and how to name them; None where there is none."""
    mask = scene.best("person")
    known = [pose for pose in scene.poses if pose.scheme in JOINTS and pose.score > 0.5]
    if mask is None or not known:
        return None
    pose = random.choice(known)
    return pose, mask, _named(pose, known, len(scene.faces))


def controlled(pose: ScenePose, mask: SceneMask) -> dict[str, Any]:
    """What a wish must hold of a person."""
    points = [round(value, 5) for value in pose.points]
    return {"points": points, "scheme": pose.scheme, "person": mask.region.model_dump()}


def clothed(control: dict[str, Any], source: "Pixels") -> tuple[cloth.Trunk, "Floats"]:
    """Trunk and garment (H, W, 0..1) of a wish's person; raises ValueError with the reason where there is none."""
    height, width = source.shape[:2]
    body = cloth.trunk(control["points"], control["scheme"], height, width)
    person = mask_of(Region.model_validate(control["person"]), height, width)
    return body, cloth.garment(source, body, person)


def colored(source: "Pixels", share: "Floats", wanted: list[int]) -> "Pixels":
    """The photograph with a garment of a colour; raises ValueError where it has that colour."""
    if paint.differs(source, share > 0.5, wanted) < LEAST_CHANGE:
        raise ValueError("the garment has that colour already")
    full = source.copy()
    full[:] = wanted
    return cloth.dressed(source, share, full)


def _named(pose: ScenePose, poses: list[ScenePose], faces: int) -> Said:
    if len(poses) == 1 and faces <= 1:
        return Said(en="the person", zh="画面中的人")
    middles = sorted((_middle(each), each.person) for each in poses)
    place = [person for _, person in middles].index(pose.person)
    if len(poses) == faces and place == 0:
        return Said(en="the person on the far left", zh="最左边的人", value="left")
    if len(poses) == faces and place == len(poses) - 1:
        return Said(en="the person on the far right", zh="最右边的人", value="right")
    side = (
        ("left", "左侧")
        if _middle(pose) < 0.4
        else ("right", "右侧")
        if _middle(pose) > 0.6
        else ("middle", "中间")
    )
    said = f"in the {side[0]}" if side[0] == "middle" else f"on the {side[0]}"
    return Said(en=f"the person {said}", zh=f"{side[1]}的人", value=side[0])


def _middle(pose: ScenePose) -> float:
    left, right = JOINTS[pose.scheme][:2]
    return (pose.points[3 * left] + pose.points[3 * right]) / 2
