"""Editors behind an OpenAI-compatible server: `/images/edits`, or `/chat/completions` that answers with a picture.

The spec is the server's base address, such as http://127.0.0.1:8000/v1.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from firered.models.editor import EditError, EditRequest
from firered.models.editors.served import at_size, edited
from firered.models.encoded import clear_where, data_url, from_base64, opened, png
from firered.models.remote import Answer, BadAnswer, FormFile, Server, ServerSettings
from firered.models.settings import checked
from firered.rows import id_of

if TYPE_CHECKING:
    from firered.models.editor import Pixels

Form = list[tuple[str, str | FormFile]]
DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=]+")


class EndpointSettings(ServerSettings):
    """Settings of an endpoint; those of the server included."""

    model: str = Field(min_length=1, description="name of the model, as the server knows it")
    api: Literal["edits", "chat"] = Field(default="edits", description="/images/edits or /chat/completions")
    size: str = Field(
        default="", description="size to ask for, such as 1024x1024; empty: the server's choice"
    )
    response_format: Literal["", "b64_json", "url"] = Field(
        default="", description="how the picture comes; empty: the server's choice"
    )
    send_seed: bool = Field(default=False, description="send the seed; servers of one's own understand it")
    keep_size: bool = Field(default=True, description="bring the answer to the size of the source")
    fields: dict[str, str] = Field(default={}, description="further fields of the form or of the JSON")


class Endpoint:
    """A model that edits pictures at an address."""

    device = "remote"

    def __init__(self, server: Server, settings: EndpointSettings) -> None:
        self.name = settings.model
        self.server = server
        self._settings = settings
        asked = settings.model_dump(include={"model", "api", "size", "send_seed", "keep_size", "fields"})
        # Who serves a model may change it; all that can be said is what was asked, and of whom.
        self.revision = f"{id_of('endpoint', server.address, asked):016x}"[:12]

    @property
    def money(self) -> float:
        """Price of an edit."""
        return self._settings.money

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Edit a batch, a few requests at a time."""
        return edited(self.server, requests, self._chatted if self._settings.api == "chat" else self._edited)

    def _edited(self, request: EditRequest) -> "Pixels":
        answer = self.server.post_form("images/edits", self._form(request))
        found = answer.json()
        self.server.count(found)
        item = answer.first(found, "data")
        if item.get("b64_json"):
            return self._opened(from_base64(item["b64_json"], answer.url), request, answer.url)
        return self._fetched(str(item.get("url") or ""), request, answer)

    def _form(self, request: EditRequest) -> Form:
        settings = self._settings
        name = "image" if len(request.images) == 1 else "image[]"
        form: Form = [("model", settings.model), ("prompt", request.instruction), ("n", "1")]
        form += [
            (name, (f"{number}.png", png(pixels), "image/png"))
            for number, pixels in enumerate(request.images)
        ]
        if request.mask is not None:
            form.append(
                ("mask", ("mask.png", png(clear_where(request.images[0], request.mask)), "image/png"))
            )
        plain = {"size": settings.size, "response_format": settings.response_format}
        plain |= {"seed": str(request.seed)} if settings.send_seed else {}
        plain |= {"negative_prompt": request.negative} if request.negative else {}
        plain |= settings.fields | {key: str(value) for key, value in request.settings.items()}
        return form + [(key, value) for key, value in plain.items() if value]

    def _chatted(self, request: EditRequest) -> "Pixels":
        parts = [{"type": "image_url", "image_url": {"url": data_url(pixels)}} for pixels in request.images]
        said = {"type": "text", "text": request.instruction}
        content: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [{"role": "user", "content": [*parts, said]}],
            "modalities": ["image", "text"],
            **({"seed": request.seed} if self._settings.send_seed else {}),
            **self._settings.fields,
            **request.settings,
        }
        answer = self.server.post_json("chat/completions", content)
        found = answer.json()
        self.server.count(found)
        return self._fetched(_picture_of(answer.first(found, "choices")), request, answer)

    def _fetched(self, url: str, request: EditRequest, answer: Answer) -> "Pixels":
        """Open a picture that is a data URL, or an address to fetch."""
        if url.startswith("data:"):
            return self._opened(from_base64(url, answer.url), request, answer.url)
        if not url.startswith(("http://", "https://")):
            raise BadAnswer(
                f"{answer.url}: no picture in the answer: {answer.data[:160].decode(errors='replace')!r}"
            )
        fetched = self.server.get(url)
        return self._opened(fetched.data, request, fetched.url, kind=fetched.kind)

    def _opened(self, data: bytes, request: EditRequest, where: str, *, kind: str = "") -> "Pixels":
        found = opened(data, where, kind=kind)
        return at_size(found, request, where, keep_size=self._settings.keep_size)


def load(spec: str, **settings: Any) -> Endpoint:
    """Make the editor of an address; asks nothing of the network. Raises ModelError for wrong settings."""
    chosen = checked(EndpointSettings, settings, what=f"editor {spec!r}")
    return Endpoint(Server(spec, chosen), chosen)


def _picture_of(choice: dict[str, Any]) -> str:
    """Address of the picture in a chat's answer: among its images, its parts, or written in its text."""
    message = choice.get("message") or {}
    content = message.get("content")
    parts = [*(message.get("images") or []), *(content if isinstance(content, list) else [])]
    for part in parts:
        url = (part.get("image_url") or {}).get("url") if isinstance(part, dict) else None
        if url:
            return str(url)
    written = DATA_URL.search(content) if isinstance(content, str) else None
    return written.group() if written else ""
