"""One worker process as the parent sees it: a call goes in, an answer or an AdvisorError comes out."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.errors import ContractError, WorkerDied, WorkerHung
from advisor.jsonio import dumps
from advisor.probes.engines.limits import NO_LIMIT
from advisor.probes.keeper import TEMPORARY

Progress = Callable[[dict[str, Any]], None]
_LOG_TAIL = 4000
_PATIENCE = 5.0


class WorkerProcess:
    """Starts ``advisor.probes.worker`` in a process and a session of its own and talks to it.

    The user's own output is read all the time, so that it never blocks or fills a disk; its end is kept, to be shown
    if the process dies.

    Args:
        temporary: Folder for the user's temporary files.
    """

    def __init__(self, temporary: Path | None = None) -> None:
        folder = {TEMPORARY: str(temporary), "TMPDIR": str(temporary)} if temporary else {}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "advisor.probes.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **folder},
        )
        self._tail = b""
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self._silence = self._patience = self._spent = 0.0
        self._limit = NO_LIMIT
        self._busy = self._hung = False
        self._verdict = ""
        self.lost = False

    def call(
        self,
        do: str,
        on_progress: Progress | None = None,
        silence: float = NO_LIMIT,
        limit: float = NO_LIMIT,
        **arguments: Any,
    ) -> Any:
        """Sends a request and waits for its answer.

        Args:
            do: What to do.
            on_progress: Told of every sign of life.
            silence: Seconds without one after which ``tick`` ends the process.
            limit: Seconds that the whole request may take.
            arguments: Of the request.

        Raises:
            ContractError: If the user's file is at fault.
            WorkerDied: If the process ended without an answer, lost its device, or (WorkerHung) took too long.
        """
        assert self._process.stdin and self._process.stdout
        self._silence = self._spent = 0.0
        self._patience, self._limit, self._busy = silence, limit, True
        try:
            self._process.stdin.write((dumps({"do": do, **arguments}) + "\n").encode())
            self._process.stdin.flush()
            for line in self._process.stdout:
                self._silence = 0.0
                message = json.loads(line)
                if message["kind"] == "progress":
                    if on_progress:
                        on_progress(message)
                elif message["kind"] == "error":
                    raise ContractError(**message["error"])
                elif message["kind"] == "lost":
                    self._verdict = str(message["error"]["found"])
                    break
                else:
                    return message["value"]
        except ContractError:
            raise
        except (OSError, ValueError, KeyError, TypeError):
            pass  # A closed pipe, or no protocol: the process is of no use any more.
        finally:
            self._busy = False
        raise self._death()

    def tick(self, seconds: float) -> None:
        """Counts time in which the parent was awake too; ends a process that has been silent for too long."""
        if not self._busy:
            return
        self._silence += seconds
        self._spent += seconds
        if self._silence > self._patience:
            self._verdict = f"no sign of life for {self._patience:.3g} seconds"
        elif self._spent > self._limit:
            self._verdict = f"not done after {self._limit:.3g} seconds"
        else:
            return
        self._busy, self._hung = False, True
        self._process.terminate()

    def output(self) -> str:
        """The end of what the user's code printed."""
        return self._tail.decode("utf-8", "replace")

    def close(self) -> None:
        """Ends the process and all that it started; nothing in it needs saving."""
        self.lost = True
        self._process.terminate()  # The keeper kills the worker and what it started.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform != "win32":
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._reader.join(_PATIENCE)
        pipes = [self._process.stdin, self._process.stdout]
        for pipe in pipes if self._reader.is_alive() else [*pipes, self._process.stderr]:
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def _death(self) -> WorkerDied:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        code = self._process.poll()
        ending = "its answers could not be read" if code is None else _ending(code)
        self.close()
        return (WorkerHung if self._hung else WorkerDied)(
            "the worker process to answer",
            self._verdict or f"it ended ({ending})",
            "see the end of its output with --debug; a killed process usually ran out of memory",
            self.output(),
        )

    def _drain(self) -> None:
        assert self._process.stderr
        descriptor = self._process.stderr.fileno()
        with suppress(OSError):
            while chunk := os.read(descriptor, 1 << 16):
                self._tail = (self._tail + chunk)[-_LOG_TAIL:]


def _ending(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
