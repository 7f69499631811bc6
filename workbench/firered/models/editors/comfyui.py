"""Editors behind ComfyUI: a workflow in which places like {{instruction}} are filled, queued, awaited, fetched.

The spec is comfyui+http://HOST:PORT; the workflow is a file that ComfyUI saved for its API. What may stand in it:
{{source}} {{reference_1}} ... {{mask}} {{control}} (names of pictures that were sent there), {{instruction}}
{{negative}} {{seed}} {{strength}}, and the names given as `values`.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from firered.errors import ModelError
from firered.models.editor import EditError, EditRequest
from firered.models.editors.served import at_size, edited
from firered.models.encoded import opened, png, white_on_black
from firered.models.remote import BadAnswer, Server, ServerBusy, ServerSettings
from firered.models.settings import checked
from firered.paths import shipped
from firered.rows import id_of

if TYPE_CHECKING:
    from firered.models.editor import Pixels

Value = str | int | float
PLACE = re.compile(r"\{\{(\w+)\}\}")
OWN = frozenset({"source", "mask", "control", "instruction", "negative", "seed", "strength"})


class ComfySettings(ServerSettings):
    """Settings of a ComfyUI server; those of any server included."""

    workflow: str = Field(
        min_length=1, description="workflow file, or the name of one in templates/controls/comfyui"
    )
    values: dict[str, Value] = Field(
        default={}, description="what the workflow's further places are filled with"
    )
    output: str = Field(default="", description="node whose picture is taken; empty: the first that has one")
    wait: float = Field(
        default=600, gt=0, description="seconds that a job may take, its time in the queue included"
    )
    poll: float = Field(default=1, gt=0, description="seconds between looks at a job")
    keep_size: bool = Field(default=True, description="bring the answer to the size of the source")


class ComfyUI:
    """A workflow of a ComfyUI server."""

    device = "remote"

    def __init__(self, server: Server, settings: ComfySettings, *, now: Any = time.monotonic) -> None:
        self.server = server
        self._settings = settings
        self._now = now
        self._workflow, name = workflow_of(settings.workflow)
        self._places = places(self._workflow)
        _check_places(name, self._places, settings.values)
        self.name = f"comfyui-{name}"
        self.revision = f"{id_of('comfyui', self._workflow, settings.values, settings.output):016x}"[:12]

    @property
    def money(self) -> float:
        """Price of an edit."""
        return self._settings.money

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Edit a batch, a few jobs at a time."""
        return edited(self.server, requests, self._edited)

    def _edited(self, request: EditRequest) -> "Pixels":
        job = filled(self._workflow, self._values(request))
        queued = self.server.post_json("prompt", {"prompt": job})
        found = queued.json()
        if not isinstance(found, dict) or not found.get("prompt_id"):
            raise BadAnswer(f"{queued.url}: no prompt_id: {found!r}"[:300])
        outputs = self._awaited(str(found["prompt_id"]))
        fetched = self.server.get("view", fields=self._picture_of(outputs, queued.url))
        self.server.count()
        pixels = opened(fetched.data, fetched.url, kind=fetched.kind)
        return at_size(pixels, request, fetched.url, keep_size=self._settings.keep_size)

    def _values(self, request: EditRequest) -> dict[str, Value]:
        """What the places of the workflow are filled with; the pictures are sent there first."""
        values: dict[str, Value] = {
            "instruction": request.instruction,
            "negative": request.negative,
            "seed": request.seed,
            "strength": 1.0 if request.strength is None else request.strength,
            **self._settings.values,
            **{key: value for key, value in request.settings.items() if isinstance(value, str | int | float)},
        }
        for place, pixels in _pictures(request).items():
            if place in self._places:
                values[place] = self._sent(pixels)
        absent = sorted(self._places - set(values))
        if absent:
            raise BadAnswer(f"{self.name}: the request has no {', '.join(absent)}, which the workflow needs")
        return values

    def _sent(self, pixels: "Pixels") -> str:
        """Upload a picture under a name that is its content; returns the name that the server gave it."""
        data = png(pixels)
        name = f"firered-{id_of(data.hex()):016x}.png"
        answer = self.server.post_form(
            "upload/image", [("image", (name, data, "image/png")), ("type", "input"), ("overwrite", "true")]
        )
        found = answer.json()
        if not isinstance(found, dict) or not found.get("name"):
            raise BadAnswer(f"{answer.url}: the picture was not taken: {found!r}"[:300])
        folder = found.get("subfolder")
        return f"{folder}/{found['name']}" if folder else str(found["name"])

    def _awaited(self, job: str) -> dict[str, Any]:
        """Outputs of a job, once it is done; raises ServerBusy after the settings' time, BadAnswer for an error."""
        end = self._now() + self._settings.wait
        while True:
            found = self.server.get(f"history/{job}").json()
            entry = found.get(job) if isinstance(found, dict) else None
            if entry and entry.get("status", {}).get("status_str") == "error":
                raise BadAnswer(f"{self.server.address}: {_reason(entry['status'])}")
            if entry and entry.get("outputs"):
                return dict(entry["outputs"])
            if self._now() > end:
                raise ServerBusy(f"{self.server.address}: no picture after {self._settings.wait:g} s")
            self.server.sleep(self._settings.poll)

    def _picture_of(self, outputs: Mapping[str, Any], where: str) -> dict[str, str]:
        wanted = [self._settings.output] if self._settings.output else sorted(outputs, key=_as_number)
        for node in wanted:
            for picture in outputs.get(node, {}).get("images", []):
                if self._settings.output or picture.get("type") == "output":
                    return {key: str(picture.get(key, "")) for key in ("filename", "subfolder", "type")}
        raise BadAnswer(f"{where}: no picture among the outputs of {', '.join(outputs) or 'no node'}")


def load(spec: str, **settings: Any) -> ComfyUI:
    """Make the editor of a server and a workflow; asks nothing of the network. Raises ModelError."""
    chosen = checked(ComfySettings, settings, what=f"editor {spec!r}")
    return ComfyUI(Server(spec.removeprefix("comfyui+"), chosen), chosen)


def workflow_of(name: str) -> tuple[dict[str, Any], str]:
    """Workflow of a file, or of a shipped one by its name; returns its nodes and its name. Raises ModelError."""
    path = Path(name).expanduser()
    own = shipped("templates") / "controls" / "comfyui" / f"{name}.json"
    path = path if path.is_file() else own
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(each.stem for each in own.parent.glob("*.json")))
        raise ModelError(f"workflow {name!r}: no such file (or one of: {known})") from None
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict) or not all(
        isinstance(n, dict) and "class_type" in n for n in found.values()
    ):
        raise ModelError(f"{path}: not a workflow for the API (in ComfyUI: Workflow, Export (API))")
    return found, path.stem


def places(workflow: Any) -> frozenset[str]:
    """Names of the places in a workflow."""
    return frozenset(PLACE.findall(json.dumps(workflow, ensure_ascii=False)))


def filled(node: Any, values: Mapping[str, Value]) -> Any:
    """Fill the places: a text that is nothing but a place becomes the value itself, others hold it as text."""
    if isinstance(node, dict):
        return {key: filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(value, values) for value in node]
    if not isinstance(node, str):
        return node
    whole = PLACE.fullmatch(node)
    return values[whole[1]] if whole else PLACE.sub(lambda found: str(values[found[1]]), node)


def _pictures(request: EditRequest) -> "dict[str, Pixels]":
    named = {"source" if n == 0 else f"reference_{n}": pixels for n, pixels in enumerate(request.images)}
    if request.mask is not None:
        named["mask"] = white_on_black(request.mask)
    if request.control_image is not None:
        named["control"] = request.control_image
    return named


def _check_places(name: str, found: frozenset[str], values: Mapping[str, Value]) -> None:
    if "source" not in found:
        raise ModelError(f"workflow {name!r}: has no place {{{{source}}}} for the picture to edit")
    unknown = sorted(place for place in found - OWN - set(values) if not re.fullmatch(r"reference_\d", place))
    if unknown:
        raise ModelError(f"workflow {name!r}: nothing to fill {', '.join(unknown)} with (set values)")


def _as_number(node: str) -> tuple[int, str]:
    return (int(node), node) if node.isdigit() else (1 << 31, node)


def _reason(status: Mapping[str, Any]) -> str:
    """What a failed job says of itself."""
    for kind, details in status.get("messages", []):
        if kind == "execution_error":
            return (
                f"{details.get('node_type', 'a node')}: {details.get('exception_message', 'failed')}".strip()
            )
    return "the job failed"
