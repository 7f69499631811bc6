"""Vision-language models behind an OpenAI-compatible server: `/chat/completions` with structured output."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from firered.models.encoded import data_url, within
from firered.models.remote import Server, ServerSettings
from firered.models.settings import checked
from firered.models.vlm import Answer, Turn, insist
from firered.rows import id_of

if TYPE_CHECKING:
    from firered.models.vlm import Pixels


class EndpointSettings(ServerSettings):
    """Settings of a model behind a server; those of the server included."""

    model: str = Field(min_length=1, description="name of the model, as the server knows it")
    structured: Literal["json_schema", "json_object", "none"] = Field(
        default="json_schema", description="how the server is told to answer with JSON"
    )
    max_side: int = Field(default=1024, ge=16, description="longest side of the pictures sent, in pixels")
    max_tokens: int = Field(default=1024, ge=1, description="length of an answer")
    temperature: float = Field(default=0, ge=0, description="chance in the answers")
    seed: int | None = Field(default=None, description="seed to send; none: the server's choice")
    schema_tries: int = Field(default=3, ge=1, description="answers until one has to follow the schema")
    fields: dict[str, Any] = Field(default={}, description="further fields of the request")


class EndpointVLM:
    """A model at an address."""

    def __init__(self, server: Server, settings: EndpointSettings) -> None:
        self.name = settings.model
        self.server = server
        self.concurrency = settings.concurrency
        self._settings = settings
        asked = settings.model_dump(
            include=set(EndpointSettings.model_fields) - set(ServerSettings.model_fields)
        )
        self.revision = f"{id_of('vlm', server.address, asked):016x}"[:12]

    def ask(self, images: "Sequence[Pixels]", prompt: str, schema: dict[str, Any] | None = None) -> Answer:
        """Ask about pictures; raises BadAnswer or ServerBusy."""
        pictures = [
            {"type": "image_url", "image_url": {"url": data_url(within(pixels, self._settings.max_side))}}
            for pixels in images
        ]
        first = {"role": "user", "content": [*pictures, {"type": "text", "text": prompt}]}
        form = self._form(schema)

        def say(turns: Sequence[Turn], attempt: int) -> Answer:
            later = [{"role": turn.role, "content": turn.text} for turn in turns]
            return self._said({"messages": [first, *later], **form})

        return insist(say, schema, tries=self._settings.schema_tries)

    def _said(self, content: dict[str, Any]) -> Answer:
        answer = self.server.post_json("chat/completions", content)
        found = answer.json()
        tokens_in, tokens_out = self.server.count(found)
        message = answer.first(found, "choices").get("message") or {}
        return Answer(_text(message.get("content")), None, tokens_in, tokens_out)

    def _form(self, schema: dict[str, Any] | None) -> dict[str, Any]:
        chosen = self._settings
        form: dict[str, Any] = {
            "model": chosen.model,
            "max_tokens": chosen.max_tokens,
            "temperature": chosen.temperature,
        }
        if chosen.seed is not None:
            form["seed"] = chosen.seed
        if schema and chosen.structured == "json_schema":
            wanted = {"name": "answer", "strict": True, "schema": schema}
            form["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif schema and chosen.structured == "json_object":
            form["response_format"] = {"type": "json_object"}
        return form | chosen.fields


def load(spec: str, **settings: Any) -> EndpointVLM:
    """Make the model of an address; asks nothing of the network. Raises ModelError for wrong settings."""
    chosen = checked(EndpointSettings, settings, what=f"vlm {spec!r}")
    return EndpointVLM(Server(spec, chosen), chosen)


def _text(content: Any) -> str:
    """Text of a message, which some servers send in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
