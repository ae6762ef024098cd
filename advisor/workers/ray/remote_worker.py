"""The part of a worker on another machine that is not the worker: starts it there and passes lines of JSON on.

Runs as a Ray actor (``advisor.workers.ray.workers``), and knows nothing of Ray.
"""

import queue
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from advisor._version import __version__
from advisor.errors import AdvisorError, ContractError, WorkerDied
from advisor.utils.codec import to_text
from advisor.workers.handler import failure
from advisor.workers.messages import Answered, Failed, LoadRequest, Lost, Message, Request, read_request
from advisor.workers.process import WorkerProcess


class RemoteWorker:
    """One worker process of this machine. Strings of JSON in and out: no object of the user's ever passes.

    Args:
        version: Of the advisor that asks.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._temporary = Path(tempfile.mkdtemp(prefix="advisor-"))  # Removed by the supervisor if this is killed.
        self._worker = WorkerProcess(self._temporary)

    def ready(self) -> bool:
        """Answers once it is there."""
        return True

    def call(self, request: str) -> Iterator[str]:
        """Messages of the worker: signs of life, then the answer."""
        messages: queue.Queue[Message] = queue.Queue()
        threading.Thread(target=self._answer, args=(read_request(request), messages), daemon=True).start()
        while True:
            message = messages.get()
            yield to_text(message)
            if isinstance(message, (Answered, Failed)):
                return

    def _answer(self, request: Request[Any], messages: "queue.Queue[Message]") -> None:
        try:
            if isinstance(request, LoadRequest):
                self._check(Path(request.source.path))
            messages.put(Answered(self._worker.call(request, messages.put)))
        except WorkerDied as error:
            shutil.rmtree(self._temporary, ignore_errors=True)
            messages.put(failure(error))
        except AdvisorError as error:
            messages.put(failure(error))
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            messages.put(Lost("a worker on the node", found, "see the logs of Ray there"))

    def _check(self, path: Path) -> None:
        node = socket.gethostname()
        if self._version != __version__:
            raise ContractError(
                f"the advisor {self._version} on every node", f"{__version__} on {node}", "install the same version"
            )
        if not path.exists():
            raise ContractError(
                "the file at the same path on every node",
                f"no {path} on {node}",
                "put it, and its data, on storage that all nodes share",
            )
