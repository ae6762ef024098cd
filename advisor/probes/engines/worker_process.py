"""One worker process as the parent sees it: a call goes in, an answer or an AdvisorError comes out."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from advisor.errors import ContractError, WorkerDied
from advisor.jsonio import dumps

Progress = Callable[[dict[str, Any]], None]
_LOG_TAIL = 4000


class WorkerProcess:
    """Starts ``advisor.probes.worker`` in a process of its own and talks to it.

    The user's own output goes to an unnamed temporary file, whose end is shown if the process dies.
    """

    def __init__(self) -> None:
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - lives as long as the worker
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "advisor.probes.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )

    def call(self, do: str, on_progress: Progress | None = None, **arguments: Any) -> Any:
        """Sends a request and waits for its answer.

        Raises:
            ContractError: If the user's file is at fault.
            WorkerDied: If the process ended without an answer.
        """
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                message = json.loads(line)
                if message["kind"] == "progress":
                    if on_progress:
                        on_progress(message)
                elif message["kind"] == "error":
                    raise ContractError(**message["error"])
                else:
                    return message["value"]
        except (BrokenPipeError, ValueError) as error:
            if not isinstance(error, (BrokenPipeError, json.JSONDecodeError)):
                raise
        raise WorkerDied(
            "the worker process to answer",
            f"it ended ({self._ending()})",
            "see the end of its output with --debug; a killed process usually ran out of memory",
            self.output(),
        )

    def output(self) -> str:
        """The end of what the user's code printed."""
        self._log.seek(0, 2)
        self._log.seek(max(0, self._log.tell() - _LOG_TAIL))
        return self._log.read().decode("utf-8", "replace")

    def close(self) -> None:
        """Ends the process at once; nothing in it needs saving."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._log.close()

    def _ending(self) -> str:
        code = self._process.wait(timeout=10)
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
