"""An interpreter in which torch and scikit-learn are loaded, from which workers of the advisor are forked.

Loading both takes three seconds of CPU, which a suite that starts hundreds of workers would spend hundreds of times.
A forked worker is a process of its own and runs ``python -m advisor.workers.worker`` from its first line, a forked
command ``python -m advisor``; only what they import is there already. Usage: ``python -P server.py SOCKET``; it ends
with its standard input.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from typing import Any

READY = (
    "torch", "torch._dynamo", "torch.utils.flop_counter", "sklearn.datasets", "sklearn.decomposition",
    "sklearn.linear_model", "sklearn.neighbors", "advisor.task.load", "advisor.task.inspection",
    "advisor.probes.profile", "advisor.probes.preflight.measure", "advisor.probes.batch_size.throughput",
    "advisor.training.trainer", "scipy.optimize", "scipy.stats", "tensorboard.summary.writer.record_writer",
    "tensorboard.plugins.hparams.api_pb2", "tensorboard.plugins.custom_scalar.layout_pb2", "advisor.app.diagnose",
    "advisor.cli.main", "advisor.report.html",
)  # fmt: skip


def serve(path: str) -> None:
    """Forks a worker for each one who asks."""
    gc.disable()
    for name in READY:
        importlib.import_module(name)
    gc.freeze()
    gc.enable()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(64)
        print("ready", flush=True)
        while 0 not in select.select([0, door], [], [])[0]:
            wire, _ = door.accept()
            if os.fork() == 0:
                door.close()
                attend(wire)
            wire.close()
            reap(os.WNOHANG)
    reap(0)


def reap(how: int) -> None:
    """Collects those that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


def attend(wire: socket.socket) -> None:
    """Starts the worker, tells how it ended, and ends it if the one who asked is gone."""
    length, streams, _, _ = socket.recv_fds(wire, 4, 3)
    text = b""
    while len(text) < int.from_bytes(length):
        text += wire.recv(1 << 16)
    asked = json.loads(text)
    pid = os.fork()
    if pid == 0:
        wire.close()
        become(asked, streams)
    for stream in (0, 1, 2, *streams):
        os.close(stream)
    ended = os.pidfd_open(pid)
    watched: list[object] = [ended, wire]
    while ended not in select.select(watched, [], [])[0]:
        watched.remove(wire)
        os.kill(pid, signal.SIGTERM)  # To its keeper, as the advisor does.
    with suppress(OSError):
        wire.sendall(os.waitpid(pid, 0)[1].to_bytes(4))
    os._exit(0)


def become(asked: dict[str, Any], streams: list[int]) -> None:
    """Runs the worker or the command in this process."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    tempfile.tempdir = None
    sys.argv = ["-m", *asked["arguments"]]
    try:
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as error:
        os._exit(error.code if isinstance(error.code, int) else 1)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
