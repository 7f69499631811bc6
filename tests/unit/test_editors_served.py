"""Editors behind servers: what they send, what they make of the answers, what becomes of their troubles."""

import base64
import json

import numpy as np
import pytest

from conftest import scene
from firered.errors import ModelError
from firered.models import editor
from firered.models.editor import EditError, EditRequest
from firered.paths import shipped
from servers import FakeComfy, Reply, as_json, inverting, pixels_of, png, serving

QUICK = {"pause": 0.001, "timeout": 2, "attempts": 3}
PICTURE = scene(0, 48, 64)
MASK = np.zeros((48, 64), bool)
MASK[10:20, 30:50] = True


def endpoint(url, **settings):
    return editor.load(f"{url}/v1", **{"model": "fake-1", **QUICK, **settings})


def comfy(url, **settings):
    chosen = {"workflow": "inpaint", "values": {"checkpoint": "sd.safetensors"}, "poll": 0.001, **QUICK}
    return editor.load(f"comfyui+{url}", **{**chosen, **settings})


# --- /images/edits ------------------------------------------------------------------------------


def test_an_edit_goes_out_as_a_form_and_comes_back_as_pixels():
    with serving(v1=inverting) as fake:
        asked = endpoint(fake.url, size="64x48", send_seed=True, money=0.04)
        (found,) = asked.edit([EditRequest((PICTURE,), "invert it", "blurry", MASK, seed=5)])
        assert np.array_equal(found, 255 - PICTURE)
        form = dict(fake.told[0].form())
    assert fake.told[0].path == "/v1/images/edits"
    words = {key: value.decode() for key, value in form.items() if key not in ("image", "mask")}
    assert words == {
        "model": "fake-1",
        "prompt": "invert it",
        "n": "1",
        "size": "64x48",
        "seed": "5",
        "negative_prompt": "blurry",
    }
    assert np.array_equal(pixels_of(form["mask"])[..., 3] == 0, MASK)
    usage = asked.server.usage
    assert (usage.requests, usage.tokens_in, usage.tokens_out, usage.money) == (1, 7, 11, 0.04)


def test_several_pictures_go_out_in_order():
    others = (scene(1, 20, 30), scene(2, 30, 20))
    with serving(v1=inverting) as fake:
        endpoint(fake.url).edit([EditRequest((PICTURE, *others), "put Fig 2 beside Fig 3")])
        sent = [pixels_of(data) for name, data in fake.told[0].form() if name == "image[]"]
    assert all(np.array_equal(*each) for each in zip(sent, (PICTURE, *others), strict=True))


def test_a_picture_at_an_address_is_fetched_from_there():
    with serving(picture=lambda told: Reply(body=png(255 - PICTURE), kind="image/png")) as fake:
        fake.say(as_json({"data": [{"url": f"{fake.url}/picture/1.png"}]}))
        (found,) = endpoint(fake.url).edit([EditRequest((PICTURE,), "invert")])
    assert np.array_equal(found, 255 - PICTURE)


@pytest.mark.parametrize("content", ["images", "parts", "text"])
def test_a_chat_may_answer_with_a_picture(content):
    url = "data:image/png;base64," + base64.b64encode(png(255 - PICTURE)).decode()
    part = {"type": "image_url", "image_url": {"url": url}}
    message = {
        "images": {"content": "here", "images": [part]},
        "parts": {"content": [{"type": "text", "text": "here"}, part]},
        "text": {"content": f"here: ![edited]({url})"},
    }[content]
    with serving(v1=lambda told: as_json({"choices": [{"message": message}]})) as fake:
        (found,) = endpoint(fake.url, api="chat").edit([EditRequest((PICTURE,), "invert")])
        sent = fake.told[0].json()["messages"][0]["content"]
    assert np.array_equal(found, 255 - PICTURE)
    assert [each["type"] for each in sent] == ["image_url", "text"]


def test_trouble_then_an_answer_is_an_answer():
    with serving(v1=inverting) as fake:
        fake.say(Reply(429), Reply(cut=True))
        (found,) = endpoint(fake.url).edit([EditRequest((PICTURE,), "invert")])
        assert np.array_equal(found, 255 - PICTURE)


BROKEN = base64.b64encode(png(PICTURE)[:1000]).decode()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (as_json({"data": [{"b64_json": BROKEN}]}), "a broken picture of 1000 bytes"),
        (as_json({"data": [{"b64_json": "???"}]}), "not base64"),
        (as_json({"data": []}), "no 'data' in the answer"),
        (as_json({"data": [{"revised_prompt": "x"}]}), "no picture in the answer"),
        (as_json(["what"]), "no 'data' in the answer"),
        (Reply(body=b"<html>", kind="text/html"), "not JSON: text/html"),
        (Reply(400, b'{"error": {"message": "turned away by moderation"}}'), "turned away by moderation"),
        (as_json({"data": [{"b64_json": base64.b64encode(png(scene(0, 64, 64))).decode()}]}), "64x64 came back"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_a_reason_and_costs_one_request(reply, said):
    with serving(v1=inverting) as fake:
        fake.say(reply)
        one_at_a_time = endpoint(fake.url, concurrency=1)
        bad, good = one_at_a_time.edit([EditRequest((PICTURE,), "invert")] * 2)
    assert isinstance(bad, EditError)
    assert said in bad.reason
    assert not bad.transient
    assert np.array_equal(good, 255 - PICTURE)


def test_a_server_that_stays_busy_is_a_transient_reason():
    with serving() as fake:
        fake.say(*[Reply(503, b'{"error": "queue is full"}')] * 3)
        (found,) = endpoint(fake.url).edit([EditRequest((PICTURE,), "invert")])
    assert isinstance(found, EditError)
    assert found.transient
    assert "queue is full (3 tries)" in found.reason


def test_an_answer_of_another_size_and_the_same_shape_comes_back_at_the_size_of_the_source():
    large = as_json({"data": [{"b64_json": base64.b64encode(png(scene(0, 96, 128))).decode()}]})
    with serving() as fake:
        fake.say(large, large)
        (fitted,) = endpoint(fake.url).edit([EditRequest((PICTURE,), "x")])
        (free,) = endpoint(fake.url, keep_size=False).edit([EditRequest((PICTURE,), "x")])
    assert (fitted.shape, free.shape) == ((48, 64, 3), (96, 128, 3))


def test_the_revision_tells_models_apart_and_keys_not(monkeypatch):
    monkeypatch.setenv("ONE_KEY", "1")
    plain, other, keyed = (
        endpoint("http://localhost:1", **settings).revision
        for settings in ({}, {"model": "fake-2"}, {"key_variable": "ONE_KEY"})
    )
    assert plain == keyed != other


def test_a_wrong_setting_is_refused_with_its_name():
    with pytest.raises(ModelError, match=r"no setting 'sise' \(one of: .*size"):
        endpoint("http://localhost:1", sise="x")
    with pytest.raises(ModelError, match="model: field required"):
        editor.load("http://localhost:1/v1")


# --- ComfyUI ------------------------------------------------------------------------------------


def test_a_workflow_is_filled_queued_awaited_and_fetched():
    real = FakeComfy()
    with serving(**real.routes()) as fake:
        asked = comfy(fake.url, money=0.01)
        request = EditRequest((PICTURE,), "a {{red}} hat", "blur", MASK, seed=7, strength=0.5)
        (found,) = asked.edit([request])
    assert np.array_equal(found, 255 - PICTURE)
    nodes = real.jobs["job-0"]
    assert nodes["1"]["inputs"]["ckpt_name"] == "sd.safetensors"
    assert nodes["4"]["inputs"]["text"] == "a {{red}} hat"
    assert (nodes["7"]["inputs"]["seed"], nodes["7"]["inputs"]["denoise"]) == (7, 0.5)
    mask = pixels_of(real.uploads[nodes["3"]["inputs"]["image"]])
    assert np.array_equal(mask == 255, MASK)
    assert (asked.server.usage.requests, asked.server.usage.money) == (1, 0.01)


def test_a_request_without_what_the_workflow_needs_is_a_reason():
    with serving(**FakeComfy().routes()) as fake:
        (found,) = comfy(fake.url).edit([EditRequest((PICTURE,), "a hat")])
    assert isinstance(found, EditError)
    assert "has no mask" in found.reason


def test_a_job_that_fails_says_in_which_node():
    with serving(**FakeComfy(failing=True).routes()) as fake:
        (found,) = comfy(fake.url).edit([EditRequest((PICTURE,), "a hat", mask=MASK)])
    assert found == EditError(f"{fake.url}: KSampler: no memory")


def test_a_job_without_end_is_a_transient_reason():
    routes = {**FakeComfy().routes(), "history": lambda told: as_json({})}
    with serving(**routes) as fake:
        (found,) = comfy(fake.url, wait=0.05).edit([EditRequest((PICTURE,), "a hat", mask=MASK)])
    assert isinstance(found, EditError)
    assert found.transient


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        ("[1, 2]", "not a workflow for the API"),
        ('{"nodes": [], "links": []}', "not a workflow for the API"),
        ('{"1": {"class_type": "LoadImage"}}', "has no place {{source}}"),
        (
            '{"1": {"class_type": "LoadImage", "inputs": ["{{source}}", "{{lora}}"]}}',
            "nothing to fill lora with",
        ),
        ("{", "not JSON"),
    ],
)
def test_a_wrong_workflow_is_refused_when_it_is_loaded(tmp_path, workflow, said):
    path = tmp_path / "mine.json"
    path.write_text(workflow)
    with pytest.raises(ModelError, match=said):
        comfy("http://localhost:1", workflow=str(path))


def test_a_workflow_that_is_not_there_lists_the_shipped_ones():
    with pytest.raises(ModelError, match="one of: inpaint"):
        comfy("http://localhost:1", workflow="nothing")


def test_every_link_of_the_shipped_workflow_leads_to_a_node():
    for path in (shipped("templates") / "controls" / "comfyui").glob("*.json"):
        nodes = json.loads(path.read_text())
        links = [
            value[0]
            for node in nodes.values()
            for value in node["inputs"].values()
            if isinstance(value, list)
        ]
        assert set(links) <= set(nodes), path
