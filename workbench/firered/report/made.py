"""How a made pair came about: its request, its wish, what made it of which pictures."""

import json
from typing import Any

from firered.catalog import Catalog

Rows = list[dict[str, Any]]


def about(catalog: Catalog, key: int, pair: dict[str, Any]) -> dict[str, Rows]:
    """Rows for people by name; of an inverse, what its parent was made by; nothing for a filter's pair."""
    making = parsed(pair["parameters"])
    if "wish" not in making:
        return {}
    origin = pair["parent_id"] if pair["strategy"] == "invert" else key
    known = catalog.known("pair", origin) if origin is not None else {}
    found = {"wish": [wish(making["wish"])], "making": [facts(making)]}
    if truth := shortened(making.get("truth") or {}):
        found["truth"] = [truth]
    for made in known.get("produced", []):
        found["request"] = catalog.known("request", made["request_id"]).get("request", [])
        found["produced"] = [made]
    found["ingredient"] = known.get("ingredient", [])
    return {name: [without_wish(row) for row in rows] for name, rows in found.items() if rows}


def wish(stored: dict[str, Any]) -> dict[str, Any]:
    """What was asked: the primitive, the words in its slots, its control signals."""
    said = {name: slot["en"] or slot["value"] for name, slot in stored.get("slots", {}).items()}
    used = {name: other["image_id"] for name, other in stored.get("others", {}).items()}
    return {"primitive": stored["primitive"], **said, **shortened(stored.get("control", {})), **used}


def facts(making: dict[str, Any]) -> dict[str, Any]:
    """Who made it, by which weights, from what, and how it was stored."""
    names = (
        "maker",
        "version",
        "model",
        "revision",
        "seed",
        "start",
        "max_side",
        "codec",
        "quality",
        "inverse",
    )
    found = {name: making[name] for name in names if making.get(name) not in (None, "", False)}
    mask = making.get("mask")
    return found | ({"mask": f"{share_of(mask):.1%} of the picture"} if mask else {"mask": "anywhere"})


def share_of(mask: dict[str, Any]) -> float:
    """Share of the picture that a stored mask takes, 0..1."""
    from firered.descriptors import rle

    return float(rle.area(mask["counts"]) / (mask["height"] * mask["width"]))


def shortened(values: dict[str, Any]) -> dict[str, Any]:
    """Values for people: masks as their share."""
    return {
        name: f"{share_of(value):.1%} of the picture"
        if isinstance(value, dict) and "counts" in value
        else value
        for name, value in values.items()
    }


def without_wish(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the JSON that stands in a line of its own."""
    return {name: value for name, value in row.items() if name != "wish"}


def parsed(parameters: str) -> dict[str, Any]:
    """Parameters of a pair; empty where they are no JSON object."""
    try:
        found = json.loads(parameters)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
