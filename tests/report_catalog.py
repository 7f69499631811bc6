"""A small catalog with everything that a report shows, hostile names included."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import scene
from firered.catalog import Catalog
from firered.operators.screen.photometry import OPERATOR as Photometer
from firered.pictures import Pictures, shrink
from firered.rows import (
    EditScore,
    File,
    Image,
    Ingested,
    Pair,
    Photometry,
    PixelScore,
    Row,
    Text,
    id_of,
    id_of_sha256,
)

EVIL = "<script>document.title='stolen'</script>"
NAMES = [f"{EVIL}.jpg", "</script><img src=x onerror=alert(1)>.jpg", "a&b.jpg", "ducks.jpg"]
RECIPE = f"""name: ponds
# {EVIL}
steps:
  - filter: photometric
  - query: gaps
    with: {{min_pairs: 7}}
  - query: coverage
  - query: no_such_query
  - report: Ponds & ducks
"""
STARTED = datetime(2026, 1, 2, 10, 30)
RUN = 5


def filled(catalog: Catalog, *, pairs: int = 60) -> Catalog:
    """Fill a catalog with photographs, pairs, texts, scores, a run with its filters, and a training run."""
    pictures = Pictures(catalog.blobs)
    photographs = [photograph(pictures, number) for number in range(4)]
    files = [File.of(f"/photos/{name}", "/photos", "cc0", 1, 1) for name in NAMES]
    links = [Ingested(file.file_id, image.image_id) for file, image in zip(files, photographs, strict=True)]
    made = [row for number in range(pairs) for row in edit(pictures, photographs[number % 4], number)]
    catalog.register([Photometer()])
    catalog.append([*photographs, *files, *links, *made], Photometer().fingerprint())
    catalog.append(
        [photometry(image, number) for number, image in enumerate(photographs)], Photometer().fingerprint()
    )
    a_run(catalog)
    a_training(catalog)
    return catalog


def photograph(pictures: Pictures, seed: int) -> Image:
    """Save a scene and return its row."""
    sha256, size = pictures.save(scene(seed))
    return Image(id_of_sha256(sha256), sha256, 320, 240, size, "JPEG", "RGB", 1, "photo", "cc0")


def photometry(image: Image, number: int) -> Photometry:
    """Made-up measurements, the last photograph far from the others."""
    return Photometry(
        image.image_id, 0.99 if number == 3 else 0.5, 0.4, 7.0, 0.05, 100.0, 0.0, 0.1, 0.9, -1.0
    )


def edit(pictures: Pictures, source: Image, number: int) -> list[Row]:
    """A pair that darkens, with its target, texts and score; every fifth is not followed."""
    sha256, size = pictures.save((scene(number % 4) * (0.3 + 0.6 * number / 100)).astype("uint8"))
    target = Image(id_of_sha256(sha256), sha256, 320, 240, size, "JPEG", "RGB", 1, "template", "cc0")
    task, subtask = (("adjust", "brightness"), ("color", "hue"), ("text", "text_add"))[number % 3]
    settings = json.dumps({"amount": number, "word": EVIL})
    pair_id = id_of("pair", number)
    pair = Pair(
        pair_id,
        source.image_id,
        target.image_id,
        [],
        task,
        subtask,
        "template",
        EVIL,
        settings,
        number,
        None,
        None,
        0,
    )
    score = PixelScore(pair_id, "brightness", 1.0, 0.9, 0.2 if number % 5 == 0 else 0.9, 0.8, 0.5, 14.0)
    said = {
        ("detailed", "en"): f"Darken pond number {number} {EVIL}",
        ("concise", "en"): f"Darken {number}",
        ("concise", "zh"): f"变暗 {number}",
    }
    return [target, pair, score, *(Text.of(pair_id, *voice, text) for voice, text in said.items())]


def a_run(catalog: Catalog) -> None:
    """Record a run with two filters and its steps."""
    filters = ["photometric", "not_followed"]
    catalog.record(
        "run",
        {"run_id": RUN, "recipe": "ponds", "recipe_text": RECIPE, "filters": filters, "started_at": STARTED},
    )
    counts: dict[str, Any] = {"total": 5, "done": 4, "failed": 1, "remaining": 0}
    step = {"run_id": RUN, "seconds": 1.5, "note": "", "ended_at": STARTED + timedelta(minutes=1)}
    catalog.record("run_step", {**step, **counts, "ordinal": 0, "name": "ingest", "kind": "operator"})
    for ordinal, name in enumerate(filters, 1):
        rejected, _ = catalog.decide(name, {"least": 1} if name == "photometric" else {}, RUN)
        note = {"note": f"{rejected} rejected"}
        catalog.record("run_step", {**step, **note, "ordinal": ordinal, "name": name, "kind": "filter"})


def a_training(catalog: Catalog) -> None:
    """Leave what a training run leaves: a log, scores and one sample edit."""
    folder = catalog.root / "runs" / "tiny-1"
    (folder / "samples").mkdir(parents=True)
    lines = [{"step": step, "loss": 1 / step, "lr": 1e-4, "seconds": 0.5} for step in range(1, 41)]
    (folder / "loss.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    chosen = [id_of("pair", number) for number in range(6)]
    gains = {"before": 10.0, "after": 14.0}
    catalog.append(
        [
            EditScore(id_of(name, key), "tiny-1", key, name, psnr, 12.0, True)
            for key in chosen
            for name, psnr in gains.items()
        ]
    )
    for side in ("source", "target", "before", "after"):
        save_png(folder / "samples" / f"{chosen[0]}_{side}.png")


def save_png(path: Path) -> None:
    """Save a small picture."""
    from PIL import Image as Pillow

    Pillow.fromarray(shrink(scene(1), 64)).save(path)
