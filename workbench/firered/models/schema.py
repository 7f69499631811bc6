"""JSON in a model's answer: found in its text, and checked against a schema of the plain kind that models follow."""

import json
from typing import Any

from firered.models.remote import BadAnswer

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def found_in(text: str) -> Any:
    """First JSON object or list in a text, such as one between ``` marks; raises BadAnswer where there is none."""
    decoder = json.JSONDecoder()
    for place, letter in enumerate(text):
        if letter in "{[":
            try:
                return decoder.raw_decode(text, place)[0]
            except ValueError:
                continue
    raise BadAnswer(f"no JSON in {text[:120]!r}")


def problem(value: Any, schema: dict[str, Any], where: str = "answer") -> str:
    """Say where a value does not follow a schema, '' where it does.

    Known: type, enum, properties, required, items, minItems, maxItems, minimum, maximum, minLength.
    """
    kinds = schema.get("type", [])
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if wanted and not any(_is(value, kind) for kind in wanted):
        return f"{where} is not {' or '.join(wanted)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is {value!r}, not one of {schema['enum']}"
    if isinstance(value, dict):
        return _in_object(value, schema, where)
    if isinstance(value, list):
        return _in_list(value, schema, where)
    return _out_of_bounds(value, schema, where)


def _is(value: Any, kind: str) -> bool:
    # True is a number to Python, and to nobody else.
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _in_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> str:
    for name in schema.get("required", []):
        if name not in value:
            return f"{where} has no {name!r}"
    parts = schema.get("properties", {})
    found = (problem(value[name], part, f"{where}.{name}") for name, part in parts.items() if name in value)
    return next((each for each in found if each), "")


def _in_list(value: list[Any], schema: dict[str, Any], where: str) -> str:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{where} has {len(value)} items"
    item = schema.get("items", {})
    found = (problem(each, item, f"{where}[{number}]") for number, each in enumerate(value))
    return next((each for each in found if each), "")


def _out_of_bounds(value: Any, schema: dict[str, Any], where: str) -> str:
    if isinstance(value, str):
        return f"{where} is too short" if len(value) < schema.get("minLength", 0) else ""
    if isinstance(value, int | float):
        inside = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return "" if inside else f"{where} is {value}, which is out of bounds"
    return ""
