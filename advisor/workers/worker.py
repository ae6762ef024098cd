"""The process that runs the user's code: one request per line in, messages per line out, as JSON.

Started as ``python -m advisor.workers.worker``. The user's code prints to stderr only. The process ends with its
parent (``advisor.workers.supervisor``).
"""

import gc
import os
import queue
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from advisor.errors import WorkerDied
from advisor.workers.supervisor import supervise

if TYPE_CHECKING:
    from advisor.workers.messages import AnyRequest, Message

_EXIT_LOST = 70
_exit = os._exit
"""A captured script gets another one."""


def serve(out: TextIO, requests: "queue.Queue[str]") -> None:
    """Answers requests one after the other; every error becomes an answer."""
    from advisor.utils.codec import to_text
    from advisor.workers.handler import TaskHandler, failure
    from advisor.workers.messages import Answered, LoadRequest, Lost, read_request

    own = os.getpid()

    def send(message: "Message") -> None:
        """Writes one line of the protocol. Forked children of the user's code are ignored."""
        if os.getpid() != own:
            _exit(1)
        out.write(to_text(message) + "\n")
        out.flush()

    def lost(error: WorkerDied) -> None:
        send(failure(error))
        _exit(_EXIT_LOST)

    handler = TaskHandler(send, lost)

    def answered(request: "AnyRequest") -> "Message":
        try:
            if isinstance(request, LoadRequest):
                _import_torch(Path(request.source.path))
            return Answered(handler.answer(request))
        except BaseException as error:
            return failure(error)

    while True:
        message = answered(read_request(requests.get()))
        send(message)
        if isinstance(message, Lost):
            _exit(_EXIT_LOST)


def _import_torch(path: Path) -> None:
    """Imports torch, unless the user's file is not Python, which is reported immediately.

    Objects created by the import are permanent, so they are frozen for the garbage collector.
    """
    from advisor.task.imports import read_code

    read_code(path)
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    gc.enable()


def main() -> None:
    """Serves requests until the parent closes the pipe."""
    supervise()
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    incoming = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # input() in the user's code fails immediately instead of waiting
    sys.stdout = sys.stderr
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the life of the process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(incoming, requests), daemon=True).start()
    serve(protocol, requests)


def _read(source: TextIO, requests: "queue.Queue[str]") -> None:
    for line in source:
        requests.put(line)
    _exit(0)


if __name__ == "__main__":
    main()
