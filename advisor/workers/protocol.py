"""Interfaces of engines and workers: a ProbeSpec goes in, a Trace comes out."""

from collections.abc import Callable, Sequence
from typing import Protocol

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace
from advisor.workers.messages import AnswerT, LoadedTask, Progress, Request, SignOfLife
from advisor.workers.timeouts import NO_LIMIT, Limits

OnSign = Callable[[SignOfLife], None]
OnTrace = Callable[[ProbeSpec, Trace], None]
OnProgress = Callable[[ProbeSpec, Progress], None]


class Worker(Protocol):
    """A process that holds the task and answers requests one after the other.

    Attributes:
        lost: Whether it can no longer answer.
    """

    lost: bool

    def call(
        self,
        request: Request[AnswerT],
        on_sign: OnSign | None = None,
        silence: float = NO_LIMIT,
        limit: float = NO_LIMIT,
    ) -> AnswerT:
        """Sends a request and waits for its answer.

        Args:
            request: The request.
            on_sign: Called with every progress message.
            silence: Seconds without a message after which ``tick`` kills the process.
            limit: Maximum seconds of the whole request.

        Raises:
            ContractError: If the user's file is at fault.
            WorkerDied: If the process died, lost its device, or (WorkerHung) took too long.
            NoRoom: If it could not be started anywhere.
        """

    def tick(self, seconds: float) -> None:
        """Advances the timer while the parent is awake; kills a process that has been silent for too long."""

    def close(self) -> None:
        """Kills the process and all its children; it has no state to save."""


class WorkerFactory(Protocol):
    """Starts workers: on this machine, or on the nodes of a cluster."""

    def start(self) -> Worker:
        """Starts a worker; returns before it is ready."""

    def close(self) -> None:
        """Releases shared resources after the workers have ended."""


class Engine(Protocol):
    """Runs probes. Results depend neither on the engine nor on the number of workers.

    Attributes:
        limits: Time limits.
        lost: Number of workers lost so far.
    """

    limits: Limits
    lost: int

    @property
    def workers(self) -> int:
        """Number of concurrent probes."""

    def open(self, source: TaskSource) -> LoadedTask:
        """Loads the task.

        Raises:
            AdvisorError: If the user's file violates the contract.
        """

    def expect(self, step_seconds: float, batch_size: int) -> None:
        """Sets the expected time of a step at a batch size, from which time limits are derived."""

    def ask(self, request: Request[AnswerT]) -> AnswerT:
        """Lets any worker answer a request other than a probe."""

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs; returns the traces in order. ``on_trace`` is called as each one ends.

        Raises:
            TaskLost: If the task can no longer be loaded.
            Exception: Any error of ``on_trace``.
        """

    def close(self) -> None:
        """Stops all workers and threads, and removes temporary files."""
