"""A worker process as seen by the parent: a request goes in, an answer or an AdvisorError comes out."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from advisor.errors import ContractError, WorkerDied, WorkerHung
from advisor.utils.codec import decode, to_text
from advisor.workers.messages import Answered, AnswerT, Failed, Lost, Message, Request, read_message
from advisor.workers.protocol import OnSign
from advisor.workers.request_timer import RequestTimer
from advisor.workers.supervisor import TEMPORARY
from advisor.workers.timeouts import NO_LIMIT

_LOG_TAIL = 4000
_PATIENCE = 5.0


class WorkerProcess:
    """Starts ``advisor.workers.worker`` in a separate process and session and communicates with it.

    The user's own output is read continuously, so that it never blocks or fills a disk; its end is kept for the
    error message if the process dies.

    Args:
        temporary: Folder for the user's temporary files.
        environment: Its environment; by default that of this process.
    """

    def __init__(self, temporary: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        folder = {TEMPORARY: str(temporary), "TMPDIR": str(temporary)} if temporary else {}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "advisor.workers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**(os.environ if environment is None else environment), **folder},
        )
        self._tail = b""
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self._timer = RequestTimer()
        self._verdict = ""
        self.lost = False

    def call(
        self,
        request: Request[AnswerT],
        on_sign: OnSign | None = None,
        silence: float = NO_LIMIT,
        limit: float = NO_LIMIT,
    ) -> AnswerT:
        """Sends a request and waits for its answer (``Worker.call``)."""
        self._timer.begin(silence, limit)
        try:
            for message in self._messages(request):
                match message:
                    case Answered():
                        return decode(request.answer_type(), message.value)
                    case Lost():
                        self._verdict = message.found
                        break
                    case Failed():
                        raise ContractError(**asdict(message))
                    case sign if on_sign:
                        on_sign(sign)
        except ContractError:
            raise
        except Exception:
            self.close()  # Its next message would be taken for the answer to another request.
            raise
        finally:
            self._timer.end()
        raise self._death()

    def _messages(self, request: Request[AnswerT]) -> Iterator[Message]:
        """Sends a request and yields messages, until the pipe closes or a line is not a message."""
        assert self._process.stdin and self._process.stdout
        with suppress(OSError, ValueError):
            self._process.stdin.write((to_text(request) + "\n").encode())
            self._process.stdin.flush()
            for line in self._process.stdout:
                self._timer.heard()
                yield read_message(line)

    def tick(self, seconds: float) -> None:
        """Advances the timer while the parent is awake; kills a process that has been silent for too long."""
        if self._timer.expired(seconds):
            self._process.terminate()

    def close(self) -> None:
        """Kills the process and all its children; it has no state to save."""
        self.lost = True
        self._process.terminate()  # The supervisor kills the worker and what it started.
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
        return (WorkerHung if self._timer.verdict else WorkerDied)(
            "the worker process to answer",
            self._timer.verdict or self._verdict or f"it ended ({ending})",
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
