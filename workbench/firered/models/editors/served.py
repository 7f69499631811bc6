"""What editors behind a server share: requests asked a few at a time, each failure an answer with its reason."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from firered.models.editor import EditError, EditRequest
from firered.models.encoded import fitted
from firered.models.remote import BadAnswer, Server, ServerBusy

if TYPE_CHECKING:
    from firered.models.editor import Pixels


def edited(
    server: Server, requests: Sequence[EditRequest], ask: "Callable[[EditRequest], Pixels]"
) -> "list[Pixels | EditError]":
    """Answer each request by `ask`, at most as many at a time as the server's settings say."""
    return server.each([partial(_one, request, ask) for request in requests])


def _one(request: EditRequest, ask: "Callable[[EditRequest], Pixels]") -> "Pixels | EditError":
    try:
        return ask(request)
    except ServerBusy as error:
        return EditError(str(error), transient=True)
    except BadAnswer as error:
        return EditError(str(error))


def at_size(found: "Pixels", request: EditRequest, where: str, *, keep_size: bool) -> "Pixels":
    """Bring an answer to the size of the first picture, where that is wanted."""
    height, width = request.images[0].shape[:2]
    return fitted(found, height, width, where) if keep_size else found
