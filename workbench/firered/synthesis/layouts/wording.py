"""Words for places, typefaces, weights, languages and colours, in both languages."""

from functools import cache

from firered.paths import shipped
from firered.synthesis.layouts import shapes
from firered.synthesis.layouts.contrast import contrast
from firered.synthesis.layouts.model import Anchor, Node
from firered.synthesis.layouts.state import State
from firered.synthesis.layouts.typefaces import Role, Weight, typeface
from firered.synthesis.making import Said
from firered.templating.filters import Language, Rgb, read_yaml, templates
from firered.templating.words import grammar

WEIGHTS: dict[Weight, Said] = {
    "light": Said(en="light letters", zh="细体"),
    "regular": Said(en="regular letters", zh="常规体"),
    "bold": Said(en="bold letters", zh="粗体"),
    "black": Said(en="extra bold letters", zh="特粗体"),
    "italic": Said(en="italics", zh="斜体"),
    "bold_italic": Said(en="bold italics", zh="粗斜体"),
}


@cache
def anchors() -> dict[Anchor, dict[Language, str]]:
    """Words of places; raises TemplateError naming file and key."""
    found: dict[Anchor, dict[Language, str]] = read_yaml(
        shipped("templates") / "lexicon" / "anchors.yaml", dict[Anchor, dict[Language, str]]
    )
    return found


def said(words: dict[Language, str], value: object = None) -> Said:
    """Words of both languages as what stands in a slot."""
    return Said(en=words["en"], zh=words["zh"], value=value)


def place(anchor: Anchor) -> Said:
    """A place of the picture."""
    return said(anchors()[anchor], anchor)


def anchor_of(state: State, name: str) -> Anchor:
    """Where the node of the picture that holds a node hangs; of a piece, where it stands."""
    if state.stand:
        return nearest(state.stand[0], state.stand[1])
    root = root_of(state, name)
    return state.shown(root).anchor or root.anchor or "centre"


def place_of(state: State, name: str) -> Said:
    """Where a node is: on the poster, card or page that frames the photograph, else the place where it hangs."""
    file = state.file
    if file.mount == "framed":
        return Said(en=f"on the {file.noun['en']}", zh=f"{file.noun['zh']}上")
    return place(anchor_of(state, name))


def root_of(state: State, name: str) -> Node:
    """The node of the picture itself that holds a node, or is it."""
    return next(node for node in state.file.nodes if any(each.name == name for each in node.walk()))


def nearest(x: float, y: float) -> Anchor:
    """The place whose third of the picture holds a point."""
    across = "left" if x < 0.4 else "right" if x > 0.6 else ""
    down = "top" if y < 0.36 else "bottom" if y > 0.64 else ""
    found: dict[str, Anchor] = {"_".join(name.split("_")): name for name in anchors()}
    return found["_".join(part for part in (down, across) if part) or "centre"]


def where(node: Node, state: State) -> Said:
    """Where a node is, as instructions say it."""
    assert node.where is not None, node.name
    words = anchors()[anchor_of(state, node.name)]
    return Said(
        en=node.where["en"].format(anchor=words["en"]), zh=node.where["zh"].format(anchor=words["zh"])
    )


def style(role: Role, language: Language) -> Said:
    """A typeface in words; value is the role."""
    name = typeface(role, language).name
    return Said(en=f"a {name['en']} typeface", zh=name["zh"], value=role)


def language_name(language: Language) -> Said:
    """Name of a language; value is its code."""
    names = grammar().languages[language]
    return Said(en=names["en"], zh=names["zh"], value=language)


def mark(name: str) -> Said:
    """What a mark shows; value is its name."""
    return said(shapes.said_of(name), name)


def logo(name: str) -> Said:
    """A mark as a logo, such as a leaf logo; value is its name."""
    words = shapes.said_of(name)
    return Said(en=f"{words['en']} logo", zh=f"{words['zh']}标志", value=name)


def color(name: str) -> Said:
    """A named colour; value is its RGB."""
    found = templates().colors[name]
    return Said(en=found.en, zh=found.zh, value=list(found.rgb))


def legible(grounds: list[Rgb], least: float) -> list[str]:
    """Named colours of ink that stand out from all of these grounds by a contrast ratio."""
    return [
        name
        for name, found in templates().colors.items()
        if found.ink and all(contrast(found.rgb, ground) >= least for ground in grounds)
    ]
