"""What can be asked of a draft: for each primitive, which node changes and how, and the words for it."""

from collections.abc import Callable
from random import Random
from typing import Any

from firered.synthesis.layouts import drafts, wording
from firered.synthesis.layouts.contrast import DARK, relative_luminance
from firered.synthesis.layouts.drafts import Draft
from firered.synthesis.layouts.model import Node
from firered.synthesis.layouts.shapes import logos
from firered.synthesis.layouts.typefaces import roles, weights
from firered.synthesis.making import Said, Wish
from firered.templating.filters import Language, Rgb, templates

Change = dict[str, dict[str, Any]]
SIZES = (70, 80, 125, 140, 160)  # percent
_LEAST = 3.8  # contrast ratio of letters that are recoloured
_BRIGHT, _DARK = 0.3, 0.18  # relative luminance of inks that an outline makes legible on any photograph


def replace_line(draft: Draft, random: Random) -> Wish | None:
    """Other words in the same place."""
    node = _line(draft, random)
    if node is None:
        return None
    before = str(draft.state.shown(node).text)
    after = drafts.other_text(node, draft.language(node), before, random)
    if after is None:
        return None
    slots = {"before": _text(before), "after": _text(after), "where": wording.where(node, draft.state)}
    return _wish("text_replace_line", draft, {node.name: {"text": after}}, slots)


def translate_line(draft: Draft, random: Random) -> Wish | None:
    """The same words in the other language."""
    node = _line(draft, random)
    if node is None:
        return None
    before, old = str(draft.state.shown(node).text), draft.language(node)
    new: Language = "zh" if old == "en" else "en"
    after = drafts.translation(node, new, before)
    if after is None or after == before:
        return None
    slots = {
        "before": _text(before), "after": _text(after), "where": wording.where(node, draft.state),
        "language": wording.language_name(new), "old_language": wording.language_name(old),
    }  # fmt: skip
    return _wish("text_translate_line", draft, {node.name: {"text": after, "language": new}}, slots)


def recolor_line(draft: Draft, random: Random) -> Wish | None:
    """The same letters from one named colour to another, both legible on their ground."""
    node = _line(draft, random)
    if node is None:
        return None
    grounds = _grounds(draft, node)
    names = wording.legible(grounds, _LEAST) if grounds else wording.legible([], 0)
    if not grounds:  # on the photograph the outline follows the ink, so both inks are light, or both dark
        bright = random.random() < 0.6
        colors = templates().colors
        light = {name: relative_luminance(colors[name].rgb) for name in names}
        names = [name for name in names if (light[name] > _BRIGHT if bright else light[name] < _DARK)]
    if len(names) < 2:
        return None
    old, new = random.sample(names, 2)
    slots = {
        "text": _text(str(draft.state.shown(node).text)), "where": wording.where(node, draft.state),
        "old_color": wording.color(old), "color": wording.color(new),
    }  # fmt: skip
    start = {node.name: {"ink": slots["old_color"].value}}
    return _wish("text_recolor_line", draft, {node.name: {"ink": slots["color"].value}}, slots, start)


def restyle_line(draft: Draft, random: Random) -> Wish | None:
    """The same words in another typeface, or in another weight of theirs."""
    node = _line(draft, random)
    if node is None:
        return None
    language = draft.language(node)
    options: list[tuple[dict[str, Any], dict[str, Any], Said, Said]] = []
    present = node.role if node.role in roles(language) else "sans"
    for role in roles(language):
        if role != present:
            names = (wording.style(present, language), wording.style(role, language))
            options.append(({"role": present}, {"role": role}, *names))
    found = [weight for weight in weights(present, language) if weight != "black"]
    for weight in found:
        first = "regular" if weight != "regular" else "bold"
        if first in found:
            names = (wording.WEIGHTS[first], wording.WEIGHTS[weight])
            options.append(({"role": present, "weight": first}, {"weight": weight}, *names))
    if not options:
        return None
    start, change, old, new = random.choice(options)
    slots = {
        "text": _text(str(draft.state.shown(node).text)), "where": wording.where(node, draft.state),
        "style": new, "old_style": old,
    }  # fmt: skip
    return _wish("text_restyle_line", draft, {node.name: change}, slots, {node.name: start})


def resize_line(draft: Draft, random: Random) -> Wish | None:
    """The same letters, larger or smaller."""
    node, percent = _line(draft, random), random.choice(SIZES)
    if node is None:
        return None
    slots = {
        "text": _text(str(draft.state.shown(node).text)), "where": wording.where(node, draft.state),
        "percent": Said(en=f"{percent}", zh=f"{percent}", value=percent),
    }  # fmt: skip
    # Both sizes stay near the one that the layout was drawn for.
    start = {node.name: {"scale": 1.0 if percent < 100 else round(100 / percent, 3)}}
    change = {node.name: {"scale": start[node.name]["scale"] * percent / 100}}
    return _wish("text_resize_line", draft, change, slots, start)


def move_line(draft: Draft, random: Random) -> Wish | None:
    """One line, with its plate if it has one, from one place of the picture to another."""
    roots = [
        node for node in draft.file.nodes if node.anchors and len(_texts(node)) == 1 and not _marks(node)
    ]
    if not roots:
        return None
    root = random.choice(roots)
    old = drafts.chosen_place(draft, root.name)
    free = [anchor for anchor in root.anchors if drafts.apart(draft.scene, old, anchor)]
    if not free:
        return None
    new = random.choice(free)
    slots = {
        "text": _text(str(draft.state.shown(_texts(root)[0]).text)),
        "place": wording.place(old), "target": wording.place(new),
    }  # fmt: skip
    return _wish("text_move_line", draft, {root.name: {"anchor": new}}, slots)


def add_line(draft: Draft, random: Random) -> Wish | None:
    """A line where there was none; taking it away is the wanted direction."""
    node = _line(draft, random)
    if node is None:
        return None
    language = draft.language(node)
    present = node.role if node.role in roles(language) else "sans"
    slots = {
        "text": _text(str(draft.state.shown(node).text)), "where": wording.where(node, draft.state),
        "style": wording.style(present, language),
    }  # fmt: skip
    shown = {"hidden": False, "role": present}
    return _wish("text_add_line", draft, {node.name: shown}, slots, {node.name: {"hidden": True}})


def add_badge(draft: Draft, random: Random) -> Wish | None:
    """A badge, label, tag, button or sign with one text."""
    if draft.state.stand:
        return _add_piece(draft)
    roots = [node for node in draft.file.nodes if node.what and len(_texts(node)) == 1]
    if not roots or draft.file.mount != "overlay":
        return None
    root = random.choice(roots)
    slots = {
        "object": _named(draft, root), "text": _text(str(draft.state.shown(_texts(root)[0]).text)),
        "place": wording.place(drafts.chosen_place(draft, root.name)),
    }  # fmt: skip
    return _wish("add_badge", draft, {root.name: {"hidden": False}}, slots, {root.name: {"hidden": True}})


def add_logo(draft: Draft, random: Random) -> Wish | None:
    """A mark without words."""
    roots = [node for node in draft.file.nodes if node.what and not _texts(node) and _marks(node)]
    if not roots:
        return None
    root = random.choice(roots)
    slots = {
        "object": wording.logo(str(draft.state.shown(_marks(root)[0]).mark)),
        "place": wording.place(drafts.chosen_place(draft, root.name)),
    }
    return _wish("add_logo", draft, {root.name: {"hidden": False}}, slots, {root.name: {"hidden": True}})


def replace_logo(draft: Draft, random: Random) -> Wish | None:
    """Another mark in the same place and colours."""
    nodes = [node for node in draft.file.walk() if node.kind == "mark" and node.where]
    if not nodes:
        return None
    node = random.choice(nodes)
    old = str(draft.state.shown(node).mark)
    new = random.choice([name for name in logos() if name != old])
    slots = {"object": wording.logo(old), "new": wording.logo(new), "where": wording.where(node, draft.state)}
    return _wish("replace_logo", draft, {node.name: {"mark": new}}, slots)


def color_button(draft: Draft, random: Random) -> Wish | None:
    """A plate from one named colour to another on which its letters stay legible."""
    nodes = [node for node in draft.file.walk() if node.plate and node.what and node.name]
    if not nodes:
        return None
    node = random.choice(nodes)
    inks = [draft.state.rgb(each.ink) for each in node.walk() if each.kind in ("text", "icon", "mark")]
    names = wording.legible([ink for ink in inks if ink], _LEAST)
    if len(names) < 2:
        return None
    old, new = random.sample(names, 2)
    slots = {
        "object": _said(node), "place": wording.place_of(draft.state, node.name),
        "old_color": wording.color(old), "color": wording.color(new),
    }  # fmt: skip
    start = {node.name: {"fill": slots["old_color"].value}}
    return _wish("color_button", draft, {node.name: {"fill": slots["color"].value}}, slots, start)


EDITS: dict[str, Callable[[Draft, Random], Wish | None]] = {
    "text_replace_line": replace_line,
    "text_translate_line": translate_line,
    "text_recolor_line": recolor_line,
    "text_restyle_line": restyle_line,
    "text_resize_line": resize_line,
    "text_move_line": move_line,
    "text_add_line": add_line,
    "add_badge": add_badge,
    "add_logo": add_logo,
    "replace_logo": replace_logo,
    "color_button": color_button,
}


def _add_piece(draft: Draft) -> Wish | None:
    """A sign with one text, put into the photograph."""
    texts, piece = draft.file.texts(), draft.file.piece
    if len(texts) != 1 or piece is None:
        return None
    slots = {
        "object": wording.said(piece.noun), "text": _text(str(draft.state.shown(texts[0]).text)),
        "place": wording.place(drafts.chosen_place(draft, texts[0].name)),
    }  # fmt: skip
    control = {
        "state": draft.state.model_dump(mode="json", exclude_defaults=True),
        "absent": True,
        "change": {},
    }
    return Wish(primitive="add_badge", slots=slots, control=control)


def _wish(
    primitive: str, draft: Draft, change: Change, slots: dict[str, Said], start: Change | None = None
) -> Wish:
    state = draft.state.changed(start or {})
    control = {"state": state.model_dump(mode="json", exclude_defaults=True), "change": change}
    return Wish(primitive=primitive, slots=slots, control=control)


def _line(draft: Draft, random: Random) -> Node | None:
    """One of the lines that can be edited."""
    lines = draft.file.texts()
    return random.choice(lines) if lines else None


def _text(text: str) -> Said:
    return Said(en=text, zh=text, value=text)


def _said(node: Node) -> Said:
    assert node.what is not None, node.name
    return wording.said(node.what)


def _named(draft: Draft, node: Node) -> Said:
    """What a node is called; a logo by what it shows."""
    found = _marks(node)
    return wording.logo(str(draft.state.shown(found[0]).mark)) if found else _said(node)


def _texts(node: Node) -> list[Node]:
    return [each for each in node.walk() if each.kind == "text"]


def _marks(node: Node) -> list[Node]:
    return [each for each in node.walk() if each.kind == "mark"]


def _grounds(draft: Draft, node: Node) -> list[Rgb]:
    """Colours on which a node stands; none where that is the photograph."""
    over = [each for each in draft.file.walk() if each.plate and any(node is below for below in each.walk())]
    plate = over[-1].plate if over else draft.file.ground
    if plate is None or plate.opacity < 0.7:
        return []
    found = [draft.state.rgb(tint) for tint in (plate.fill, plate.to) if tint]
    return [rgb or DARK for rgb in found]
