"""Edit targets that a model names: good ones become rows, impossible boxes are lost and counted."""

import json

import pytest

import firered.run
from conftest import scene
from firered.catalog import Catalog
from firered.errors import ModelError
from firered.mappers import here
from firered.operator import load
from firered.operators.synth.discover import box_of
from firered.pictures import Pictures
from firered.rows import EditTarget, Image, KeptPhoto, id_of_sha256
from firered.run import run
from servers import Reply, saying, serving

CAR = {"kind": "object", "en": "the red car on the left", "zh": "左边的红色汽车", "box": [100, 200, 400, 600]}
SKY = {"kind": "background", "en": "the sky", "zh": "天空", "box": None}


def said(*targets: dict) -> str:
    return json.dumps({"targets": targets}, ensure_ascii=False)


def operator(url: str, **settings):
    quick = {"model": "fake-vl", "pause": 0.001, "attempts": 2, "timeout": 2, "schema_tries": 2}
    found = load("discover", {"model": f"{url}/v1", "model_settings": quick, **settings})
    found.setup()
    return found


def photographs(pictures: Pictures, count: int) -> list[KeptPhoto]:
    rows = []
    for number in range(count):
        sha256, size = pictures.save(scene(number))
        rows.append(KeptPhoto(id_of_sha256(sha256), sha256, 320, 240, size, "JPEG", "RGB", 1, "photo", "CC0"))
    return rows


def discovered(asked, pictures: Pictures, count: int = 1) -> list[list[EditTarget]]:
    return list(asked(photographs(pictures, count), pictures))


def test_targets_become_rows_with_relative_boxes(pictures):
    with serving(v1=saying(said(CAR, SKY))) as fake:
        ((car, sky),) = discovered(operator(fake.url), pictures)
        question = fake.told[0].json()["messages"][0]["content"][-1]["text"]
    assert (car.origin, car.kind, car.en, car.zh) == ("vlm", "object", CAR["en"], CAR["zh"])
    assert (car.left, car.top, car.right, car.bottom) == (0.1, 0.2, 0.4, 0.6)
    assert (sky.origin, sky.left) == ("vlm", None)
    assert "at most 12 targets" in question
    assert '"enum"' in question


@pytest.mark.parametrize(
    "box", [[400, 200, 100, 600], [100, 200, 100, 600], [-50, 0, 10, 10], [0, 0, 1200, 10], [1, 2, 3], []]
)
def test_an_impossible_box_is_lost_and_can_be_counted(pictures, box):
    with serving(v1=saying(said({**CAR, "box": box}, SKY))) as fake:
        ((car, _),) = discovered(operator(fake.url), pictures)
    assert (car.origin, car.en, car.left) == ("vlm_unplaced", CAR["en"], None)


def test_a_box_that_reaches_a_little_over_the_edge_is_cut():
    assert box_of([-5, 0, 1004, 1000], 1000) == (0, 0, 1, 1)


def test_a_thing_named_twice_or_without_words_is_one_row_or_none(pictures):
    empty = {**CAR, "en": " "}
    with serving(v1=saying(said(CAR, {**CAR, "en": "The red car on the LEFT "}, empty))) as fake:
        (rows,) = discovered(operator(fake.url), pictures)
    assert len(rows) == 1


def test_no_more_targets_are_kept_than_were_asked_for(pictures):
    many = [{**CAR, "en": f"thing {number}"} for number in range(9)]
    with serving(v1=saying(said(*many))) as fake:
        (rows,) = discovered(operator(fake.url, max_targets=3), pictures)
    assert [row.en for row in rows] == ["thing 0", "thing 1", "thing 2"]


def test_an_answer_that_names_an_unknown_kind_is_asked_for_again(pictures):
    with serving(v1=saying(said({**CAR, "kind": "vehicle"}), said(CAR))) as fake:
        ((car,),) = discovered(operator(fake.url), pictures)
        assert len(fake.told) == 2
    assert car.kind == "object"


def catalog_of(catalog: Catalog, count: int) -> None:
    rows = photographs(Pictures(catalog.blobs), count)
    catalog.append([Image(**vars(row)) for row in rows])


def test_one_broken_answer_costs_one_photograph_and_nobody_is_asked_twice(catalog):
    catalog_of(catalog, 4)

    def route(told):
        # The second request that ever comes, and all that repeat its picture, get nonsense.
        key = told.json()["messages"][0]["content"][0]["image_url"]["url"]
        seen.setdefault(key, len(seen))
        return saying("nonsense")(told) if seen[key] == 1 else saying(said(CAR))(told)

    seen: dict[str, int] = {}
    with serving(v1=route) as fake:
        asked = operator(fake.url)
        (balance,) = run([asked], catalog, mapper=here)
        (reason,) = balance.reasons
        assert (balance.done, balance.failed) == (3, 1)
        assert "does not follow the schema" in reason
        # Three answers, and two tries of the broken one in the batch and alone.
        assert len(fake.told) == 3 + 2 * 2
    assert len(catalog.query("discovered").to_pylist()) == 1


def test_a_server_that_is_down_leaves_rows_for_the_next_run(catalog, monkeypatch):
    monkeypatch.setattr(firered.run.time, "sleep", lambda seconds: None)
    catalog_of(catalog, 1)
    with serving(v1=saying(said(CAR))) as fake:
        asked = operator(fake.url)
        fake.say(*[Reply(503)] * 100)
        (balance,) = run([asked], catalog, mapper=here)
        assert (balance.done, balance.failed, balance.waiting) == (0, 1, 1)
        fake.queued.clear()
        (balance,) = run([asked], catalog, mapper=here)
        assert (balance.done, balance.failed) == (1, 0)


def test_a_wrong_setting_stops_before_anything_is_asked():
    with pytest.raises(ModelError, match="model: field required"):
        load("discover", {}).setup()
