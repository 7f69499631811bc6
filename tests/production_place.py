"""A place where pairs are made: a catalog, a recipe, photographs, commands, and a moody server with its expert."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from conftest import scene
from firered.catalog import Catalog
from firered.cli import group
from firered.pictures import encode_jpeg
from servers import Reply, Told, as_json, inverting

MAIN = "from firered.cli import main; main()"
EMBEDDED = ["outpaint", "layout_text", "collage", "styles_named"]
# Requests that need no model, and some that need weights, fonts or stamps.
STEPS: list[dict[str, Any]] = [
    {"operators": [{"plan": {"makers": [name], "per_image": 1}} for name in EMBEDDED]},
    {"operators": [{"arrange": {"max_side": 256}}]},
    {"operators": [{"control": {"max_side": 256}}]},
    {"operators": [{"expert": {"max_side": 256}}]},
    {"operators": [{"plan_split": {"sample": 0.5}}]},
    {"operators": [{"split": {"max_side": 256}}]},
    {"operators": [{"template": {"per_image": 1, "max_side": 256, "filters": ["mirror", "brightness"]}}]},
    {"operators": ["invert"]},
    {"operators": ["pixel_judge"]},
    {"filter": "not_followed"},
]


class Place:
    """A folder with a catalog, a recipe, photographs and a user's own data; commands are run there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.photographs = root / "photographs"
        self.photographs.mkdir(parents=True)
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.write(STEPS)

    @property
    def catalog(self) -> Catalog:
        """The catalog that the commands fill."""
        return Catalog(self.root / "catalog")

    def take(self, count: int) -> "Place":
        """Put so many pictures there."""
        for number in range(count):
            (self.photographs / f"{number}.jpg").write_bytes(encode_jpeg(scene(number)))
        return self

    def write(self, steps: list[dict[str, Any]]) -> None:
        """Write the recipe."""
        recipe = {"name": "small", "photographs": [str(self.photographs)], "steps": steps}
        (self.root / "small.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")

    def command(self, *words: str, before: str = "") -> list[str]:
        """Words of a command line, with code that is run first."""
        return [sys.executable, "-c", before + MAIN, "--catalog", str(self.root / "catalog"), *words]

    def firered(
        self, *words: str, before: str = "", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command."""
        return subprocess.run(
            self.command(*words, before=before),
            env={**self.environment, **environment},
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run the recipe in a process of its own; it must end well."""
        done = self.firered("synth", "run", "small.yaml", *words, **environment)
        assert done.returncode == 0, done.stderr
        return done

    def here(self, *words: str) -> Result:
        """Run a command in this process; it must end well."""
        done = CliRunner().invoke(group, ["--catalog", str(self.root / "catalog"), *words])
        assert done.exit_code == 0, done.output + repr(done.exception)
        return done

    def run_here(self, *words: str) -> Result:
        """Run the recipe in this process."""
        return self.here("synth", "run", str(self.root / "small.yaml"), "--mapper", "here", *words)

    def sql(self, text: str) -> list[dict[str, Any]]:
        """Rows of a SELECT."""
        return self.catalog.sql(text).to_pylist()

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """What was made, without when, by whom and in what time."""
        tables = {
            "request": "select * exclude (operator_id) from request order by request_id",
            "image": "select * exclude (operator_id) from image order by image_id",
            "pair": "select * exclude (operator_id) from pair order by pair_id",
            "produced": "select pair_id, request_id, maker, model, revision, money from produced order by all",
            # Sums of many pixels differ in their last digits with the number of threads.
            "score": "select pair_id, property, round(measured, 3) as measured, round(followed, 3) as followed,"
            " round(kept, 3) as kept from pixel_score order by pair_id",
            "failure": "select key, error from failure order by all",
        }
        return {name: self.sql(text) for name, text in tables.items()}


def check_whole(place: Place) -> None:
    """Every request is a pair or a failure, nothing is there twice, and the steps' balances add up."""
    assert not {name: found.to_pylist() for name, found in place.catalog.audit().items() if found.num_rows}
    atomic = (
        "select request_id from produced join request using (request_id) where request.strategy <> 'split'"
    )
    assert not place.sql(f"{atomic} group by all having count(*) > 1")
    unaccounted = "select request_id from request where request_id not in (select request_id from produced)"
    assert not place.sql(f"{unaccounted} and request_id not in (select key from failure)")


def lines(text: str) -> list[dict[str, Any]]:
    """Objects of an output in JSON lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


WIDTHS = {"good": 200, "busy": 212, "slow": 224, "broken": 236, "cut": 248, "fine": 260}
PRICE = 0.04


def expert_card(url: str, name: str = "distant", **changes: Any) -> dict[str, Any]:
    """A card of an expert behind a server."""
    settings = {"model": "editor", "pause": 0.01, "attempts": 2, "timeout": 0.4}
    return {
        "name": name,
        "editor": f"{url}/v1",
        "settings": settings,
        "primitives": {"stylize_named": 0.7},
        "prompt": {"text": "{instruction}"},
        "seconds": {"cpu": 2.5},
        "money": PRICE,
        "licence": "none",
    } | changes


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Put a card into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card['name']}.yaml").write_text(yaml.safe_dump(dict(card)), encoding="utf-8")


class Moody:
    """Answers by the width of the picture: at once, after a refusal, late, with a broken picture."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.well = False

    def __call__(self, told: Told) -> Reply:
        """Answer one request."""
        data = next(data for name, data in told.form() if name.startswith("image"))
        width = int.from_bytes(data[16:20], "big")  # of the PNG
        self.asked.append(width)
        if self.well or width in (WIDTHS["good"], WIDTHS["fine"]):
            return inverting(told)
        if width == WIDTHS["busy"]:
            late = self.asked.count(width) > 1
            return inverting(told) if late else Reply(429, b"{}", headers={"Retry-After": "0"})
        if width == WIDTHS["slow"]:
            return Reply(delay=0.6)
        broken = b"no picture" if width == WIDTHS["broken"] else b"\x89PNG\r\n\x1a\n\0\0\0"
        return as_json({"data": [{"b64_json": base64.b64encode(broken).decode()}]})
