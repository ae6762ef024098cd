"""Runs probes in worker processes on this machine. What comes out does not depend on how many there are."""

import os
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError, WorkerDied
from advisor.probes.engines.worker_process import WorkerProcess
from advisor.probes.spec import ProbeSpec
from advisor.probes.trace import Trace, failed

OnTrace = Callable[[ProbeSpec, Trace], None]
OnProgress = Callable[[ProbeSpec, dict[str, Any]], None]
_MOST_WORKERS = 2


class LocalEngine:
    """A pool of workers that all hold the same task.

    Args:
        workers: How many; 0 takes two on a CPU with two cores or more, one elsewhere.
        threads: CPU threads for each; 0 shares the cores out.
    """

    def __init__(self, workers: int = 0, threads: int = 0, device: str = "auto") -> None:
        cores = os.cpu_count() or 1
        shared_device = device not in ("auto", "cpu") or _has_cuda()
        self.workers = workers or (1 if shared_device else min(_MOST_WORKERS, cores))
        self.threads = threads or max(1, cores // (1 if shared_device else min(_MOST_WORKERS, cores)))
        self._closed = False
        self._all = [WorkerProcess()]
        self._idle: queue.Queue[WorkerProcess] = queue.Queue()
        self._pool = ThreadPoolExecutor(self.workers)
        self._opening: list[Future[Any]] = []
        self._request: dict[str, Any] = {}

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Loads the task in the first worker and, once that went well, in the others in the background.

        Raises:
            AdvisorError: If the user's file breaks the contract.
        """
        self._request = request
        facts: dict[str, Any] = self._open(self._all[0])
        self._idle.put(self._all[0])
        for _ in range(self.workers - 1):
            worker = WorkerProcess()
            self._all.append(worker)
            self._opening.append(self._pool.submit(self._open_and_offer, worker))
        return facts

    def ask(self, do: str, **arguments: Any) -> Any:
        """A request to any worker."""
        worker = self._idle.get()
        try:
            return worker.call(do, **arguments)
        finally:
            self._idle.put(worker)

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs; the traces come back in their order. ``on_trace`` is called as each one ends."""
        futures = [self._pool.submit(self._probe, spec, on_trace, on_progress) for spec in specs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def close(self) -> None:
        """Ends every worker."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.close()

    def _open(self, worker: WorkerProcess) -> Any:
        return worker.call("open", request=self._request, threads=self.threads)

    def _open_and_offer(self, worker: WorkerProcess) -> None:
        self._open(worker)
        self._idle.put(worker)

    def _probe(self, spec: ProbeSpec, on_trace: OnTrace | None, on_progress: OnProgress | None) -> Trace:
        worker = self._idle.get()
        try:
            told = (lambda message: on_progress(spec, message)) if on_progress else None
            trace = Trace.from_dict(worker.call("probe", told, spec=spec.as_dict()))
        except WorkerDied as error:
            trace = failed(spec, error.found)
            worker = worker if self._closed else self._replace(worker)
        except AdvisorError as error:
            trace = failed(spec, error.found)
        finally:
            self._idle.put(worker)
        if on_trace:
            on_trace(spec, trace)
        return trace

    def _replace(self, dead: WorkerProcess) -> WorkerProcess:
        fresh = WorkerProcess()
        self._all[self._all.index(dead)] = fresh
        dead.close()
        self._open(fresh)
        return fresh


def _has_cuda() -> bool:
    """Whether there is an NVIDIA device, told without importing torch into the parent."""
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidia0").exists()
