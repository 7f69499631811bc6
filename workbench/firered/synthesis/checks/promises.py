"""What a pair's parameters promise that a perception model can see."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from firered.models.regions import Box
from firered.synthesis.checks.evidence import box_of, region_of
from firered.synthesis.checks.seen import JOINTS, Asked, label_of, mood_of

if TYPE_CHECKING:
    from firered.synthesis.making import Making, Region
    from firered.synthesis.primitives import Primitive
    from firered.templating.edits import Edit

DRAWN = frozenset({"stamp", "figures", "layout", "rendered"})  # in the truth of what is no photograph
MOVED = 0.06  # of the picture's side, that a joint must move
SEEN = 2  # mark of a joint in sight
LEAST_JOINTS = 5
LEAST_MOUTH = 0.12  # of the distance of the eyes
LEGIBLE = 11.0  # pixels; smaller letters cannot be asked of a reader


def of_edit(edit: "Edit", task: str) -> Asked:
    """Letters of a filter that draws them."""
    text = edit.text
    if text is None:
        return Asked(task="")
    return Asked(
        task=task, shows=[text.after] if text.after else [], lacks=[text.before] if text.before else []
    )


def of_making(making: "Making", primitive: "Primitive", labels: Sequence[str]) -> Asked:
    """Lines, things, moods and joints of a made pair, in the direction in which it points."""
    truth = making.truth
    shown, gone = (_lines(truth, side) for side in ("after", "before"))
    comes, goes = _things(making, primitive, labels)
    names = [("after", shown, comes), ("before", gone, goes)]
    (side, shows, comes), (_, lacks, goes) = reversed(names) if making.inverse else names
    return Asked(
        task="" if truth.get("rendered") else primitive.task,
        shows=[line for line in shows if line not in lacks],
        lacks=[line for line in lacks if line not in shows],
        comes=comes,
        goes=goes,
        place=_place(making),
        mood="" if making.inverse else _mood(making, primitive),
        joints=_joints(truth, side),
        mouth=_mouth(truth, side),
    )


def _lines(truth: Mapping[str, Any], side: str) -> list[str]:
    """Lines of a layout that changed and are large enough to be read."""
    lines = _state(truth, side).get("lines", [])
    changed = truth.get("changed")
    return [
        line["text"]
        for line in lines
        if (changed is None or line.get("node") in changed) and line.get("size_px", LEGIBLE) >= LEGIBLE
    ]


def _things(making: "Making", primitive: "Primitive", labels: Sequence[str]) -> tuple[str, str]:
    """Classes of what comes and what goes; none for drawn things, which the detector was not trained on."""
    if DRAWN & set(making.truth):
        return "", ""
    words = {name: label_of(said.en, labels) for name, said in making.wish.slots.items()}
    old, new = words.get("object", ""), words.get("new", "") or words.get("new_object", "")
    return {"add": (old, ""), "remove": ("", old), "replace": (new, old)}.get(primitive.task, ("", ""))


def _place(making: "Making") -> Box | None:
    """Box of the thing's outline, or of the mask."""
    thing = making.truth.get("object")
    if isinstance(thing, Mapping) and "counts" in thing:
        mask = region_of(thing, (thing["height"], thing["width"]))
        return _box(mask) if mask is not None else None
    return box_of(making.truth.get("box")) or (_region_box(making.mask) if making.mask else None)


def _region_box(region: "Region") -> Box | None:
    return _box(region.decoded())


def _box(mask: Any) -> Box | None:
    """Box around a mask (H, W), relative; None where it is empty."""
    import numpy as np

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    height, width = mask.shape
    return (
        float(columns[0]) / width,
        float(rows[0]) / height,
        float(columns[-1] + 1) / width,
        float(rows[-1] + 1) / height,
    )


def _mood(making: "Making", primitive: "Primitive") -> str:
    """Mood of the slot that asks for an expression."""
    asked = (making.wish.slots[name] for name, slot in primitive.slots.items() if slot.kind == "expression")
    return next((mood for said in asked if (mood := mood_of(said.en))), "")


def _joints(truth: Mapping[str, Any], side: str) -> Mapping[str, Sequence[float]] | None:
    """Joints (x, y) in sight by name in one side of the pair, where the truth has them and they moved."""
    states = [_state(truth, name).get("keypoints") for name in ("before", "after")]
    if not all(states):
        return None
    before, after = ([row[:2] for row in state or ()] for state in states)
    if max(abs(x - u) + abs(y - v) for (x, y), (u, v) in zip(before, after, strict=True)) < MOVED:
        return None
    rows = _state(truth, side)["keypoints"]
    seen = {name: row[:2] for name, row in zip(JOINTS, rows, strict=True) if row[2] == SEEN}
    return seen if len(seen) >= LEAST_JOINTS else None


def _mouth(truth: Mapping[str, Any], side: str) -> tuple[float, float] | None:
    """How much wider and more open the mouth gets in the direction of the pair; None for a change too small to see."""
    faces = [
        _state(truth, name).get("face")
        for name in (("after", "before") if side == "before" else ("before", "after"))
    ]
    if not all(faces):
        return None
    (width, opening), (new_width, new_opening) = (_shape(face or {}) for face in faces)
    change = (new_width - width, new_opening - opening)
    return change if math.hypot(*change) >= LEAST_MOUTH else None


def _shape(face: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """Width and opening of a mouth over the distance of the eyes, of points relative to a square picture."""
    apart = math.dist(face["lid above left"], face["lid above right"]) or 1.0
    return (
        math.dist(face["mouth left"], face["mouth right"]) / apart,
        math.dist(face["lip above"], face["lip below"]) / apart,
    )


def _state(truth: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """What the truth tells of one side."""
    state = truth.get(side)
    return state if isinstance(state, Mapping) else {}
