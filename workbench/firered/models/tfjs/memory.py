"""Memory that was let go, given back to the system: the C library keeps it in pieces that fit nothing later."""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Give freed memory back to the system, where the C library can (that of GNU)."""
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    found: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found or (lambda _: None)
