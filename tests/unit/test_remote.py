"""Servers that do not behave: every trouble ends as pixels after a while, or as a reason."""

import time

import numpy as np
import pytest

from firered.errors import ModelError
from firered.models.encoded import opened, png
from firered.models.remote import BadAnswer, Server, ServerBusy, ServerSettings
from servers import Reply, as_json, serving

GOOD = as_json({"ok": True})
NOISE = np.random.default_rng(0).integers(0, 255, (20, 20, 3), dtype=np.uint8)
LIMITED = Reply(429, b'{"error": {"message": "slow down"}}')


def server(url: str, **settings) -> Server:
    return Server(url, ServerSettings(**{"pause": 0.001, "timeout": 2, **settings}))


@pytest.mark.parametrize(
    "trouble",
    [LIMITED, Reply(500, b"oops", "text/plain"), Reply(503), Reply(cut=True), Reply(delay=0.3)],
    ids=["rate limit", "error", "unavailable", "broken off", "late"],
)
def test_a_server_in_trouble_is_asked_again_until_it_answers(trouble):
    with serving() as fake:
        fake.say(trouble, trouble, GOOD)
        asked = server(fake.url, timeout=0.15 if trouble.delay else 2)
        assert asked.post_json("x", {}).json() == {"ok": True}
        assert (len(fake.told), asked.usage.tries) == (3, 3)


def test_a_server_that_never_answers_is_given_up_with_its_own_words():
    with serving() as fake:
        fake.say(*[LIMITED] * 4)
        with pytest.raises(ServerBusy, match=r"/x: status 429: slow down \(4 tries\)"):
            server(fake.url).get("x")
        assert len(fake.told) == 4


def test_nobody_listening_is_a_busy_server():
    with serving() as fake:
        url = fake.url
    with pytest.raises(ServerBusy, match=r"connection \(2 tries\)"):
        server(url, attempts=2).get("x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 302])
def test_a_refusal_is_final(status):
    with serving() as fake:
        fake.say(Reply(status, b'{"detail": "not like this"}'))
        with pytest.raises(BadAnswer, match=f"status {status}: not like this"):
            server(fake.url).get("x")
        assert len(fake.told) == 1


def test_retry_after_is_obeyed():
    waits: list[float] = []
    with serving() as fake:
        fake.say(Reply(429, headers={"Retry-After": "7"}), GOOD)
        asked = Server(fake.url, ServerSettings(), sleep=waits.append)
        asked.get("x")
    assert waits == [7]


def test_a_server_that_asks_for_an_hour_is_given_up_at_once():
    with serving() as fake:
        fake.say(Reply(429, headers={"Retry-After": "3600"}))
        with pytest.raises(ServerBusy, match=r"\(1 tries\)"):
            server(fake.url).get("x")


def test_pauses_double_with_chance_and_have_an_end():
    waits: list[float] = []
    with serving() as fake:
        fake.say(*[Reply(500)] * 6, GOOD)
        settings = ServerSettings(attempts=7, pause=1, longest_pause=8)
        Server(fake.url, settings, sleep=waits.append).get("x")
    full = [1, 2, 4, 8, 8, 8]
    assert all(whole / 2 <= wait <= whole for wait, whole in zip(waits, full, strict=True))


def test_an_answer_without_end_is_cut_off():
    with serving() as fake:
        fake.say(Reply(body=b"x" * 3_000_000))
        with pytest.raises(BadAnswer, match="more than 2 MB came back"):
            server(fake.url, max_megabytes=2).get("x")


def test_few_requests_are_made_at_a_time():
    with serving() as fake:
        fake.say(*[Reply(delay=0.02)] * 8)
        asked = server(fake.url, concurrency=3)
        asked.each([lambda: asked.get("x")] * 8)
        assert 2 <= fake.most_at_once <= 3


def test_the_key_comes_from_the_environment_and_is_told_to_nobody_else(monkeypatch):
    monkeypatch.setenv("FAKE_KEY", "secret-1234")
    with serving() as fake, serving() as other:
        other.say(GOOD)
        fake.say(GOOD, Reply(400, b'{"error": "key secret-1234 is not good"}'))
        asked = server(fake.url, key_variable="FAKE_KEY")
        asked.get("x")
        asked.get(f"{other.url}/picture.png")
        with pytest.raises(BadAnswer, match=r"key \*\*\* is not good"):
            asked.get("y")
        assert fake.told[0].headers["authorization"] == "Bearer secret-1234"
        assert "authorization" not in other.told[0].headers
        assert "secret" not in repr(asked)


def test_a_key_that_is_not_there_is_said_before_anything_is_asked():
    with pytest.raises(ModelError, match=r"no key in NO_SUCH_KEY \(export NO_SUCH_KEY="):
        Server("http://localhost:1", ServerSettings(key_variable="NO_SUCH_KEY"))


@pytest.mark.parametrize("address", ["http://me:secret@host/v1", "http://host/v1?key=secret"])
def test_a_key_in_the_address_is_refused_without_repeating_it(address):
    with pytest.raises(ModelError, match="key_variable") as found:
        Server(address)
    assert "secret" not in str(found.value)


def test_what_is_not_json_is_shown():
    with serving() as fake:
        fake.say(Reply(body=b"<html>Bad gateway</html>", kind="text/html"))
        with pytest.raises(BadAnswer, match="not JSON: text/html, 24 bytes, '<html>Bad gateway</html>'"):
            server(fake.url).get("x").json()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a picture"),
        (b"<html>busy</html>", "not a picture: text/html, 17 bytes, '<html>busy</html>'"),
        (png(NOISE)[:500], "a broken picture of 500 bytes"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "not a picture|a broken picture"),
    ],
)
def test_a_broken_picture_is_named_for_what_came(data, said):
    with pytest.raises(BadAnswer, match=said):
        opened(data, "here", kind="text/html")


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_a_picture_survives_its_encoding(shape):
    pixels = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    if shape[-1] == 4:
        pixels[..., 3] = 255
    found = opened(png(pixels), "here")
    expected = pixels[..., :3] if pixels.ndim == 3 else np.dstack([pixels] * 3)
    assert np.array_equal(found, expected)


def test_a_slow_drip_ends_with_the_time_limit():
    started = time.monotonic()
    with serving() as fake:
        fake.say(Reply(delay=0.5))
        with pytest.raises(ServerBusy):
            server(fake.url, timeout=0.1, attempts=1).get("x")
        assert time.monotonic() - started < 0.4
