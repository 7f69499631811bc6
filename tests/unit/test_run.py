"""The runner: balance holds, nothing is done twice, one bad row costs one row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firered.run
from fakes import (
    BAD,
    GOOD,
    TRANSIENT,
    AwkwardSetup,
    Batchwise,
    BrokenSetup,
    Forgiving,
    Halving,
    Rowwise,
    Told,
    Waiting,
    WithoutExtra,
    files,
)
from firered import mappers
from firered.catalog import Catalog
from firered.errors import MissingExtra
from firered.operators.screen.ingest import Ingest
from firered.operators.screen.photometry import Photometry
from firered.pictures import Pictures
from firered.rows import File
from firered.run import Stopped, apply, run
from firered.sources import list_files
from firered.store import BlobStore

NOWHERE = Pictures(BlobStore(Path("nowhere")))
FATES = st.lists(st.sampled_from([GOOD, GOOD, BAD]), min_size=1, max_size=12)


@given(FATES, st.sampled_from([Rowwise, Batchwise]))
def test_one_bad_row_costs_one_row(fates: list[str], kind: type[Rowwise]) -> None:
    rows = files(fates)
    outcome = apply(kind(), rows, NOWHERE)
    assert set(outcome.made) == {row.file_id for row in rows if row.path.endswith(GOOD)}
    assert set(outcome.failed) == {row.file_id for row in rows if row.path.endswith(BAD)}
    assert all(reason.startswith("ValueError: bad row") for reason, _ in outcome.failed.values())
    assert all(len(made) == 1 for made in outcome.made.values())


def test_a_transient_failure_is_tried_again_and_then_recorded_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(firered.run.time, "sleep", pauses.append)
    outcome = apply(Rowwise(), files([GOOD, TRANSIENT]), NOWHERE)
    assert [transient for _, transient in outcome.failed.values()] == [True]
    assert len(pauses) == firered.run.ATTEMPTS - 1


def test_balance_holds_and_the_second_run_has_nothing_to_do(catalog: Catalog) -> None:
    catalog.append(files([GOOD, BAD, GOOD, GOOD, BAD, GOOD, GOOD]))
    told = Told()
    (balance,) = run([Rowwise()], catalog, mapper=mappers.here, progress=told)
    assert (balance.total, balance.done, balance.failed, balance.left) == (7, 5, 2, 0)
    assert (told.totals, told.advanced) == ([7], 7)
    (again,) = run([Rowwise()], catalog, mapper=mappers.here)
    assert again.total == 0
    assert again.line() == "fakes: nothing to do"
    assert catalog.query("failures").num_rows == 2


def test_an_operator_whose_output_is_its_input_runs_until_it_reads_nothing(catalog: Catalog) -> None:
    catalog.append([File.of("whole", "fake", "none", 16, 1)])
    (balance,) = run([Halving()], catalog, mapper=mappers.here)
    assert (balance.total, balance.done, balance.left) == (5, 5, 0)
    assert [row.bytes for row in sorted(catalog.rows(File), key=lambda row: row.bytes)] == [1, 2, 4, 8, 16]


def test_another_setting_is_another_operator_and_the_last_used_one_counts(catalog: Catalog) -> None:
    catalog.append(files([GOOD] * 3))
    for shift in (0, 1):
        (balance,) = run([Rowwise(shift=shift)], catalog, mapper=mappers.here)
        assert balance.done == 3
    assert catalog.status()["ingested"] == 6


def test_two_operators_in_one_pass_settle_on_their_own(catalog: Catalog) -> None:
    catalog.append(files([GOOD, BAD, GOOD]))
    run([Rowwise()], catalog, mapper=mappers.here)
    first, second = run([Rowwise(), Batchwise(shift=7)], catalog, mapper=mappers.here)
    assert (first.total, second.total, second.done, second.failed) == (0, 3, 2, 1)


def test_failed_rows_are_tried_again_only_when_asked(catalog: Catalog) -> None:
    catalog.append(files([GOOD, BAD]))
    run([Rowwise()], catalog, mapper=mappers.here)
    (again,) = run([Rowwise()], catalog, mapper=mappers.here, retry=True)
    assert (again.total, again.failed) == (1, 1)
    assert catalog.status()["ingested"] == 1


def test_transient_failures_are_tried_again_by_the_next_run(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firered.run.time, "sleep", lambda _: None)
    catalog.append(files([GOOD, TRANSIENT]))
    for total in (2, 1):
        (balance,) = run([Rowwise()], catalog, mapper=mappers.here)
        assert balance.total == total


def test_systematic_failure_stops_the_run_and_records_no_failure(catalog: Catalog) -> None:
    catalog.append(files([BAD] * 60))
    with pytest.raises(Stopped, match="bad row") as stop:
        run([Rowwise()], catalog, mapper=mappers.here)
    assert stop.value.balances[0].done == 0
    assert catalog.status()["ledger"] == 0


def test_a_few_rows_that_all_fail_are_recorded(catalog: Catalog) -> None:
    catalog.append(files([BAD] * 5))
    (balance,) = run([Rowwise()], catalog, mapper=mappers.here)
    assert (balance.failed, balance.left) == (5, 0)


def test_an_error_in_setup_stops_the_run(catalog: Catalog) -> None:
    catalog.append(files([GOOD]))
    with pytest.raises(ValueError, match="no such model"):
        run([BrokenSetup()], catalog, mapper=mappers.here)
    assert catalog.status()["ledger"] == 0


@pytest.mark.slow
def test_errors_in_a_worker_s_setup_reach_the_driver_whole(catalog: Catalog) -> None:
    catalog.append(files([GOOD]))
    with mappers.opened("processes", 2) as mapper:
        with pytest.raises(
            MissingExtra, match=r"model 'fake': not installed \(pip install 'firered-workbench\[embedded\]'\)"
        ):
            run([WithoutExtra()], catalog, mapper=mapper)
        with pytest.raises(RuntimeError, match="AwkwardError: 7: no such driver"):
            run([AwkwardSetup(shift=1)], catalog, mapper=mapper)


@pytest.mark.parametrize("name", ["here", "threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_mappers_give_equal_results(catalog: Catalog, name: str) -> None:
    check_mapper(catalog, name)


@pytest.mark.ray
def test_ray_gives_equal_results(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))  # where the actors find fakes.py
    check_mapper(catalog, "ray")


def check_mapper(catalog: Catalog, name: str) -> None:
    fates = [BAD if number % 7 == 3 else GOOD for number in range(60)]
    rows = files(fates)
    catalog.append(rows)
    with mappers.opened(name, 2) as mapper:
        first, second = run([Rowwise(), Batchwise(shift=1)], catalog, mapper=mapper)
    assert (first.done, first.failed, first.left) == (second.done, second.failed, second.left) == (51, 9, 0)
    made = catalog.sql("select file_id, image_id - file_id // 2 as shift from ingested").to_pylist()
    good = {row.file_id for row in rows if row.path.endswith(GOOD)}
    assert sorted((row["file_id"], row["shift"]) for row in made) == sorted(
        (key, shift) for key in good for shift in (0, 1)
    )
    assert not [name for name, found in catalog.audit().items() if found.num_rows]


def test_any_number_of_bad_rows_is_recorded_where_they_are_expected(catalog: Catalog) -> None:
    catalog.append(files([BAD] * 40 + [GOOD]))
    (balance,) = run([Forgiving()], catalog, mapper=mappers.here)
    assert (balance.done, balance.failed, balance.left) == (1, 40, 0)
    with pytest.raises(Stopped):
        run([Rowwise(shift=1)], catalog, mapper=mappers.here)


@pytest.mark.parametrize("name", ["here", "threads"])
def test_what_follows_measures_what_was_just_made_once(
    catalog: Catalog, photographs: Path, name: str
) -> None:
    (photographs / "copy.jpg").write_bytes((photographs / "0.jpg").read_bytes())
    (photographs / "bad.jpg").write_bytes(b"no picture")
    catalog.append(list(list_files(str(photographs))))
    with mappers.opened(name, 2) as mapper:
        ingest, photometry = run([Ingest()], catalog, mapper=mapper, then=[Photometry()])
    assert (ingest.total, ingest.done, ingest.failed) == (8, 7, 1)
    assert (photometry.total, photometry.done, photometry.left) == (6, 6, 0)
    assert catalog.status()["photometry"] == 6
    (again,) = run([Photometry()], catalog, mapper=mappers.here)
    assert again.total == 0
    assert not [name for name, found in catalog.audit().items() if found.num_rows]


def test_rows_that_wait_for_an_installation_stop_nothing_and_are_taken_up_by_the_next_run(
    catalog: Catalog,
) -> None:
    catalog.append(files([BAD] * 60 + [GOOD]))
    (first,) = run([Waiting()], catalog, mapper=mappers.here)
    assert (first.done, first.failed) == (1, 60)
    (second,) = run([Waiting()], catalog, mapper=mappers.here)
    assert second.total == 60


def test_what_was_made_before_is_left_to_the_operator_s_own_run(catalog: Catalog, photographs: Path) -> None:
    catalog.append(list(list_files(str(photographs))))
    run([Ingest()], catalog, mapper=mappers.here)
    _, photometry = run([Ingest()], catalog, mapper=mappers.here, then=[Photometry()])
    assert photometry.total == 0
    (own,) = run([Photometry()], catalog, mapper=mappers.here)
    assert own.done == 6
