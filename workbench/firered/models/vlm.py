"""Vision-language models: pictures and a question in, words or JSON that follows a schema out."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from firered.errors import ModelError
from firered.models import specs
from firered.models.remote import BadAnswer
from firered.models.schema import found_in, problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# Kind of a spec -> the module whose `load(spec, **settings)` makes the model.
BACKENDS = {
    "http": "firered.models.vlms.endpoint",
    "https": "firered.models.vlms.endpoint",
    "hf": "firered.models.vlms.local",
    "path": "firered.models.vlms.local",
}


@dataclass(frozen=True)
class Answer:
    """What a model said; `data` follows the schema that was asked for, None where none was."""

    text: str
    data: Any = None
    tokens_in: int = 0
    tokens_out: int = 0
    tries: int = 1


@dataclass(frozen=True)
class Turn:
    """One more thing said in a conversation after the first question."""

    role: str  # assistant user
    text: str


class VLM(Protocol):
    """Looks at pictures and answers."""

    name: str
    revision: str  # identity of the weights, or of what was asked of whom
    concurrency: int  # questions that may be asked at a time

    def ask(self, images: "Sequence[Pixels]", prompt: str, schema: dict[str, Any] | None = None) -> Answer:
        """Ask about pictures (H, W, 3) uint8 RGB of any size.

        Raises BadAnswer where the answer does not follow the schema after some tries, ServerBusy where none came.
        """


def load(spec: str, **settings: Any) -> VLM:
    """Load a model with its settings; raises ModelError for an unknown or missing one."""
    kind = specs.parse(spec).kind
    if kind not in BACKENDS:
        raise ModelError(f"vlm {spec!r}: none is embedded (http://HOST/v1, hf:ID@COMMIT or path:FOLDER)")
    made: Callable[..., VLM] = import_module(BACKENDS[kind]).load
    return made(spec, **settings)


def insist(
    say: Callable[[Sequence[Turn], int], Answer], schema: dict[str, Any] | None, *, tries: int
) -> Answer:
    """Ask until an answer follows the schema, each time with what was wrong; raises BadAnswer in the end.

    `say` gets the turns after the first question, and the number of the try from 0.
    """
    turns: list[Turn] = []
    tokens_in = tokens_out = 0
    wrong = ""
    for attempt in range(tries):
        answer = say(turns, attempt)
        tokens_in, tokens_out = tokens_in + answer.tokens_in, tokens_out + answer.tokens_out
        if schema is None:
            return answer
        data, wrong = _checked(answer.text, schema)
        if not wrong:
            return Answer(answer.text, data, tokens_in, tokens_out, attempt + 1)
        turns += [Turn("assistant", answer.text), Turn("user", _again(wrong, schema))]
    raise BadAnswer(f"does not follow the schema after {tries} tries: {wrong}")


def _checked(text: str, schema: dict[str, Any]) -> tuple[Any, str]:
    try:
        data = found_in(text)
    except BadAnswer as error:
        return None, str(error)
    return data, problem(data, schema)


def _again(wrong: str, schema: dict[str, Any]) -> str:
    return f"That was wrong: {wrong}. Answer with JSON alone that follows this schema: {json.dumps(schema)}"
