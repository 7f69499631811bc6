"""Where batches are computed: here, in threads, in processes, or on Ray; all give equal results."""

import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from typing import Any

from firered.catalog import Outcome
from firered.errors import FireRedError, MissingExtra, RunError
from firered.run import Batch, Mapper, Worker

NAMES = ("here", "threads", "processes", "ray")
IN_FLIGHT = 2  # batches for each worker, so that none waits and memory stays flat


@contextmanager
def opened(name: str, workers: int) -> Iterator[Mapper]:
    """Give the mapper of this name with this many workers, and end its processes afterwards."""
    assert name in NAMES, name
    if name == "ray":
        yield OnRay(workers)
    elif name == "here" or workers == 1:
        yield here
    elif name == "threads":
        yield Threads(workers)
    else:
        with closing(Processes(workers)) as pool:
            yield pool


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def here(worker: Worker, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
    """Compute in this process."""
    return map(worker, batches)


@dataclass(frozen=True)
class Threads:
    """Computes in threads of this process: nothing is copied, and pixel code releases the interpreter's lock."""

    workers: int

    def __call__(self, worker: Worker, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Keep a few batches in flight for each thread; each has its own copy of the operators' models."""
        import cv2

        before = cv2.getNumThreads()
        cv2.setNumThreads(1)
        pool = ThreadPoolExecutor(self.workers)
        try:
            yield from in_flight(pool, self.workers, worker, batches)
        finally:
            pool.shutdown(cancel_futures=True)
            cv2.setNumThreads(before)


_thread = threading.local()


def _compute_in_thread(worker: Worker, batch: Batch) -> list[Outcome]:
    if getattr(_thread, "original", None) is not worker:
        _thread.original, _thread.own = worker, pickle.loads(pickle.dumps(replace(worker, ready=False)))
    found: list[Outcome] = _thread.own(batch)
    return found


def in_flight(
    pool: Executor, workers: int, worker: Worker, batches: Iterator[Batch]
) -> Iterator[list[Outcome]]:
    """Hand a pool its batches, a few for each of its workers at a time."""
    compute = _compute_in_thread if isinstance(pool, ThreadPoolExecutor) else _compute
    pending: set[Future[list[Outcome]]] = set()
    for batch in batches:
        pending.add(pool.submit(compute, worker, batch))
        if len(pending) >= workers * IN_FLIGHT:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (_result(future) for future in done)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        yield from (_result(future) for future in done)


@dataclass
class Processes:
    """Computes in processes of this machine, which live as long as this mapper."""

    workers: int
    pool: ProcessPoolExecutor | None = None

    def __call__(self, worker: Worker, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Keep a few batches in flight for each process."""
        if self.pool is None:
            # spawn: neither Lance nor torch survives a fork
            self.pool = ProcessPoolExecutor(self.workers, get_context("spawn"), _start)
        yield from in_flight(self.pool, self.workers, worker, batches)

    def close(self) -> None:
        """End the processes; what they have not begun is forgotten."""
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's
    threading.Thread(target=_end_with_the_driver, daemon=True).start()
    _one_thread()


def _end_with_the_driver() -> None:
    """A driver that is killed cannot end its workers, and they would wait for work, with their models, for ever."""
    driver = parent_process()
    assert driver is not None
    driver.join()
    os._exit(1)


def _one_thread() -> None:
    """One thread a worker: the processes share the cores already."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    import cv2

    cv2.setNumThreads(1)


_workers: dict[str, Worker] = {}  # of this process: the one of the pass at hand, with its models loaded


def _compute(worker: Worker, batch: Batch) -> list[Outcome]:
    operators = (*worker.operators, *worker.then)
    token = repr([worker.store.root, *[each.fingerprint() for each in operators]])
    if token not in _workers:
        _workers.clear()
        _workers[token] = worker
    try:
        return _workers[token](batch)
    except Exception as error:
        _check_it_travels(error)
        raise


def _check_it_travels(error: Exception) -> None:
    """Some libraries' errors break when they are unpickled, which would look like a worker that died."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever an error's own code raises
        raise RuntimeError("".join(traceback.format_exception(error))) from None


def _result(future: "Future[list[Outcome]]") -> list[Outcome]:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        raise RunError(
            "processes: a worker died, perhaps for want of memory (run again with fewer --workers)"
        ) from None


@dataclass(frozen=True)
class OnRay:
    """Computes on a Ray cluster, or on a local one that it starts (`RAY_ADDRESS` names another)."""

    workers: int

    def __call__(self, worker: Worker, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Hand batches to a pool of actors; the blob store must be reachable from all of them."""
        ray = _ray(self.workers)
        resources = {
            "num_cpus": max(each.cpus for each in (*worker.operators, *worker.then)),
            "num_gpus": max(each.gpus for each in (*worker.operators, *worker.then)),
        }
        actors = [ray.remote(**resources)(_Actor).remote(worker) for _ in range(self.workers)]
        free = deque(actors * IN_FLIGHT)
        pending: dict[Any, Any] = {}
        for batch in batches:
            if not free:
                yield _collect(ray, pending, free)
            actor = free.popleft()
            pending[actor.compute.remote(batch)] = actor
        while pending:
            yield _collect(ray, pending, free)
        for actor in actors:
            ray.kill(actor)


class _Actor:
    """A worker in a Ray process."""

    def __init__(self, worker: Worker) -> None:
        _one_thread()
        self.worker = worker

    def compute(self, batch: Batch) -> list[Outcome] | FireRedError:
        """Compute a batch; the user's errors come back as they are, not wrapped in Ray's."""
        try:
            return self.worker(batch)
        except FireRedError as error:
            return error


def _collect(ray: Any, pending: dict[Any, Any], free: "deque[Any]") -> list[Outcome]:
    (done,), _ = ray.wait(list(pending), num_returns=1)
    free.append(pending.pop(done))
    found: list[Outcome] | FireRedError = ray.get(done)
    if isinstance(found, FireRedError):
        raise found
    return found


def _ray(workers: int) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("mapper 'ray'", "scale") from error
    if not ray.is_initialized():
        local = (
            {}
            if os.environ.get("RAY_ADDRESS")
            else {"num_cpus": workers, "include_dashboard": False, "object_store_memory": 256 * 1024**2}
        )
        ray.init(configure_logging=False, log_to_driver=False, **local)
    return ray
