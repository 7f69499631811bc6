"""Servers: requests with a time limit, a few tries with growing pauses, a bound on what may come back.

A key comes from the environment variable that the settings name. It is sent as a bearer token, and stands in
no message, no revision and no row.
"""

import json
import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import Field

from firered.errors import ModelError
from firered.models.settings import Settings

if TYPE_CHECKING:
    import urllib3

T = TypeVar("T")
FormFile = tuple[str, bytes, str]  # a file of a form: name, content, type

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
CONNECT_SECONDS = 10.0
CHUNK_BYTES = 1 << 16
SHOWN = 160  # characters of an answer that a message shows


class ServerBusy(ConnectionError):
    """A server that did not answer, or not yet; `wait` is how many seconds it asks for."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait

    def __reduce__(self) -> tuple[type["ServerBusy"], tuple[str, float | None]]:
        return ServerBusy, (str(self), self.wait)


class BadAnswer(ValueError):
    """An answer that another try would not change: a refusal, a broken picture, a page instead of JSON."""


# What an operator lists: another run may succeed; the row is to blame, not the operator.
TRANSIENT: tuple[type[Exception], ...] = (ServerBusy,)
EXPECTED: tuple[type[Exception], ...] = (BadAnswer,)


class ServerSettings(Settings):
    """How a server is spoken to."""

    key_variable: str = Field(default="", description="environment variable that holds the key")
    timeout: float = Field(default=120, gt=0, description="seconds that one try may take")
    attempts: int = Field(default=4, ge=1, description="tries of a request")
    pause: float = Field(default=1, ge=0, description="seconds before the second try, doubled with each")
    longest_pause: float = Field(default=60, ge=0, description="seconds between tries at most")
    concurrency: int = Field(default=4, ge=1, description="requests at a time")
    max_megabytes: float = Field(default=64, gt=0, description="largest answer")
    money: float = Field(default=0, ge=0, description="price of a request that was answered")


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    url: str
    kind: str  # media type, such as image/png
    data: bytes

    def json(self) -> Any:
        """Content as JSON; raises BadAnswer that shows what came instead."""
        try:
            return json.loads(self.data)
        except ValueError:
            raise BadAnswer(f"{self.url}: not JSON: {shown(self.kind, self.data)}") from None

    def first(self, found: Any, key: str) -> dict[str, Any]:
        """First object of a list in the answer's JSON; raises BadAnswer where there is none."""
        items = found.get(key) if isinstance(found, dict) else None
        if not isinstance(items, list) or not items or not isinstance(items[0], dict):
            start = self.data[:SHOWN].decode(errors="replace")
            raise BadAnswer(f"{self.url}: no {key!r} in the answer: {start!r}")
        return items[0]


@dataclass
class Usage:
    """What a server was asked so far and what that cost; money in the currency of the settings."""

    requests: int = 0
    tries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0


@dataclass
class Server:
    """A server at an address; safe to use from several threads."""

    address: str  # http(s)://host[:port][/path]
    settings: ServerSettings = field(default_factory=ServerSettings)
    sleep: Callable[[float], None] = time.sleep
    usage: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        """Check the address and find the key; raises ModelError where either is wrong."""
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ModelError(f"server {self.address!r}: not an address (http://HOST:PORT/PATH)")
        if parts.username or parts.password or parts.query:
            raise ModelError(f"server {parts.hostname!r}: has a key in its address (set key_variable)")
        self.address = self.address.rstrip("/")
        self._key = _key(self.settings.key_variable, parts.hostname)
        self._lock = threading.Lock()

    def get(self, path: str, *, fields: Mapping[str, str] | None = None) -> Answer:
        """Fetch a path below the address, or a whole address that the server named, which gets no key."""
        return self._patiently("GET", path, None, {}, fields)

    def post_json(self, path: str, content: Any) -> Answer:
        """Send JSON."""
        body = json.dumps(content, ensure_ascii=False).encode()
        return self._patiently("POST", path, body, {"Content-Type": "application/json"})

    def post_form(self, path: str, fields: Sequence[tuple[str, str | FormFile]]) -> Answer:
        """Send a form with files; a name may come several times."""
        from urllib3.filepost import encode_multipart_formdata

        body, kind = encode_multipart_formdata(fields)
        return self._patiently("POST", path, body, {"Content-Type": kind})

    def each(self, jobs: "Sequence[Callable[[], T]]") -> list[T]:
        """Do jobs that ask this server, a few at a time; the results in the order of the jobs."""
        with ThreadPoolExecutor(max_workers=self.settings.concurrency) as pool:
            return list(pool.map(lambda job: job(), jobs))

    def count(self, found: Any = None) -> tuple[int, int]:
        """Take note of a request that was answered; returns the tokens in and out that the answer tells of."""
        told = found.get("usage") if isinstance(found, dict) else None
        usage = told if isinstance(told, dict) else {}
        tokens_in = int(usage.get("input_tokens") or usage.get("prompt_tokens") or 0)
        tokens_out = int(usage.get("output_tokens") or usage.get("completion_tokens") or 0)
        with self._lock:
            self.usage.requests += 1
            self.usage.tokens_in += tokens_in
            self.usage.tokens_out += tokens_out
            self.usage.money += self.settings.money
        return tokens_in, tokens_out

    def _patiently(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        for attempt in range(1, self.settings.attempts + 1):
            try:
                return self._once(method, path, body, headers, fields)
            except ServerBusy as busy:
                wait = self._pause(attempt, busy.wait)
                if attempt == self.settings.attempts or wait is None:
                    raise ServerBusy(f"{busy} ({attempt} tries)", busy.wait) from None
                self.sleep(wait)
        raise AssertionError("unreachable")

    def _pause(self, attempt: int, asked: float | None) -> float | None:
        """Seconds before the next try; None where the server asks for more than the settings allow."""
        longest = self.settings.longest_pause
        if asked is not None:
            return asked if asked <= longest else None
        # Half of it by chance, so that workers who failed together do not come back together.
        return float(min(self.settings.pause * 2 ** (attempt - 1), longest) * random.uniform(0.5, 1))

    def _once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        fields: Mapping[str, str] | None,
    ) -> Answer:
        import urllib3

        foreign = path.startswith(("http://", "https://"))
        url = path if foreign else f"{self.address}/{path.lstrip('/')}"
        if self._key and not foreign:
            headers = {**headers, "Authorization": f"Bearer {self._key}"}
        with self._lock:
            self.usage.tries += 1
        deadline = time.monotonic() + self.settings.timeout
        try:
            response = _pool().request(
                method,
                url,
                body=body,
                headers=headers,
                fields=dict(fields) if fields else None,
                timeout=urllib3.Timeout(
                    connect=min(CONNECT_SECONDS, self.settings.timeout), read=self.settings.timeout
                ),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            data = self._read(response, deadline, url)
        except urllib3.exceptions.LocationValueError as error:
            raise BadAnswer(f"{url}: {error}") from None
        except urllib3.exceptions.HTTPError as error:
            raise ServerBusy(f"{_named(url)}: {_reason(error)}") from None
        return self._judged(response, url, data)

    def _read(self, response: "urllib3.BaseHTTPResponse", deadline: float, url: str) -> bytes:
        """Read an answer; raises BadAnswer for one that is too large, ServerBusy for one that drips."""
        most = int(self.settings.max_megabytes * 1e6)
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(CHUNK_BYTES):
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                response.close()
                raise BadAnswer(f"{_named(url)}: more than {self.settings.max_megabytes:g} MB came back")
            if time.monotonic() > deadline:
                response.close()
                raise ServerBusy(f"{_named(url)}: not finished after {self.settings.timeout:g} s")
        response.release_conn()
        return b"".join(parts)

    def _judged(self, response: "urllib3.BaseHTTPResponse", url: str, data: bytes) -> Answer:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if 200 <= response.status < 300:
            return Answer(_named(url), kind, data)
        said = self._without_key(shown(kind, data))
        message = f"{_named(url)}: status {response.status}: {said}"
        if response.status in BUSY:
            raise ServerBusy(message, _asked_wait(response.headers.get("Retry-After")))
        raise BadAnswer(message)

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def shown(kind: str, data: bytes) -> str:
    """Say in one line what came: a server's own message, the start of a text, or the kind and size of the rest."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"{kind or 'no type'}, {len(data)} bytes"
    message = _own_message(text)
    start = " ".join((message or text).split())[:SHOWN]
    return start if message else f"{kind or 'no type'}, {len(data)} bytes, {start!r}"


def _own_message(text: str) -> str:
    """Message of an error in JSON, as most servers write it: error.message, error, message or detail."""
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    for key in ("error", "message", "detail"):
        value = found.get(key) if isinstance(found, dict) else None
        value = value.get("message") if isinstance(value, dict) else value
        if value and isinstance(value, str):
            return value
    return ""


def _named(url: str) -> str:
    """An address as messages show it: without its query, in which signatures stand."""
    return url.partition("?")[0]


def _reason(error: Exception) -> str:
    """Kind of a failure in words: `read timed out`, `new connection`."""
    name = type(error).__name__.removesuffix("Error")
    return (
        "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip() or "failed"
    )


def _asked_wait(value: str | None) -> float | None:
    """Seconds that Retry-After asks for, as a number or as a date; None where it asks for nothing."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _key(variable: str, host: str) -> str:
    if not variable:
        return ""
    found = os.environ.get(variable, "")
    if not found:
        raise ModelError(f"server {host!r}: no key in {variable} (export {variable}=...)")
    return found


_POOLS = threading.local()


def _pool() -> "urllib3.PoolManager":
    """Connections of this thread: kept open between requests, never shared with a forked process."""
    import urllib3

    held: tuple[int, urllib3.PoolManager] | None = getattr(_POOLS, "held", None)
    if held is None or held[0] != os.getpid():
        held = (os.getpid(), urllib3.PoolManager(num_pools=4))
        _POOLS.held = held
    return held[1]
