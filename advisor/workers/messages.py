"""Messages between the advisor's process and a worker: requests, progress, answers. Plain values.

One message is one line of JSON (``advisor.utils.codec``), for workers on this machine, on other machines and in
the advisor's own process.
"""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast, get_args

from advisor.config.config import Config
from advisor.records.preflight import PreflightResult
from advisor.records.profile import BatchMeasurements, ProfileResult
from advisor.records.spec import Keywords, ProbeSpec
from advisor.records.task import ScriptDescription, TaskFacts, TaskSource
from advisor.records.trace import Trace
from advisor.utils.codec import from_text

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class WorkerResources:
    """Resources of each worker.

    Attributes:
        threads: CPU threads. CPU results are bit-identical for equal numbers of threads.
        memory: Fraction of its accelerator's memory.
    """

    threads: int = 1
    memory: float = 1.0


class Request(Generic[AnswerT]):
    """A request to a worker; the type parameter is the type of its answer."""

    __slots__ = ()

    def answer_type(self) -> type[AnswerT]:
        """The type of the answer, for decoding."""
        (base,) = type(self).__orig_bases__  # type: ignore[attr-defined]
        found: type[AnswerT] = get_args(base)[0]
        return found


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """Answer to ``LoadRequest``.

    Attributes:
        facts: Facts about the task.
        current: Current settings.
        current_given: False if defaults were assumed.
        loop_file: The file with the training loop of a captured script; empty for a task file.
    """

    facts: TaskFacts
    current: Config
    current_given: bool
    loop_file: str = ""


@dataclass(frozen=True, slots=True)
class LoadRequest(Request[LoadedTask]):
    """Load the user's file; the first request to every worker.

    Attributes:
        source: The file and how to read it.
        resources: Resources of the worker.
        rank: Number of the process among those that share each training; the first one starts the others.
    """

    source: TaskSource
    resources: WorkerResources = field(default_factory=WorkerResources)
    rank: int = 0


@dataclass(frozen=True, slots=True)
class DescribeRequest(Request[ScriptDescription]):
    """Run a training script for its first steps, and describe what it trains with.

    Attributes:
        path: The script.
        arguments: The script's own arguments.
    """

    path: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildRequest(Request[int]):
    """Build model and optimizer, to check their keywords. The answer is the number of weights.

    Attributes:
        model_kwargs: Keyword arguments of the user's ``model``.
        optimizer: Keywords of a ``torch.optim`` class, with its ``name``.
    """

    model_kwargs: Keywords
    optimizer: Keywords


@dataclass(frozen=True, slots=True)
class ThroughputRequest(Request[BatchMeasurements]):
    """Time steps at the current batch size and, as far as the examples go, at others.

    Attributes:
        examples: Training examples that it may cost.
    """

    examples: int


@dataclass(frozen=True, slots=True)
class ProfileRequest(Request[ProfileResult]):
    """Measure data, model and device."""


@dataclass(frozen=True, slots=True)
class PreflightRequest(Request[PreflightResult]):
    """Measure the untrained model.

    Attributes:
        examples: Training examples that it may cost.
    """

    examples: int


@dataclass(frozen=True, slots=True)
class ProbeRequest(Request[Trace]):
    """Run one probe.

    Attributes:
        spec: The probe.
    """

    spec: ProbeSpec


@dataclass(frozen=True, slots=True)
class RankRequest(Request[Trace]):
    """Train one probe along, as one of several processes; the answer is this process's view of it.

    Attributes:
        spec: The probe.
        rank: Number of the process, from 1; the first one sends this.
        size: Number of processes.
        store: The file at which they meet.
    """

    spec: ProbeSpec
    rank: int
    size: int
    store: str


@dataclass(frozen=True, slots=True)
class FusedVerdict:
    """Answer to ``FusedProbesRequest``.

    Attributes:
        way: How the probes were trained.
        why: The reason.
    """

    way: str
    why: str


@dataclass(frozen=True, slots=True)
class FusedProbesRequest(Request[FusedVerdict]):
    """Run probes of one round together where that is faster; each trace is sent as it ends.

    Attributes:
        specs: The probes.
    """

    specs: tuple[ProbeSpec, ...]


AnyRequest = (
    LoadRequest
    | DescribeRequest
    | BuildRequest
    | ThroughputRequest
    | ProfileRequest
    | PreflightRequest
    | ProbeRequest
    | RankRequest
    | FusedProbesRequest
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a probe.

    Attributes:
        key: Key of its spec.
        step: Completed steps.
        steps: Total steps.
        loss: Training loss.
    """

    key: str
    step: int
    steps: int
    loss: float


@dataclass(frozen=True, slots=True)
class TraceEnded:
    """The end of one of several probes.

    Attributes:
        trace: Its record.
    """

    trace: Trace


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of a request.

    Attributes:
        value: The answer, as JSON of the type that the request declares.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """An error in the user's file: the four texts of an ``AdvisorError``.

    Attributes:
        expected: What was expected.
        found: What was found.
        do: The next step.
        details: A traceback or log.
    """

    expected: str
    found: str
    do: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Lost(Failed):
    """The worker cannot continue: it ended, or lost its device."""


SignOfLife = Progress | TraceEnded
Message = Progress | TraceEnded | Answered | Failed | Lost


def read_request(line: str) -> AnyRequest:
    """Decodes a request from its line of JSON.

    Raises:
        ValueError: If it is not a request.
    """
    found: AnyRequest = from_text(cast(Any, AnyRequest), line)
    return found


def read_message(line: str | bytes) -> Message:
    """Decodes a worker's message from its line of JSON.

    Raises:
        ValueError: If it is not a message.
    """
    found: Message = from_text(cast(Any, Message), line)
    return found
