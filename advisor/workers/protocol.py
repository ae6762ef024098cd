"""What an engine and a worker are: a ProbeSpec goes in, a Trace comes out, wherever that is."""

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
    """One process that holds the task and answers requests about it, one after the other.

    Attributes:
        lost: Whether it can answer no more.
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
            request: What to do.
            on_sign: Called with every sign of life.
            silence: Seconds without one after which ``tick`` ends the process.
            limit: Seconds that the whole request may take.

        Raises:
            ContractError: If the user's file is at fault.
            WorkerDied: If the process ended without an answer, lost its device, or (WorkerHung) took too long.
            NoRoom: If there is no place to start it at.
        """

    def tick(self, seconds: float) -> None:
        """Counts time in which the parent was awake too; ends a process that has been silent for too long."""

    def close(self) -> None:
        """Ends the process and all that it started; nothing in it needs saving."""


class WorkerFactory(Protocol):
    """Starts workers: on this machine, or on the nodes of a cluster."""

    def start(self) -> Worker:
        """Starts one; returns before it is ready."""

    def close(self) -> None:
        """Releases what the workers shared, once they have ended."""


class Engine(Protocol):
    """Runs probes. What comes out depends neither on which engine it is nor on how many workers it has.

    Attributes:
        limits: When a worker counts as hung.
        lost: Workers that were lost so far.
    """

    limits: Limits
    lost: int

    @property
    def workers(self) -> int:
        """How many probes run at a time."""

    def open(self, source: TaskSource) -> LoadedTask:
        """Loads the task.

        Raises:
            AdvisorError: If the user's file breaks the contract.
        """

    def expect(self, step_seconds: float, batch_size: int) -> None:
        """Sets what a step of this batch size takes, from which time limits follow."""

    def ask(self, request: Request[AnswerT]) -> AnswerT:
        """Has any worker answer a request that is no probe."""

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs; the traces come back in their order. ``on_trace`` is called as each one ends.

        Raises:
            TaskLost: If the task cannot be loaded any more.
            Exception: What ``on_trace`` raised.
        """

    def close(self) -> None:
        """Ends every worker and every thread, and removes temporary files."""
