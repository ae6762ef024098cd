"""Workers on the nodes of a Ray cluster: an actor a worker, which starts a worker process on its node."""

import importlib
import json
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

from advisor._version import __version__
from advisor.errors import ContractError, NoRoom, UsageError, WorkerDied, WorkerHung
from advisor.utils.jsonio import dumps
from advisor.workers.patience import Patience
from advisor.workers.pool import Pool
from advisor.workers.protocol import Progress
from advisor.workers.ray.cluster import Layout, Node, lay_out
from advisor.workers.ray.code_shipping import sources_of
from advisor.workers.ray.remote_worker import Relay
from advisor.workers.timeouts import NO_LIMIT, Limits

ROOM_SECONDS = 30.0
"""How long a worker waits for a node to take it."""
_REACH_SECONDS = 5.0
_TO_THE_KEEPER = {"RAY_kill_child_processes_on_worker_exit": "0"}
"""Ray would kill the keeper along with the actor, and with it what is to remove the rest."""


class RayWorker:
    """An actor as a Worker.

    Args:
        ray: The module.
        actor: Handle of a ``Relay``.
        room_seconds: How long to wait for a node.
    """

    def __init__(self, ray: Any, actor: Any, room_seconds: float) -> None:
        self._ray, self._actor = ray, actor
        self._room_seconds = room_seconds
        self._patience = Patience()
        self._there = False
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
        try:
            self._wait_for_room()
            self._patience.begin(silence, limit)
            relayed = self._actor.call.options(num_returns="streaming")
            for piece in relayed.remote(dumps({"do": do, **arguments})):
                message = json.loads(self._ray.get(piece))
                self._patience.heard()
                if message["kind"] == "progress":
                    if on_progress:
                        on_progress(message)
                elif message["kind"] == "error":
                    raise ContractError(**message["error"])
                elif message["kind"] == "lost":
                    raise self._death(**message["error"])
                else:
                    return message["value"]
        except self._ray.exceptions.RayError as error:
            raise self._death(_first_line(error), str(error)) from error
        finally:
            self._patience.end()
        raise self._death(found="no answer")

    def tick(self, seconds: float) -> None:
        """Counts time in which the parent was awake too; ends an actor that has been silent for too long."""
        if self._patience.over(seconds):
            self._ray.kill(self._actor)

    def close(self) -> None:
        """Ends the actor; the keeper on its node ends the worker and what that started."""
        self.lost = True
        if self._ray.is_initialized():
            self._ray.kill(self._actor)

    def _wait_for_room(self) -> None:
        if self._there:
            return
        ready, _ = self._ray.wait([self._actor.ready.remote()], timeout=self._room_seconds)
        if not ready:
            raise NoRoom(
                f"a node of the Ray cluster that takes a worker within {self._room_seconds:g} s", "none",
                "start more nodes, end what else runs there, or ask for fewer with --workers",
            )  # fmt: skip
        self._ray.get(ready)
        self._there = True

    def _death(self, found: str, details: str = "", **_: str) -> WorkerDied:
        self.close()
        kind = WorkerHung if self._patience.verdict else WorkerDied
        return kind(
            "the worker on its node to answer",
            self._patience.verdict or found,
            "see the end of its output with --debug, and the logs of Ray",
            details,
        )


class RaySite:
    """Starts actors, each with its cores and its part of a GPU. Retries are the pool's: Ray's own are off.

    Args:
        ray: The module, connected.
        layout: What each worker gets.
        path: The user's file.
        room_seconds: How long a worker waits for a node.
        connection: Ends the connection, if it was made here.
    """

    def __init__(self, ray: Any, layout: Layout, path: Path, room_seconds: float, connection: ExitStack) -> None:
        self._ray, self._room_seconds, self._connection = ray, room_seconds, connection
        self._given = dumps(
            {"version": __version__, "sources": sources_of(path), "name": path.name, "folder": str(path.parent)}
        )
        self._actors = ray.remote(Relay).options(
            num_cpus=layout.share.threads,
            num_gpus=layout.gpus,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
            runtime_env={"env_vars": _TO_THE_KEEPER},
        )

    def start(self) -> RayWorker:
        """Asks for an actor; where it will run is Ray's to say."""
        return RayWorker(self._ray, self._actors.remote(self._given), self._room_seconds)

    def close(self) -> None:
        """Leaves the cluster."""
        self._connection.close()


def ray_pool(
    path: str,
    address: str = "auto",
    workers: int = 0,
    device: str = "auto",
    limits: Limits | None = None,
    room_seconds: float = ROOM_SECONDS,
) -> Pool:
    """A pool of workers on a Ray cluster.

    Args:
        path: The user's file.
        address: ``HOST:PORT``, ``auto`` for the cluster that runs here, or ``local`` for one of its own.
        workers: How many; 0 takes what the cluster has, at most what a round can use.
        device: As ``Options.device``.
        limits: When a worker counts as hung.
        room_seconds: How long a worker waits for a node.

    Raises:
        UsageError: If Ray is not installed, or there is no such cluster.
        ContractError: If the user's file cannot be read.
    """
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise UsageError(
            "Ray, for --engine ray", f"not installed ({error})", "pip install 'tuning-advisor[ray]'"
        ) from error
    file = Path(path).resolve()
    with ExitStack() as connection:
        if not ray.is_initialized():
            _connect(ray, address, connection)
        nodes = [
            Node(int(node["Resources"].get("CPU", 0)), int(node["Resources"].get("GPU", 0)))
            for node in ray.nodes()
            if node["Alive"]
        ]
        layout = lay_out(nodes, device, workers)
        site = RaySite(ray, layout, file, room_seconds, connection.pop_all())
    return Pool(site, layout.workers, layout.share, limits)


def _connect(ray: Any, address: str, connection: ExitStack) -> None:
    if address not in ("auto", "local"):
        _reach(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own = {"include_dashboard": False} if address == "local" else {}
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM)
    connection.enter_context(redirect_stdout(sys.stderr))  # Ray tells of lost nodes where only results belong.
    connection.callback(ray.shutdown)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except Exception as error:
        raise UsageError(
            f"a Ray cluster at {address}", _first_line(error), "start one (ray start --head), or use --address local"
        ) from error
    finally:
        if main and handler is not None:  # Ray puts its own in the place of ours.
            signal.signal(signal.SIGTERM, handler)


def _reach(address: str) -> None:
    """Ray itself tries for two minutes."""
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
