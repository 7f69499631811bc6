"""YAML to a frozen, typed recipe: positions kept, `extends` inherits, `--set` overrides, all errors at once."""

import difflib
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from firered.errors import RecipeError
from firered.paths import shipped

Key = tuple[str | int, ...]
R = TypeVar("R", bound=BaseModel)


class Strict(BaseModel):
    """Base of all recipe models: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


@dataclass(frozen=True)
class Located:
    """Plain data, and for each key where it stands (`file:line:column`)."""

    data: dict[str, Any]
    places: dict[Key, str]


def find(name: str, base: Path | None = None) -> Path:
    """Path of a recipe given as a file, beside `base`, or by its name among the shipped ones.

    Raises RecipeError that lists the shipped recipes.
    """
    folders = [base] if base else []
    for folder in [*folders, Path(), shipped("recipes")]:
        for candidate in (folder / name, folder / f"{name}.yaml"):
            if candidate.is_file():
                return candidate
    known = sorted(
        str(path.relative_to(shipped("recipes")).with_suffix(""))
        for path in shipped("recipes").rglob("*.yaml")
    )
    raise RecipeError(f"no recipe {name!r} (give a file, or one of: {', '.join(known)})")


def load(path: Path, model: type[R], overrides: Sequence[str] = ()) -> R:
    """Read, inherit, override and validate a recipe; raises RecipeError with every problem in it."""
    return validate(model, with_overrides(read(path), overrides))


def read(path: Path, seen: tuple[Path, ...] = ()) -> Located:
    """Read a recipe and lay it over the one it extends."""
    if path.resolve() in seen:
        raise RecipeError(f"{path}: 'extends' goes round in a circle")
    try:
        found = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
        ) from None
    parent = found.data.pop("extends", None)
    if parent is None:
        return found
    if not isinstance(parent, str):
        raise RecipeError(f"{found.places['extends',]}: extends: name one recipe (got {parent!r})")
    return laid_over(read(find(parent, path.parent), (*seen, path.resolve())), found)


def parse(text: str, name: str) -> Located:
    """Parse YAML with positions; raises RecipeError for bad YAML, duplicate keys or no mapping."""
    try:
        _refuse_aliases(text, name)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise RecipeError(f"{name}:1:1: nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise RecipeError(f"{place}: not YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise RecipeError(f"{name}:1:1: a recipe is a mapping of keys to values")
    places: dict[Key, str] = {}
    data = _plain(root, (), name, places)
    assert isinstance(data, dict)
    return Located(data, places)


def _refuse_aliases(text: str, name: str) -> None:
    """An alias can stand for itself, or for a million nodes, and hides where a value came from."""
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken):
            mark = token.start_mark
            place = f"{name}:{mark.line + 1}:{mark.column + 1}"
            raise RecipeError(f"{place}: *{token.value}: recipes have no aliases (write it out)")


def _plain(node: yaml.Node, key: Key, name: str, places: dict[Key, str]) -> Any:
    places.setdefault(key, _place(node, name))
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, key, name, places)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*key, i), name, places) for i, item in enumerate(node.value)]
    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except yaml.YAMLError:
        raise RecipeError(f"{_place(node, name)}: {node.tag} is not a plain value") from None


def _plain_mapping(node: yaml.MappingNode, key: Key, name: str, places: dict[Key, str]) -> dict[str, Any]:
    if node.tag != "tag:yaml.org,2002:map":
        raise RecipeError(f"{_place(node, name)}: {node.tag} is not a plain value")
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        word = key_node.value
        if not isinstance(word, str):
            raise RecipeError(f"{_place(key_node, name)}: a key is a word")
        if word in found:
            raise RecipeError(f"{_place(key_node, name)}: {word}: is given twice")
        places[(*key, word)] = _place(key_node, name)
        found[word] = _plain(value_node, (*key, word), name, places)
    return found


def _place(node: yaml.Node, name: str) -> str:
    return f"{name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def laid_over(parent: Located, child: Located) -> Located:
    """Lay a child over its parent: mappings merge, everything else replaces."""

    def merged(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
        both = {
            key: merged(low[key], value)
            for key, value in high.items()
            if isinstance(low.get(key), dict) and isinstance(value, dict)
        }
        return {**low, **high, **both}

    return Located(merged(parent.data, child.data), {**parent.places, **child.places})


def with_overrides(found: Located, overrides: Sequence[str]) -> Located:
    """Apply `a.b=value` overrides; values are YAML, numbers in a path index lists."""
    data, places = found.data, dict(found.places)
    for number, override in enumerate(overrides, 1):
        dotted, equals, value = override.partition("=")
        if not equals:
            raise RecipeError(f"--set {override!r}: should be a.b=value")
        key: Key = tuple(int(part) if part.isdigit() else part for part in dotted.split("."))
        data = _replaced(data, key, _value(value, override), override)
        places[key] = f"--set #{number} ({override})"
    return Located(data, places)


def _value(text: str, override: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise RecipeError(f"--set {override!r}: the value is not YAML (quote it)") from None


def _replaced(data: Any, key: Key, value: Any, override: str) -> Any:
    if not key:
        return value
    head, rest = key[0], key[1:]
    if isinstance(data, list):
        if not isinstance(head, int) or head >= len(data):
            raise RecipeError(f"--set {override!r}: no item {head!r} in a list of {len(data)}")
        return [*data[:head], _replaced(data[head], rest, value, override), *data[head + 1 :]]
    inner = data if isinstance(data, dict) else {}
    return {**inner, head: _replaced(inner.get(head, {}), rest, value, override)}


# --- validation -----------------------------------------------------------------------------------


def validate(model: type[R], found: Located) -> R:
    """Validate against a model; raises RecipeError with one line for each problem."""
    try:
        return model.model_validate(found.data)
    except ValidationError as error:
        lines = dict.fromkeys(_line(model, found, detail) for detail in error.errors())
        raise RecipeError("\n".join(lines)) from None


def _line(model: type[BaseModel], found: Located, detail: ErrorDetails) -> str:
    key = _real_key(found.data, detail)
    where = place(found, key)
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return f"{where}: {dotted(key)}: unknown key{_hint(model, found.data, key)}"
    got = (
        ""
        if detail["type"] == "missing" or isinstance(detail["input"], dict | list)
        else f" (got {detail['input']!r})"
    )
    return f"{where}: {dotted(key)}: {message[:1].lower()}{message[1:]}{got}".replace(": : ", ": ")


def place(found: Located, key: Key) -> str:
    """Where a key stands, or the nearest key around it."""
    return next(
        (found.places[key[:end]] for end in range(len(key), -1, -1) if key[:end] in found.places), "recipe"
    )


def dotted(key: Key) -> str:
    """Key as it is written after --set."""
    return ".".join(str(part) for part in key)


def _real_key(data: Any, detail: ErrorDetails) -> Key:
    """Drop from pydantic's location the names of union members, which are no keys."""
    return _readings(data, detail["loc"], missing=detail["type"] == "missing")[1]


def _readings(data: Any, parts: Key, *, missing: bool) -> tuple[bool, Key]:
    """Best way to read a location: whether its last part is a key, and the keys."""
    if not parts:
        return True, ()
    head, rest = parts[0], parts[1:]
    skipped: tuple[bool, Key] = (missing, (head,) if missing else ())
    ways = [_readings(data, rest, missing=missing) if rest else skipped]
    inside = (isinstance(data, dict) and head in data) or (
        isinstance(data, list) and isinstance(head, int) and head < len(data)
    )
    if inside:
        found, key = _readings(data[head], rest, missing=missing)
        ways.insert(0, (found, (head, *key)))
    return max(ways, key=lambda way: (way[0], len(way[1])))


def _hint(model: type[BaseModel], data: Any, key: Key) -> str:
    names = _names_at(model, data, key[:-1])
    if str(key[-1]) in names:
        return " (it does not go with the other keys here)"
    close = difflib.get_close_matches(str(key[-1]), names, 1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (keys: {', '.join(names)})" if names else ""


def _names_at(model: type[BaseModel], data: Any, key: Key) -> list[str]:
    """Names of the fields of the model (of all members of a union) that stands at a key."""
    models: list[type[BaseModel]] = [model]
    for part in key:
        if isinstance(part, int):
            continue
        fields = [found for each in models if (found := _field(each, part)) is not None]
        models = [inner for annotation in fields for inner in _models_in(annotation)]
    here = data
    for part in key:
        here = here[part]
    matching = [
        each for each in models if isinstance(here, dict) and set(here) & set(_aliases(each))
    ] or models
    return list(dict.fromkeys(name for each in matching for name in _aliases(each)))


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field(model: type[BaseModel], name: str) -> Any:
    for field_name, field in model.model_fields.items():
        if name in (field_name, field.alias):
            return field.annotation
    return None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in _models_in(inner)]
