"""Vision-language models: answers that follow a schema, those that do not, and what is asked again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tiny_pipelines
from conftest import scene
from firered.errors import ModelError
from firered.models import vlm
from firered.models.remote import BadAnswer, ServerBusy
from firered.models.schema import found_in, problem
from servers import Reply, saying, serving

PICTURE = scene(0, 48, 64)
SCHEMA = {
    "type": "object",
    "required": ["name", "count"],
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "kinds": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
        "box": {"type": ["array", "null"], "items": {"type": "number"}},
    },
}
GOOD = {"name": "cat", "count": 2, "kinds": ["a"], "box": None}


def endpoint(url: str, **settings) -> vlm.VLM:
    return vlm.load(
        f"{url}/v1", **{"model": "fake-vl", "pause": 0.001, "attempts": 2, "timeout": 2, **settings}
    )


# --- schema -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"name": 3}, "answer.name is not string"),
        ({"name": "c"}, "answer.name is too short"),
        ({"count": 2.5}, "answer.count is not integer"),
        ({"count": True}, "answer.count is not integer"),
        ({"count": 10}, "answer.count is 10, which is out of bounds"),
        ({"kinds": ["a", "c"]}, "answer.kinds[1] is 'c', not one of ['a', 'b']"),
        ({"kinds": ["a", "b", "a"]}, "answer.kinds has 3 items"),
        ({"box": [1, 2.5]}, ""),
        ({"box": "left"}, "answer.box is not array or null"),
        ({"box": [1, "2"]}, "answer.box[1] is not number"),
        ({"more": 1}, ""),
    ],
)
def test_what_does_not_follow_the_schema_is_named(change, said):
    assert problem({**GOOD, **change}, SCHEMA) == said


def test_what_is_absent_is_named():
    assert problem({"name": "cat"}, SCHEMA) == "answer has no 'count'"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).filter(lambda value: isinstance(value, dict | list)),
    st.text(alphabet=st.characters(blacklist_characters="{[")),
)
def test_json_is_found_behind_any_words(value, before):
    assert found_in(f"{before}```json\n{json.dumps(value)}\n```") == value


@pytest.mark.parametrize("text", ["", "no", "{not json}", "[1, 2"])
def test_where_there_is_no_json_it_is_said(text):
    with pytest.raises(BadAnswer, match="no JSON in"):
        found_in(text)


# --- behind a server ----------------------------------------------------------------------------


def test_a_question_goes_out_with_its_pictures_and_schema():
    with serving(v1=saying(json.dumps(GOOD))) as fake:
        answer = endpoint(fake.url, max_side=32).ask([PICTURE, PICTURE], "what is it?", SCHEMA)
        sent = fake.told[0].json()
    assert (answer.data, answer.tokens_in, answer.tokens_out, answer.tries) == (GOOD, 100, 20, 1)
    parts = sent["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "image_url", "text"]
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (sent["model"], sent["temperature"]) == ("fake-vl", 0)


def test_an_answer_that_does_not_follow_is_asked_for_again_with_what_was_wrong():
    with serving(v1=saying("well, a cat", '{"name": "cat"}', json.dumps(GOOD))) as fake:
        answer = endpoint(fake.url).ask([PICTURE], "what is it?", SCHEMA)
        last = fake.told[-1].json()["messages"]
    assert (answer.data, answer.tries, answer.tokens_in) == (GOOD, 3, 300)
    assert [message["role"] for message in last] == ["user", "assistant", "user", "assistant", "user"]
    assert "no JSON in 'well, a cat'" in last[2]["content"]
    assert "answer has no 'count'" in last[4]["content"]


def test_a_model_that_never_follows_is_given_up():
    with serving(v1=saying("a cat")) as fake:
        with pytest.raises(BadAnswer, match="after 2 tries: no JSON in 'a cat'"):
            endpoint(fake.url, schema_tries=2).ask([PICTURE], "what is it?", SCHEMA)
        assert len(fake.told) == 2


def test_words_alone_need_no_schema():
    with serving(v1=saying("a cat")) as fake:
        answer = endpoint(fake.url).ask([PICTURE], "what is it?")
        assert (answer.text, answer.data) == ("a cat", None)
        assert "response_format" not in fake.told[0].json()


def test_a_server_in_trouble_is_waited_for_and_then_given_up():
    with serving(v1=saying("a cat")) as fake:
        fake.say(Reply(503))
        assert endpoint(fake.url).ask([PICTURE], "x").text == "a cat"
        fake.say(Reply(503), Reply(503))
        with pytest.raises(ServerBusy):
            endpoint(fake.url).ask([PICTURE], "x")


def test_an_unknown_model_is_refused():
    with pytest.raises(ModelError, match="none is embedded"):
        vlm.load("embedded:blip")
    with pytest.raises(ModelError, match="no such folder"):
        vlm.load("path:/nowhere")


# --- on this machine ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny_pipelines.vision_language(tmp_path_factory.mktemp("vlm"))
    torch.set_num_threads(threads)


@pytest.mark.slow
def test_a_local_model_says_the_same_twice_and_sees_the_picture(local):
    model = vlm.load(f"path:{local}", max_tokens=12)
    one, again, other = (model.ask([each], "what is it?") for each in (PICTURE, PICTURE, 255 - PICTURE))
    assert one.text == again.text
    assert 0 < one.tokens_out <= 12
    assert one.tokens_in > other.tokens_out
    assert len(model.revision) == 12


@pytest.mark.slow
def test_a_local_model_that_does_not_follow_the_schema_is_asked_again_then_given_up(local):
    model = vlm.load(f"path:{local}", max_tokens=6, schema_tries=2)
    with pytest.raises(BadAnswer, match="after 2 tries"):
        model.ask([PICTURE, PICTURE], "what is it?", SCHEMA)
