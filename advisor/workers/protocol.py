"""What an engine and a worker are: a ProbeSpec goes in, a Trace comes out, wherever that is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.workers.timeouts import NO_LIMIT, Limits

Progress = Callable[[dict[str, Any]], None]
OnTrace = Callable[[ProbeSpec, Trace], None]
OnProgress = Callable[[ProbeSpec, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Share:
    """What each worker may use of where it runs.

    Attributes:
        threads: CPU threads. Results of a CPU are the same, bit for bit, for the same number.
        memory: Fraction of its accelerator's memory.
    """

    threads: int = 1
    memory: float = 1.0


class Worker(Protocol):
    """One process that holds the task and answers requests about it, one after the other.

    Attributes:
        lost: Whether it can answer no more.
    """

    lost: bool

    def call(
        self,
        do: str,
        on_progress: Progress | None = None,
        silence: float = NO_LIMIT,
        limit: float = NO_LIMIT,
        **arguments: Any,
    ) -> Any:
        """Sends a request and waits for its answer.

        Args:
            do: What to do.
            on_progress: Told of every sign of life.
            silence: Seconds without one after which ``tick`` ends the process.
            limit: Seconds that the whole request may take.
            arguments: Of the request, as plain JSON.

        Raises:
            ContractError: If the user's file is at fault.
            WorkerDied: If the process ended without an answer, lost its device, or (WorkerHung) took too long.
            NoRoom: If there is no place to start it at.
        """

    def tick(self, seconds: float) -> None:
        """Counts time in which the parent was awake too; ends a process that has been silent for too long."""

    def close(self) -> None:
        """Ends the process and all that it started; nothing in it needs saving."""


class Site(Protocol):
    """A place that workers are started at: this machine, or the nodes of a cluster."""

    def start(self) -> Worker:
        """Starts one; returns before it is ready."""

    def close(self) -> None:
        """Gives back what the workers shared, once they have ended."""


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

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Loads the task and says what it is.

        Raises:
            AdvisorError: If the user's file breaks the contract.
        """

    def expect(self, step_seconds: float, batch_size: int) -> None:
        """Sets what a step of this batch size takes, from which time limits follow."""

    def ask(self, do: str, **arguments: Any) -> Any:
        """A request to any worker that is no probe."""

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
