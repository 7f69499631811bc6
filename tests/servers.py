"""Servers on this machine that do what a test says: answer, wait, refuse, break off; then what a real one does."""

import base64
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image


@dataclass
class Told:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Content as JSON."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, bytes]]:
        """Fields of a form, in order."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + self.body).get_payload()
        assert isinstance(parts, list)
        return [
            (str(part.get_param("name", header="content-disposition")), bytes(part.get_payload(decode=True)))
            for part in parts
        ]


@dataclass
class Reply:
    """What to send; `cut` breaks the connection off instead."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds
    cut: bool = False


def as_json(content: Any, **rest: Any) -> Reply:
    """Reply with JSON."""
    return Reply(body=json.dumps(content).encode(), **rest)


Route = Callable[[Told], Reply]


@dataclass
class FakeServer:
    """A server: first the replies that were queued, then its routes; remembers what it was told."""

    url: str = ""
    queued: list[Reply] = field(default_factory=list)
    routes: dict[str, Route] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, *replies: Reply) -> None:
        """Queue replies, before anything else."""
        self.queued += replies

    def reply(self, told: Told) -> Reply:
        """Reply to one request."""
        with self.lock:
            self.told.append(told)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            queued = self.queued.pop(0) if self.queued else None
        try:
            found = queued or self._routed(told)
            time.sleep(found.delay)
            return found
        finally:
            with self.lock:
                self.at_once -= 1

    def _routed(self, told: Told) -> Reply:
        for start, route in self.routes.items():
            if told.path.startswith(start):
                return route(told)
        return Reply(404, b'{"error": "no such path"}')


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeServer

    def _do(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        told = Told(self.command, parts.path, query, headers, self.rfile.read(length))
        reply = self.fake.reply(told)
        if reply.cut:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(reply.body)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = _do

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(**routes: Route) -> Iterator[FakeServer]:
    """Serve until the end of the block; a route's name is the first part of its path."""
    fake = FakeServer(routes={f"/{name}": route for name, route in routes.items()})
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


# --- what real servers do -----------------------------------------------------------------------


def png(pixels: np.ndarray) -> bytes:
    """Encode pixels."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pixels_of(data: bytes) -> np.ndarray:
    """Decode pixels as they are, with alpha where there is one."""
    return np.asarray(Image.open(io.BytesIO(data)))


def inverting(told: Told) -> Reply:
    """Answer as /images/edits does: the first picture inverted, as base64."""
    fields = told.form()
    first = next(data for name, data in fields if name in ("image", "image[]"))
    encoded = base64.b64encode(png(255 - pixels_of(first))).decode()
    return as_json({"data": [{"b64_json": encoded}], "usage": {"input_tokens": 7, "output_tokens": 11}})


def saying(*texts: str) -> Route:
    """Answer as /chat/completions does: these texts one after the other, the last one ever after."""
    left = list(texts)

    def route(told: Told) -> Reply:
        text = left.pop(0) if len(left) > 1 else left[0]
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return as_json({"choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 20}})

    return route


@dataclass
class FakeComfy:
    """Answers as ComfyUI does: what was uploaded as the source comes back inverted, on the second look."""

    uploads: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    failing: bool = False

    def routes(self) -> dict[str, Route]:
        """Routes for `serving`."""
        return {
            "upload": self.upload,
            "prompt": self.prompt,
            "history": self.history,
            "view": self.view,
        }

    def upload(self, told: Told) -> Reply:
        """Take a picture."""
        data = dict(told.form())["image"]
        name = f"upload-{len(self.uploads)}.png"
        self.uploads[f"sent/{name}"] = data
        return as_json({"name": name, "subfolder": "sent", "type": "input"})

    def prompt(self, told: Told) -> Reply:
        """Queue a job."""
        job = f"job-{len(self.jobs)}"
        self.jobs[job] = told.json()["prompt"]
        return as_json({"prompt_id": job, "number": 1, "node_errors": {}})

    def history(self, told: Told) -> Reply:
        """Say nothing at the first look, then what came of a job."""
        job = told.path.rpartition("/")[2]
        self.looks[job] = self.looks.get(job, 0) + 1
        if self.looks[job] < 2:
            return as_json({})
        if self.failing:
            said = ["execution_error", {"node_type": "KSampler", "exception_message": "no memory"}]
            return as_json({job: {"outputs": {}, "status": {"status_str": "error", "messages": [said]}}})
        picture = {"filename": f"{job}.png", "subfolder": "", "type": "output"}
        return as_json({job: {"outputs": {"9": {"images": [picture]}}, "status": {"status_str": "success"}}})

    def view(self, told: Told) -> Reply:
        """Send the picture of a job."""
        job = self.jobs[told.query["filename"].removesuffix(".png")]
        source = self.uploads[job["2"]["inputs"]["image"]]
        return Reply(body=png(255 - pixels_of(source)), kind="image/png")
