"""Worker processes on this machine."""

import os
import shutil
import tempfile
from pathlib import Path

from advisor.errors import UsageError
from advisor.workers.fused_pool import FusedPool
from advisor.workers.messages import WorkerResources
from advisor.workers.pool import Pool
from advisor.workers.process import WorkerProcess
from advisor.workers.timeouts import Limits

MOST_WORKERS = 2
"""Default on a CPU: two short runs side by side finish sooner than one with twice the threads."""


class LocalWorkers:
    """Starts worker processes that share one folder for temporary files."""

    def __init__(self) -> None:
        self._temporary = _temporary_folder()

    def start(self) -> WorkerProcess:
        """Starts a worker."""
        return WorkerProcess(self._temporary)

    def close(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self._temporary, ignore_errors=True)


def local_pool(
    workers: int = 0,
    threads: int = 0,
    device: str = "auto",
    limits: Limits | None = None,
    fused: bool | None = None,
    nproc: int = 1,
) -> Pool:
    """A pool of worker processes on this machine.

    Args:
        workers: Number of workers; 0 takes two on a CPU with two cores or more, one elsewhere.
        threads: CPU threads of each; 0 divides the cores.
        device: As in ``Options.device``.
        limits: Time limits.
        fused: Whether to train arms together where that is faster; None does so only on an accelerator, which many
            small steps leave mostly idle.
        nproc: Processes that share each training; one worker is then the default, and its threads are divided.
    """
    accelerated = device not in ("auto", "cpu") or (device == "auto" and _has_cuda())
    workers = workers or (1 if accelerated or nproc > 1 else min(MOST_WORKERS, os.cpu_count() or 1))
    resources = WorkerResources(
        threads=threads or threads_each(workers * nproc, accelerated),
        memory=1 / workers if accelerated else 1.0,
    )
    together = nproc == 1 and (accelerated if fused is None else fused)
    return (FusedPool if together else Pool)(LocalWorkers(), workers, resources, limits)


def threads_each(workers: int, accelerated: bool = False) -> int:
    """CPU threads per worker: the same for one worker as for two, so that results are equal."""
    cores = os.cpu_count() or 1
    return max(1, cores // max(workers, 1 if accelerated else min(MOST_WORKERS, cores)))


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="advisor-"))
    except OSError as error:
        raise UsageError(
            "disk space for temporary files",
            f"{tempfile.gettempdir()}: {error.strerror}",
            "free some space, or set TMPDIR",
        ) from error


def _has_cuda() -> bool:
    """Whether there is an NVIDIA device, without importing torch in the parent."""
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidia0").exists()
