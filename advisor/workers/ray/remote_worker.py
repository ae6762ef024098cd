"""The remote end of a Ray worker: starts the worker process on its node and forwards lines of JSON.

Runs as a Ray actor (``advisor.workers.ray.workers``) but does not import Ray.
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
    """One worker process on this node. JSON strings in and out: no user objects are transferred.

    Args:
        version: Version of the calling advisor.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._temporary = Path(
            tempfile.mkdtemp(prefix="advisor-")
        )  # Removed by the supervisor if this process is killed.
        self._worker = WorkerProcess(self._temporary)

    def ready(self) -> bool:
        """Returns True once the actor runs."""
        return True

    def call(self, request: str) -> Iterator[str]:
        """Messages of the worker: progress, then the answer."""
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
            messages.put(Lost("a worker on the node", found, "see the Ray logs on that node"))

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
