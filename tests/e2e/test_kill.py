"""Processes that are killed, interrupted, or compete for one catalog."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from fakes import BAD, GOOD, files
from firered.catalog import Catalog

SCRIPT = """
import sys
from firered import mappers
from firered.catalog import Catalog
from firered.run import run
from fakes import Slow

if __name__ == "__main__":
    with mappers.opened(sys.argv[3], 2) as mapper:
        (balance,) = run([Slow(journal=sys.argv[2], seconds=float(sys.argv[4]))], Catalog(sys.argv[1]), mapper=mapper)
    print(balance.line())
"""
ROWS = 800


def start(catalog: Catalog, journal: Path, mapper: str, seconds: float = 0.005) -> "subprocess.Popen[str]":
    script = journal.with_name("script.py")
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, str(script), str(catalog.root), str(journal), mapper, str(seconds)]
    return subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for_rows(journal: Path, rows: int) -> None:
    deadline = time.monotonic() + 60
    while lines(journal) < rows:
        assert time.monotonic() < deadline, "the process did nothing"
        time.sleep(0.01)


def lines(journal: Path) -> int:
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def check_whole(catalog: Catalog) -> None:
    assert catalog.status()["ingested"] == ROWS * 9 // 10
    assert catalog.sql("select count(*) as n from ledger").to_pylist() == [{"n": ROWS}]
    assert not [name for name, found in catalog.audit().items() if found.num_rows]


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    catalog.append(files([BAD if number % 10 == 9 else GOOD for number in range(ROWS)]))
    return catalog


@pytest.mark.slow
@pytest.mark.parametrize("mapper", ["here", "processes"])
def test_kill_9_loses_at_most_what_was_in_flight(filled: Catalog, tmp_path: Path, mapper: str) -> None:
    journal = tmp_path / "journal"
    chance = random.Random(mapper)
    settled = [0]
    for _ in range(3):
        process = start(filled, journal, mapper)
        wait_for_rows(journal, lines(journal) + 160 + chance.randrange(60))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        settled.append(filled.status()["ingested"])
    assert settled == sorted(settled)
    assert settled[-1] > 0
    start(filled, journal, mapper).communicate(timeout=60)
    check_whole(filled)
    # each kill costs what was computed since the last transaction, a second ago, and the batches in flight
    per_second = 1 / 0.005 * (2 if mapper == "processes" else 1)
    assert lines(journal) - ROWS * 9 // 10 <= 3 * 1.5 * per_second


@pytest.mark.slow
def test_ctrl_c_settles_what_is_in_flight_and_the_next_run_goes_on(filled: Catalog, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    process = start(filled, journal, "processes")
    wait_for_rows(journal, 50)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Interrupted" in errors
    done = lines(journal)
    assert filled.status()["ingested"] == done < ROWS
    start(filled, journal, "processes").communicate(timeout=60)
    assert lines(journal) == ROWS * 9 // 10
    check_whole(filled)


@pytest.mark.slow
def test_two_runs_at_once_waste_work_but_write_nothing_twice(filled: Catalog, tmp_path: Path) -> None:
    processes = [start(filled, tmp_path / "journal", "here", 0.003) for _ in range(2)]
    deadline = time.monotonic() + 60
    while any(process.poll() is None for process in processes):
        filled.sql("select count(*) as rows from ingested")  # a reader beside two writers
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [process.returncode for process in processes] == [0, 0], [
        process.stderr.read() for process in processes if process.stderr
    ]
    check_whole(filled)


@pytest.mark.slow
def test_workers_end_when_their_driver_is_killed(filled: Catalog, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    process = start(filled, journal, "processes")
    wait_for_rows(journal, 40)
    workers = {int(line.split()[1]) for line in journal.read_text().splitlines()}
    process.kill()  # the driver alone, as the system does when memory runs out
    process.communicate()
    deadline = time.monotonic() + 20
    while any(psutil.pid_exists(worker) for worker in workers):
        assert time.monotonic() < deadline, "workers are left over"
        time.sleep(0.05)
