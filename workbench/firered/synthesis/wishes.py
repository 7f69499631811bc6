"""Slots of a primitive filled from a scene and the lexicons, for experts that take any primitive."""

from collections.abc import Mapping
from random import Random
from typing import Any

from firered.synthesis.experts import styles
from firered.synthesis.making import Other, Said, Wish
from firered.synthesis.primitives import Primitive
from firered.synthesis.scene import Scene
from firered.templating.filters import templates

SUBJECT = Said(en="the main subject", zh="画面主体")
SECOND = Said(en="Fig 2", zh="图2", value=2)


def drawn(asked: Primitive, known: Mapping[str, Said], scene: Scene, random: Random) -> Wish | None:
    """A wish for a primitive; None where the scene has nothing for one of its slots."""
    slots: dict[str, Said] = {}
    control: dict[str, Any] = {}
    others: dict[str, Other] = {}
    for name, slot in asked.slots.items():
        said = known.get(name) or _said(slot.kind, scene, random, control, others)
        if said is None:
            return None
        slots[name] = said
    return Wish(primitive=asked.name, slots=slots, control=control, others=others)


def _said(
    kind: str, scene: Scene, random: Random, control: dict[str, Any], others: dict[str, Other]
) -> Said | None:
    if kind == "style":
        return _style(random, control)
    if kind == "color":
        color = random.choice(list(templates().colors.values()))
        return Said(en=color.en, zh=color.zh, value=list(color.rgb))
    if kind == "figure":
        return _figure(scene, random, control, others)
    return _object(scene, random, control) if kind == "object" else None


def _style(random: Random, control: dict[str, Any]) -> Said:
    name = random.choice([name for name, style in styles().items() if style.clear])
    control["style"] = name
    return Said(en=styles()[name].en, zh=styles()[name].zh)


def _figure(scene: Scene, random: Random, control: dict[str, Any], others: dict[str, Other]) -> Said | None:
    if not scene.others:
        return None
    other = random.choice(scene.others)
    others["figure"] = Other(image_id=other.image_id, sha256=other.sha256)
    _style(random, control)
    return SECOND


def _object(scene: Scene, random: Random, control: dict[str, Any]) -> Said | None:
    """Something that was proposed for editing, or else the subject with its mask."""
    if scene.targets:
        target = random.choice(scene.targets)
        return Said(en=target.en, zh=target.zh)
    subject = scene.best("salient")
    if subject is None:
        return None
    control["region"] = subject.region.model_dump()
    return SUBJECT
