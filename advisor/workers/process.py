"""One worker process as the parent sees it: a call goes in, an answer or an AdvisorError comes out."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.errors import ContractError, WorkerDied, WorkerHung
from advisor.utils.jsonio import dumps
from advisor.workers.patience import Patience
from advisor.workers.protocol import Progress
from advisor.workers.supervisor import TEMPORARY
from advisor.workers.timeouts import NO_LIMIT

_LOG_TAIL = 4000
_PATIENCE = 5.0
_HOLDS = {"progress": "kind", "error": "error", "lost": "error", "done": "value"}
"""What a message of each kind has."""


class WorkerProcess:
    """Starts ``advisor.workers.worker`` in a process and a session of its own and talks to it.

    The user's own output is read all the time, so that it never blocks or fills a disk; its end is kept, to be shown
    if the process dies.

    Args:
        temporary: Folder for the user's temporary files.
    """

    def __init__(self, temporary: Path | None = None) -> None:
        folder = {TEMPORARY: str(temporary), "TMPDIR": str(temporary)} if temporary else {}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "advisor.workers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **folder},
        )
        self._tail = b""
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self._patience = Patience()
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
        """Sends a request and waits for its answer (``Worker.call``)."""
        self._patience.begin(silence, limit)
        try:
            for message in self._messages({"do": do, **arguments}):
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
        except Exception:
            self.close()  # It is amid a request: what it says next would be taken for the answer to another one.
            raise
        finally:
            self._patience.end()
        raise self._death()

    def _messages(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Sends a request; what is said then, until the pipe closes or what comes is no protocol."""
        assert self._process.stdin and self._process.stdout
        with suppress(OSError, ValueError):
            self._process.stdin.write((dumps(request) + "\n").encode())
            self._process.stdin.flush()
            for line in self._process.stdout:
                self._patience.heard()
                message = json.loads(line)
                if not isinstance(message, dict) or _HOLDS.get(str(message.get("kind")), "") not in message:
                    return
                yield message

    def tick(self, seconds: float) -> None:
        """Counts time in which the parent was awake too; ends a process that has been silent for too long."""
        if self._patience.over(seconds):
            self._process.terminate()

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
        return (WorkerHung if self._patience.verdict else WorkerDied)(
            "the worker process to answer",
            self._patience.verdict or self._verdict or f"it ended ({ending})",
            "see the end of its output with --debug; a killed process usually ran out of memory",
            self._tail.decode("utf-8", "replace"),
        )

    def _drain(self) -> None:
        assert self._process.stderr
        descriptor = self._process.stderr.fileno()
        with suppress(OSError):
            while chunk := os.read(descriptor, 1 << 16):
                self._tail = (self._tail + chunk)[-_LOG_TAIL:]


def _ending(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
