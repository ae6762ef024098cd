"""Runs probes in any number of workers on any machine; lost workers are replaced."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from advisor.errors import AdvisorError, NoRoom, TaskLost, WorkerDied, WorkerHung
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace, failed
from advisor.workers.messages import (
    AnswerT,
    LoadedTask,
    LoadRequest,
    ProbeRequest,
    Progress,
    Request,
    SignOfLife,
    WorkerResources,
)
from advisor.workers.protocol import OnProgress, OnTrace, Worker, WorkerFactory
from advisor.workers.timeouts import Limits
from advisor.workers.unchanged import check_unchanged

_A = TypeVar("_A")
_T = TypeVar("_T")
_ATTEMPTS = 3
_ATTEMPTS_IF_HUNG = 2
_LOADS = 2
_TICK = 0.25


class Pool:
    """An Engine of workers that hold the same task.

    A lost worker is replaced and its probe retried, so that external faults only cost time. A fault that recurs is
    attributed to the probe.

    Args:
        factory: Starts workers.
        workers: Number of workers.
        resources: Resources of each worker.
        limits: Time limits.
    """

    def __init__(
        self,
        factory: WorkerFactory,
        workers: int,
        resources: WorkerResources | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.workers = workers
        self.resources = resources or WorkerResources()
        self.limits = limits or Limits()
        self.lost = 0
        self._factory = factory
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._idle: queue.Queue[Worker | None] = queue.Queue()
        self._pool = ThreadPoolExecutor(self.workers)
        self._source: TaskSource | None = None
        self._loaded: LoadedTask | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def open(self, source: TaskSource) -> LoadedTask:
        """Loads the task in the first worker and, if successful, in the others in the background.

        Raises:
            AdvisorError: If the user's file violates the contract.
        """
        self._source = source
        began = time.monotonic()
        worker, loaded = self._open_first()
        self._loaded = loaded
        self.limits = replace(self.limits, load_seconds=time.monotonic() - began)
        self._idle.put(worker)
        for _ in range(self.workers - 1):
            self._pool.submit(self._open_another)
        return loaded

    def expect(self, step_seconds: float, batch_size: int) -> None:
        """Sets the expected time of a step at a batch size, from which time limits are derived."""
        if step_seconds > 0:
            self.limits = replace(self.limits, step_seconds=step_seconds, batch_size=batch_size)

    def ask(self, request: Request[AnswerT]) -> AnswerT:
        """Lets any worker answer a request other than a probe."""
        return self._with_worker(lambda worker: worker.call(request, limit=self.limits.load))

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs; returns the traces in order. ``on_trace`` is called as each one ends.

        Raises:
            TaskLost: If the task can no longer be loaded.
            Exception: Any error of ``on_trace``.
        """
        return self._map(lambda spec: self._probe(spec, on_trace, on_progress), specs)

    def _map(self, work: Callable[[_A], _T], items: Sequence[_A]) -> list[_T]:
        """Applies ``work`` to all items concurrently, one per worker."""
        futures = [self._pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def close(self) -> None:
        """Stops all workers and threads, and removes temporary files."""
        self._closed.set()
        try:
            self._pool.shutdown(wait=False, cancel_futures=True)
            with self._lock:
                workers = list(self._all)
            for worker in workers:
                worker.close()
            self._idle.put(None)
            self._pool.shutdown(wait=True)
        finally:  # Also if a second interrupt stops the wait for the workers.
            self._factory.close()

    def _start(self) -> Worker:
        with self._lock:
            if self._closed.is_set():
                raise WorkerDied("a running engine", "it was closed", "start the command again")
            worker = self._factory.start()
            self._all.add(worker)
            return worker

    def _load(self, worker: Worker) -> LoadedTask:
        """Loads the task, which must be the same as at the first load."""
        assert self._source is not None
        loaded = worker.call(LoadRequest(self._source, self.resources), limit=self.limits.load)
        check_unchanged(self._loaded or loaded, loaded)
        return loaded

    def _open_first(self) -> tuple[Worker, LoadedTask]:
        for attempt in range(1, _LOADS + 1):
            worker = self._start()
            try:
                return worker, self._load(worker)
            except WorkerDied:
                self._forget(worker)
                if attempt == _LOADS or self._closed.is_set():
                    raise
        raise AssertionError("unreachable")

    def _open_another(self) -> None:
        worker = self._start()
        try:
            self._load(worker)
        except AdvisorError:
            self._forget(worker)  # The next probe loads the task into another one.
        self._idle.put(worker)

    def _with_worker(self, work: Callable[[Worker], _T], attempts: int = _ATTEMPTS) -> _T:
        """Calls ``work`` with a worker; if that is lost, with another one, ``attempts`` in all."""
        for attempt in range(1, attempts + 1):
            worker = self._take()
            try:
                return work(worker)
            except WorkerDied as error:
                self._forget(worker)
                self.lost += 1
                most = min(attempts, _ATTEMPTS_IF_HUNG) if isinstance(error, WorkerHung) else attempts
                if attempt >= most or self._closed.is_set():
                    raise
            finally:
                self._idle.put(worker)
        raise AssertionError("unreachable")

    def _take(self) -> Worker:
        """An idle worker; a lost one is replaced, or the pool shrinks if there is no room for another.

        Raises:
            TaskLost: If the replacement cannot load the task, or if no worker is left.
        """
        while True:
            worker = self._idle.get()
            if worker is None:
                self._idle.put(None)
                raise WorkerDied("a running engine", "it was closed", "start the command again")
            if not worker.lost:
                return worker
            try:
                return self._replacement()
            except NoRoom as error:
                with self._lock:
                    last = self.workers == 1
                    self.workers -= not last
                if last:
                    self._idle.put(worker)
                    raise TaskLost("a worker to continue with", error.found, error.do, error.details) from error
            except BaseException:
                self._idle.put(worker)
                raise

    def _replacement(self) -> Worker:
        for attempt in range(1, _LOADS + 1):
            fresh = self._start()
            try:
                self._load(fresh)
                return fresh
            except NoRoom:
                self._forget(fresh)
                raise
            except AdvisorError as error:
                self._forget(fresh)
                if attempt == _LOADS or self._closed.is_set():
                    raise TaskLost(
                        "a task that can be loaded again after a worker process was lost",
                        error.found,
                        "fix that and run the command again; finished probes are kept",
                        error.details,
                    ) from error
            time.sleep(0.1 * attempt)
        raise AssertionError("unreachable")

    def _forget(self, worker: Worker) -> None:
        worker.close()
        with self._lock:
            self._all.discard(worker)

    def _probe(self, spec: ProbeSpec, on_trace: OnTrace | None, on_progress: OnProgress | None) -> Trace:
        def heard(sign: SignOfLife) -> None:
            if on_progress and isinstance(sign, Progress):
                on_progress(spec, sign)

        silence, limit = self.limits.silence(spec), self.limits.probe(spec)
        try:
            trace = self._with_worker(lambda worker: worker.call(ProbeRequest(spec), heard, silence, limit))
        except TaskLost:
            raise
        except AdvisorError as error:
            if self._closed.is_set():
                raise
            trace = failed(spec, error.found)
        if on_trace:
            on_trace(spec, trace)
        return trace

    def _watch(self) -> None:
        """Advances the timers of all workers; a pause of the program or the machine counts as one tick."""
        while not self._closed.wait(_TICK):
            with self._lock:
                workers = list(self._all)
            for worker in workers:
                worker.tick(_TICK)
