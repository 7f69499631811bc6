"""Settings that a user gives a model: checked when it is loaded, an unknown one refused by name."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from firered.errors import ModelError


class Settings(BaseModel):
    """Base of all settings of models: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Settings)


def checked(kind: type[S], given: dict[str, Any], *, what: str) -> S:
    """Make settings of what was given; raises ModelError that begins with `what` and names the key."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "settings"
        if first["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            raise ModelError(f"{what}: no setting {key!r} (one of: {known})") from None
        raise ModelError(f"{what}: {key}: {first['msg'].lower()} (got {first['input']!r})") from None
