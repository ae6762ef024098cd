"""The other processes of a training with several: workers that hold the same task, started by the first one.

They are told of each probe and train along; what the first one answers is the probe's record. A process that is lost
takes the first one, and with it all of them, to its end: the engine then replaces the worker as it does any other.
"""

import itertools
import os
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError, WorkerDied
from advisor.records.trace import Trace, failed
from advisor.workers.messages import LoadedTask, LoadRequest, RankRequest
from advisor.workers.process import WorkerProcess
from advisor.workers.supervisor import TEMPORARY
from advisor.workers.unchanged import check_unchanged

if TYPE_CHECKING:
    from advisor.records.spec import ProbeSpec

_DEVICES = "CUDA_VISIBLE_DEVICES"
_PATIENCE = 10.0
"""Seconds after which the end of one process must have reached the others."""
_OF_THE_OTHERS = ("gloo", "nccl", "connection closed", "connection reset")
"""Words of errors that only say that another process has ended."""


class OtherRanks:
    """All processes of a training but this one, which is the first.

    Start them before a script is run under hooks here, as it then starts no programs any more.

    Args:
        size: Number of processes, this one included.
        lost: Ends this process, because another one was lost; does not return.
    """

    def __init__(self, size: int, lost: Callable[[WorkerDied], None]) -> None:
        self.size, self._lost = size, lost
        self._folder = Path(os.environ.get(TEMPORARY) or tempfile.gettempdir())
        self._workers = [WorkerProcess(environment=_environment(rank)) for rank in range(1, size)]
        self._threads = ThreadPoolExecutor(len(self._workers))
        self._trainings = itertools.count()

    def load(self, request: LoadRequest, first: LoadedTask) -> None:
        """Loads the task that this process has loaded into the others.

        Raises:
            AdvisorError: If one cannot load it, or finds another task.
        """
        requests = [replace(request, rank=rank) for rank in range(1, self.size)]
        calls = [self._threads.submit(w.call, r) for w, r in zip(self._workers, requests, strict=True)]
        for call in calls:
            check_unchanged(first, call.result())

    def train(self, spec: "ProbeSpec", part: "Callable[[Path, int], Trace]") -> Trace:
        """Trains one probe with all processes.

        Args:
            spec: The probe.
            part: ``(file to meet at, number of processes) -> trace``: what the first process does.

        Raises:
            WorkerDied: If not all processes are at its end; this one then cannot go on.
        """
        store = self._folder / f"ranks-{os.getpid()}-{next(self._trainings)}"
        ended = threading.Event()
        along = [self._threads.submit(self._along, rank, spec, store, ended) for rank in range(1, self.size)]
        try:
            own = part(store, self.size)
        except Exception as error:
            raise self._died(0, f"{type(error).__name__}: {error}") from error
        finally:
            ended.set()
        others = [self._ended(rank, call) for rank, call in enumerate(along, 1)]
        return _joint(spec, own, others)

    def _along(self, rank: int, spec: "ProbeSpec", store: Path, ended: threading.Event) -> Trace:
        """One process trains along. If it is lost, or fails and the first one does not notice, all end."""
        try:
            trace = self._workers[rank - 1].call(RankRequest(spec, rank, self.size, str(store)))
        except AdvisorError as error:
            self._lost(self._died(rank, error.found, error.details))
            raise
        if trace.status == "failed" and not ended.wait(_PATIENCE):
            self._lost(self._died(rank, trace.reason))
        return trace

    def _ended(self, rank: int, call: "Future[Trace]") -> Trace:
        try:
            return call.result(_PATIENCE)
        except TimeoutError as error:
            raise self._died(rank, "it did not end with the others") from error

    def _died(self, rank: int, found: str, details: str = "") -> WorkerDied:
        return WorkerDied(
            "every process of the training to answer",
            f"process {rank + 1} of {self.size}: {found}",
            "see the end of its output with --debug; a killed process usually ran out of memory",
            details,
        )


def _environment(rank: int) -> dict[str, str]:
    """Variables of another process: one CUDA device of its own. Temporary files are this process's to remove."""
    found = {name: value for name, value in os.environ.items() if name != TEMPORARY}
    listed = found.get(_DEVICES)
    devices = [str(rank)] if listed is None else listed.split(",")[rank : rank + 1]
    return {**found, _DEVICES: "".join(devices)}


def _joint(spec: "ProbeSpec", own: Trace, others: list[Trace]) -> Trace:
    """The first process's trace; a failed one if any process failed, with the error that came first."""
    reasons = {rank: trace.reason for rank, trace in enumerate([own, *others]) if trace.status == "failed"}
    if not reasons:
        return own
    causes = {r: said for r, said in reasons.items() if not any(word in said.lower() for word in _OF_THE_OTHERS)}
    rank, said = next(iter((causes or reasons).items()))
    return failed(spec, said if rank == 0 else f"{said} (in process {rank + 1} of {len(others) + 1})")
