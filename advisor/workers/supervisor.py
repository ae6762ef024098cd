"""Supervises a worker: kills its children when it ends, and kills it when the advisor ends in any way.

The supervisor is the same program before any imports, forked once. It survives a killed worker, and the pipe from a
killed advisor closes in any case.
"""

import ctypes
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

TEMPORARY = "ADVISOR_TEMPORARY"
"""Environment variable: folder of temporary files of all workers of a run, removed after the advisor has ended."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_TRACKER = b"multiprocessing.resource_tracker"
_PATIENCE = 2.0
_SHARED = Path("/dev/shm")


def supervise() -> None:
    """Forks: returns in the worker, while the supervisor waits for the worker to end.

    The supervisor then kills remaining children of the worker and exits with the same status. The worker is killed
    immediately on SIGTERM and when the parent is gone, which is seen as the end of input on descriptor 0.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    supervisor, (bell, ring) = os.getpid(), os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(bell)
        os.close(ring)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(1)
        with suppress(OSError):  # So that the OOM killer chooses the worker first.
            Path("/proc/self/oom_score_adj").write_text("500")
        return
    os._exit(_watch(worker, bell, ring))


def _watch(worker: int, bell: int, ring: int) -> int:
    import select  # Imported here, like resource below, because Windows has neither.

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # The signal number is written to the wakeup pipe.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    poll = select.poll()
    poll.register(0, 0)  # Only the end of input is reported; the worker reads the requests.
    poll.register(bell, select.POLLIN)
    status, orphaned, gone = None, False, {worker}
    while status is None:
        for descriptor, _ in poll.poll():
            if descriptor == 0:
                orphaned = True
                poll.unregister(0)
                os.kill(worker, signal.SIGKILL)
            elif signal.SIGTERM in os.read(bell, 4096):
                os.kill(worker, signal.SIGKILL)
        status = _reap(worker, gone)
    orphaned = orphaned or any(descriptor == 0 for descriptor, _ in poll.poll(0))
    _sweep(gone)
    if orphaned and os.environ.get(TEMPORARY):
        shutil.rmtree(os.environ[TEMPORARY], ignore_errors=True)
    return _end_like(status)


def _reap(worker: int, gone: set[int]) -> int | None:
    """Reaps all children that have ended; returns the worker's status once it has."""
    found = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            gone.add(pid)
            found = status if pid == worker else found
    return found


def _sweep(gone: set[int]) -> None:
    """Kills all descendants; Python's shared-memory trackers last, as they clean up after the others."""
    until = time.monotonic() + _PATIENCE
    while left := _children():
        late = time.monotonic() > until
        for pid in left:
            if late or not _is_tracker(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
        _reap(0, gone)
    for path in _SHARED.glob("torch_*"):
        if path.name.split("_")[1] in map(str, gone):
            path.unlink(missing_ok=True)


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _is_tracker(pid: int) -> bool:
    try:
        return _TRACKER in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end_like(status: int) -> int:
    """The worker's exit code; if a signal killed the worker, dies by the same signal, without a core file."""
    if os.WIFSIGNALED(status):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return os.waitstatus_to_exitcode(status)
