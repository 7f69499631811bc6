"""From a request to the arguments of a diffusers pipeline, by the names in the pipeline's own signature."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models.editor import EditRequest
from firered.models.encoded import resized, white_on_black

if TYPE_CHECKING:
    from firered.models.editor import Pixels

# What a request holds -> the names that pipelines have for it, the first that is there counts.
NAMES = {
    "source": ("image", "images", "input_images"),
    "mask": ("mask_image", "mask", "control_mask"),
    "control": ("control_image",),
    "prompt": ("prompt",),
    "negative": ("negative_prompt",),
    "strength": ("strength",),
}
# Without any negative prompt these pipelines leave guidance out, whatever its scale.
TRUE_GUIDANCE = "true_cfg_scale"


@dataclass(frozen=True)
class Signature:
    """What a pipeline's call takes."""

    name: str  # of the class
    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    controlled: bool  # has a ControlNet among its parts

    def place(self, role: str) -> str | None:
        """Name of the parameter that takes a part of the request; None where the pipeline has none."""
        if self.controlled:
            role = self._controlled_role(role)
        return next((name for name in NAMES.get(role, ()) if name in self.parameters), None)

    def _controlled_role(self, role: str) -> str:
        """Role that a ControlNet pipeline means where it has one parameter for both pictures."""
        names = set(self.parameters)
        if not names & set(NAMES["control"]):
            # It makes pictures from nothing, and calls its control `image`.
            return {"source": "", "control": "source"}.get(role, role)
        if "control_mask" in names and not names & set(NAMES["source"]):
            # The picture to fill is itself what the ControlNet looks at, as its mask is.
            return {"source": "control", "control": ""}.get(role, role)
        return role


def signature_of(kind: type) -> Signature:
    """Read the signature of a pipeline's class."""
    call: Any = kind.__call__
    found = dict(inspect.signature(call).parameters)
    found.pop("self", None)
    named = {
        name: each for name, each in found.items() if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    }
    defaults = {name: each.default for name, each in named.items()}
    parts = inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    return Signature(kind.__name__, tuple(named), defaults, "controlnet" in parts)


def check_settings(signature: Signature, settings: Mapping[str, Any]) -> None:
    """Raise ModelError for settings that the pipeline's call does not take."""
    for name in settings:
        if name not in signature.parameters:
            known = ", ".join(signature.parameters)
            raise ModelError(f"pipeline {signature.name}: takes no {name!r} (one of: {known})")


@dataclass(frozen=True)
class Shaped:
    """A request at the size that the pipeline works at."""

    request: EditRequest
    height: int
    width: int

    @property
    def pictures(self) -> "list[Any]":
        """All pictures for PIL; the first at the working size, the others as they are."""
        first, *others = self.request.images
        return [_picture(resized(first, self.height, self.width)), *(_picture(other) for other in others)]

    def part(self, role: str) -> Any:
        """Mask or control picture at the working size; None where the request has none."""
        pixels = self.request.control_image
        if role == "mask":
            pixels = None if self.request.mask is None else white_on_black(self.request.mask)
        return None if pixels is None else _picture(resized(pixels, self.height, self.width))


def shaped(request: EditRequest, *, max_side: int, multiple: int) -> Shaped:
    """Choose the working size: within `max_side` pixels, sides multiples of `multiple`, the shape kept nearly."""
    height, width = request.images[0].shape[:2]
    scale = min(1.0, max_side / max(height, width))
    sides = [max(multiple, round(side * scale / multiple) * multiple) for side in (height, width)]
    most = max(multiple, max_side // multiple * multiple)
    return Shaped(request, min(sides[0], most), min(sides[1], most))


def arguments(signature: Signature, batch: Sequence[Shaped], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a call for requests of one size; lists where there are several.

    Raises ValueError where a request lacks what the pipeline needs, or brings what it cannot use.
    """
    found: dict[str, Any] = {}
    for role in ("source", "mask", "control", "prompt", "negative", "strength"):
        name = signature.place(role)
        values = [_value(role, each, signature) for each in batch]
        _check(role, name, values, signature)
        if name and any(value is not None for value in values):
            # One strength for all: requests of a batch are alike in it.
            found[name] = values if len(batch) > 1 and role != "strength" else values[0]
    _fill_negative(found, signature, settings, len(batch))
    return {**found, **_size(signature, batch[0]), **_plain(signature), **settings}


def _value(role: str, each: Shaped, signature: Signature) -> Any:
    request = each.request
    if role == "source":
        pictures = each.pictures
        # A parameter in the plural takes the pictures of one request as a list, however few.
        plural = signature.place("source") in ("images", "input_images")
        return pictures if plural or len(pictures) > 1 else pictures[0]
    if role == "prompt":
        return request.instruction
    if role == "negative":
        return request.negative or None
    return request.strength if role == "strength" else each.part(role)


def _check(role: str, name: str | None, values: Sequence[Any], signature: Signature) -> None:
    given = any(value is not None for value in values)
    # A mask says where things may change, which whoever pastes back sees to; the others would be lost.
    if given and name is None and role in ("control", "strength"):
        raise ValueError(f"{signature.name} takes no {role}")
    missing = any(value is None for value in values)
    if name and missing and role in ("mask", "control"):
        raise ValueError(f"{signature.name} needs a {role}")


def _fill_negative(
    found: dict[str, Any], signature: Signature, settings: Mapping[str, Any], count: int
) -> None:
    """Give an empty negative prompt to requests without one where others have one, or guidance needs it."""
    name = signature.place("negative")
    if not name:
        return
    guided = (settings.get(TRUE_GUIDANCE) or signature.defaults.get(TRUE_GUIDANCE) or 0) > 1
    if name in found and count > 1:
        found[name] = [value or " " for value in found[name]]
    elif name not in found and guided:
        found[name] = [" "] * count if count > 1 else " "


def _size(signature: Signature, each: Shaped) -> dict[str, int]:
    wanted = {"height": each.height, "width": each.width, "max_area": each.height * each.width}
    return {name: value for name, value in wanted.items() if name in signature.parameters}


def _plain(signature: Signature) -> dict[str, Any]:
    return {"output_type": "pil"} if "output_type" in signature.parameters else {}


def _picture(pixels: "Pixels") -> Any:
    from PIL import Image

    return Image.fromarray(pixels)
