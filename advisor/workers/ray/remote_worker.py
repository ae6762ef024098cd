"""The part of a worker on another machine that is not the worker: starts it there and passes lines of JSON on.

Runs as a Ray actor (``advisor.workers.ray.workers``), and knows nothing of Ray.
"""

import json
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from advisor._version import __version__
from advisor.errors import AdvisorError, ContractError, WorkerDied
from advisor.utils.jsonio import dumps
from advisor.workers.process import WorkerProcess
from advisor.workers.ray.code_shipping import placed


class Relay:
    """One worker process of this machine. Strings of JSON in and out: no object of the user's ever passes.

    Args:
        given: ``version`` of the advisor that asks, and ``sources``, ``name`` and ``folder`` of the user's file.
    """

    def __init__(self, given: str) -> None:
        self._given = json.loads(given)
        self._temporary = Path(tempfile.mkdtemp(prefix="advisor-"))  # Removed by the worker's keeper if this is killed.
        self._worker = WorkerProcess(self._temporary)

    def ready(self) -> bool:
        """Answers once it is there."""
        return True

    def call(self, request: str) -> Iterator[str]:
        """Messages of the worker's protocol: progress, then the answer."""
        messages: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._answer, args=(json.loads(request), messages), daemon=True).start()
        while True:
            message = messages.get()
            yield dumps(message)
            if message["kind"] != "progress":
                return

    def _answer(self, request: dict[str, Any], messages: "queue.Queue[dict[str, Any]]") -> None:
        try:
            if request["do"] == "open":
                request["request"]["path"] = str(self._place())
            messages.put({"kind": "done", "value": self._worker.call(on_progress=messages.put, **request)})
        except WorkerDied as error:
            shutil.rmtree(self._temporary, ignore_errors=True)
            messages.put({"kind": "lost", "error": error.as_dict()})
        except AdvisorError as error:
            messages.put({"kind": "error", "error": error.as_dict()})
        except Exception as error:
            found = {
                "expected": "a worker on the node",
                "found": f"{type(error).__name__}: {error}",
                "do": "look there",
            }
            messages.put({"kind": "lost", "error": {**found, "details": ""}})

    def _place(self) -> Path:
        given = self._given
        if given["version"] != __version__:
            raise ContractError(
                f"the advisor {given['version']} on every node", f"{__version__} on one", "install the same version"
            )
        folder = self._temporary / "sources"
        folder.mkdir(exist_ok=True)
        return placed(given["sources"], given["name"], Path(given["folder"]), folder)
