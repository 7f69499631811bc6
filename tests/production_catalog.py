"""A small catalog with production in it: requests, makers, pairs accepted and rejected, failures, references."""

from datetime import datetime

import numpy as np

from conftest import scene
from firered.catalog import Catalog, Outcome
from firered.operators.judge.pixel_judge import OPERATOR as Judge
from firered.operators.synth.control import OPERATOR as Control
from firered.pictures import Pictures
from firered.rows import (
    Image,
    Ingredient,
    Pair,
    PerceptionScore,
    PixelScore,
    Produced,
    Request,
    Row,
    Text,
    id_of,
    id_of_sha256,
)
from firered.synthesis.making import Making, Other, Region, Said, Wish

EVIL = "<script>document.title='stolen'</script>"
MASK = np.zeros((240, 320), bool)
MASK[60:120, 80:200] = True
TASKS = (("remove", "control", "fill"), ("add", "invert", "fill"), ("compose", "template", "figures"))


def produced(catalog: Catalog) -> Catalog:
    """Fill a catalog: 12 pairs of three tasks, every third rejected, and three requests that failed."""
    pictures = Pictures(catalog.blobs)
    photo = saved(pictures, scene(0), "photo")
    other = saved(pictures, scene(7), "photo")
    judge, control = Judge(), Control()
    catalog.register([judge, control])
    made = [row for number in range(12) for row in pair(pictures, photo, other, number)]
    failing = [request(photo, number, "remove", "control", "fill") for number in range(100, 103)]
    catalog.append([photo, other, *made, *failing], control.fingerprint())
    failed = {
        each.request_id: (f"hole of 0.{61 + place} of the picture", False)
        for place, each in enumerate(failing)
    }
    catalog.settle([Outcome(control.fingerprint(), failed=failed)])
    catalog.append([score(number) for number in range(12)], judge.fingerprint())
    run = {"run_id": 1, "recipe": "all", "recipe_text": "", "filters": ["not_followed"]}
    catalog.record("run", run | {"started_at": datetime(2026, 1, 2)})
    catalog.decide("not_followed", {}, 1)
    return catalog


def saved(pictures: Pictures, pixels: np.ndarray, origin: str) -> Image:
    """Store a picture and return its row."""
    sha256, size = pictures.save(pixels)
    height, width = pixels.shape[:2]
    return Image(id_of_sha256(sha256), sha256, width, height, size, "JPEG", "RGB", 1, origin, "cc0")


def request(photo: Image, number: int, task: str, strategy: str, maker: str) -> Request:
    """Row of a request; two requests share a group."""
    key, group = id_of("request", number), id_of("group", number // 2)
    depth = number // 6
    return Request(
        key, group, photo.image_id, photo.image_id, None, strategy, maker, 1, f"{task}_object", task, "object",
        "{}", number, 0, depth,
    )  # fmt: skip


def pair(pictures: Pictures, photo: Image, other: Image, number: int) -> list[Row]:
    """A pair with its request, texts, and for compositions a reference."""
    task, strategy, maker = TASKS[number % 3]
    target = saved(pictures, scene(number + 20), strategy)
    key = pair_id(number)
    references = [other.image_id] if task == "compose" else []
    row = Pair(
        key, photo.image_id, target.image_id, references, task, "object", strategy, maker,
        making(task, photo, other, number).model_dump_json(), number, None, photo.image_id, 0,
    )  # fmt: skip
    said = [
        Text.of(key, "concise", "en", f"take the cup {number} away {EVIL}"),
        Text.of(key, "concise", "zh", f"去掉杯子 {number}"),
    ]
    if strategy == "invert":
        return [target, row, *said]
    asked = request(photo, number, task, strategy, maker)
    used = [Ingredient(key, other.image_id)] if references else []
    return [target, row, asked, Produced(key, asked.request_id, maker, "", "abc123", 1.5, 0.25), *used, *said]


def pair_id(number: int) -> int:
    """Key of a pair."""
    return id_of("made", number)


def making(task: str, photo: Image, other: Image, number: int) -> Making:
    """How a pair was made."""
    slots = {"object": Said(en="the cup", zh="杯子"), "color": Said(en=EVIL, zh="红色", value=[200, 10, 10])}
    others = {"figure": Other(image_id=other.image_id, sha256=other.sha256)}
    wish = Wish(primitive=f"{task}_object", slots=slots, control={"grow": 4}, others=others)
    return Making(
        wish=wish, maker="fill", version=2, revision="abc123", seed=number, start=photo.sha256, max_side=512,
        codec="jpeg", quality=92, mask=Region.of(MASK), truth={"object": Region.of(MASK).model_dump(), "share": 0.09},
    )  # fmt: skip


def score(number: int) -> Row:
    """Score of a pair; every third is not followed."""
    followed = 0.2 if number % 4 == 0 else 0.9
    return PixelScore(pair_id(number), "removed", 1.0, 0.9, followed, 0.8, 0.1, 24.0)


def seen(number: int) -> PerceptionScore:
    """A check of a pair by a model."""
    return PerceptionScore(pair_id(number), "object gone", "no cup", "0.05, was 0.81", 0.94)
