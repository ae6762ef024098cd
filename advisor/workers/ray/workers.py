"""Workers on the nodes of a Ray cluster: one actor per worker, which starts a worker process on its node."""

import importlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict
from typing import Any

from advisor._version import __version__
from advisor.errors import ContractError, NoRoom, UsageError, WorkerDied, WorkerHung
from advisor.utils.codec import decode, to_text
from advisor.workers.messages import Answered, AnswerT, Failed, Lost, Request, WorkerResources, read_message
from advisor.workers.pool import Pool
from advisor.workers.protocol import OnSign
from advisor.workers.ray.remote_worker import RemoteWorker
from advisor.workers.request_timer import RequestTimer
from advisor.workers.timeouts import NO_LIMIT, Limits

ROOM_SECONDS = 30.0
"""How long a worker waits for a free node."""
MOST_WORKERS = 4
"""Default number of workers: rounds have two or three arms (docs/scaling.md)."""
_PER_NODE = 2
_REACH_SECONDS = 5.0
_KEEP_CHILDREN = {"RAY_kill_child_processes_on_worker_exit": "0"}
"""Ray would kill the supervisor together with the actor, and with it the cleanup."""


class RayWorker:
    """An actor as a Worker.

    Args:
        ray: The Ray module.
        actor: Handle of a ``RemoteWorker``.
        room_seconds: How long to wait for a node.
    """

    def __init__(self, ray: Any, actor: Any, room_seconds: float) -> None:
        self._ray, self._actor = ray, actor
        self._room_seconds = room_seconds
        self._timer = RequestTimer()
        self._there = False
        self.lost = False

    def call(
        self,
        request: Request[AnswerT],
        on_sign: OnSign | None = None,
        silence: float = NO_LIMIT,
        limit: float = NO_LIMIT,
    ) -> AnswerT:
        """Sends a request and waits for its answer (``Worker.call``)."""
        try:
            self._wait_for_room()
            self._timer.begin(silence, limit)
            relayed = self._actor.call.options(num_returns="streaming")
            for piece in relayed.remote(to_text(request)):
                message = read_message(self._ray.get(piece))
                self._timer.heard()
                match message:
                    case Answered():
                        return decode(request.answer_type(), message.value)
                    case Lost():
                        raise self._death(message.found, message.details)
                    case Failed():
                        raise ContractError(**asdict(message))
                    case sign if on_sign:
                        on_sign(sign)
        except self._ray.exceptions.RayError as error:
            raise self._death(_first_line(error), str(error)) from error
        finally:
            self._timer.end()
        raise self._death("no answer")

    def tick(self, seconds: float) -> None:
        """Advances the timer while the parent is awake; kills an actor that has been silent for too long."""
        if self._timer.expired(seconds):
            self._ray.kill(self._actor)

    def close(self) -> None:
        """Kills the actor; the supervisor on its node kills the worker and its children."""
        self.lost = True
        if self._ray.is_initialized():
            self._ray.kill(self._actor)

    def _wait_for_room(self) -> None:
        if self._there:
            return
        ready, _ = self._ray.wait([self._actor.ready.remote()], timeout=self._room_seconds)
        if not ready:
            raise NoRoom(
                f"a node of the Ray cluster that takes a worker within {self._room_seconds:g} s",
                "none",
                "start more nodes, stop other work there, or request fewer with --workers",
            )
        self._ray.get(ready)
        self._there = True

    def _death(self, found: str, details: str = "") -> WorkerDied:
        self.close()
        kind = WorkerHung if self._timer.verdict else WorkerDied
        return kind(
            "the worker on its node to answer",
            self._timer.verdict or found,
            "see the end of its output with --debug, and the logs of Ray",
            details,
        )


class RayWorkers:
    """Starts actors, each with its cores or its GPU. The pool retries; Ray's own retries are off.

    Args:
        ray: The connected Ray module.
        threads: CPU cores of each worker.
        gpus: GPUs of each worker.
        room_seconds: How long a worker waits for a node.
        connection: Closes the connection, if it was opened here.
    """

    def __init__(self, ray: Any, threads: int, gpus: int, room_seconds: float, connection: ExitStack) -> None:
        self._ray, self._room_seconds, self._connection = ray, room_seconds, connection
        self._actors = ray.remote(RemoteWorker).options(
            num_cpus=threads,
            num_gpus=gpus,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
            runtime_env={"env_vars": _KEEP_CHILDREN},
        )

    def start(self) -> RayWorker:
        """Requests an actor; Ray chooses its node."""
        return RayWorker(self._ray, self._actors.remote(__version__), self._room_seconds)

    def close(self) -> None:
        """Disconnects from the cluster."""
        self._connection.close()


def ray_pool(
    address: str = "auto",
    workers: int = 0,
    device: str = "auto",
    limits: Limits | None = None,
    room_seconds: float = ROOM_SECONDS,
    nproc: int = 1,
) -> Pool:
    """A pool of workers on a Ray cluster. The user's file must be at the same path on every node.

    Args:
        address: ``HOST:PORT``, ``auto`` for the running cluster, or ``local`` to start one.
        workers: Number of workers; 0 derives it from the cluster, up to what a round can use.
        device: As in ``Options.device``.
        limits: Time limits.
        room_seconds: How long a worker waits for a node.
        nproc: Processes that share each training, all on one node.

    Raises:
        UsageError: If Ray is not installed, the cluster does not exist, or it has no node for the device.
    """
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise UsageError(
            "Ray, for --engine ray", f"not installed ({error})", "pip install 'tuning-advisor[ray]'"
        ) from error
    with ExitStack() as connection:
        if not ray.is_initialized():
            _connect(ray, address, connection)
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        gpus = [int(node.get("GPU", 0)) for node in nodes]
        room, threads, each = lay_out([int(node.get("CPU", 0)) for node in nodes], gpus, device, nproc)
        factory = RayWorkers(ray, threads, each, room_seconds, connection.pop_all())
    return Pool(factory, workers or min(room, MOST_WORKERS), WorkerResources(max(1, threads // nproc)), limits)


def lay_out(cpus: Sequence[int], gpus: Sequence[int], device: str, nproc: int = 1) -> tuple[int, int, int]:
    """Layout of a cluster: two workers per node on CPUs, as on a single machine, or one for each ``nproc`` GPUs.

    Args:
        cpus: CPU cores of each node.
        gpus: GPUs of each node.
        device: As in ``Options.device``.
        nproc: Processes that share each training, all on one node.

    Returns:
        Number of workers, and the cores and GPUs of each.

    Raises:
        UsageError: If no node has the required device.
    """
    if device not in ("auto", "cpu") and not any(gpus):
        raise UsageError(f"a node with a GPU, for --device {device}", "none in the cluster", "use --device cpu")
    if any(gpus) and device != "cpu":
        if max(gpus) < nproc:
            raise UsageError(
                f"a node with {nproc} GPUs, for --nproc {nproc}",
                f"at most {max(gpus)}",
                "lower --nproc, or use --device cpu",
            )
        threads = min(cores * nproc // count for cores, count in zip(cpus, gpus, strict=True) if count >= nproc)
        return sum(count // nproc for count in gpus), max(1, threads), nproc
    with_cores = [cores for cores in cpus if cores]
    if not with_cores:
        raise UsageError("a node with a CPU", "none in the cluster", "start nodes with --num-cpus")
    threads = max(1, min(with_cores) // _PER_NODE)
    return sum(cores // threads for cores in with_cores), threads, 0


def _connect(ray: Any, address: str, connection: ExitStack) -> None:
    if address not in ("auto", "local"):
        _reach(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own = {"include_dashboard": False} if address == "local" else {}
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM)
    connection.enter_context(redirect_stdout(sys.stderr))  # Ray reports lost nodes on stdout, which is for results.
    connection.callback(ray.shutdown)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except Exception as error:
        raise UsageError(
            f"a Ray cluster at {address}", _first_line(error), "start one (ray start --head), or use --address local"
        ) from error
    finally:
        if main and handler is not None:  # Ray replaces the signal handler.
            signal.signal(signal.SIGTERM, handler)


def _reach(address: str) -> None:
    """Checks that the address answers, because Ray itself tries for two minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise UsageError("--address as HOST:PORT, auto or local", address, "give what `ray start --head` printed")
    try:
        socket.create_connection((host, int(port)), _REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"a Ray cluster at {address}", str(error), "start one there: ray start --head") from error


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
