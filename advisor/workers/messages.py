"""What the advisor's process and a worker say to each other: requests, signs of life, answers. Plain values.

One message is one line of JSON (``advisor.utils.codec``), the same for worker processes here, on other machines and in
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
    """What each worker may use of where it runs.

    Attributes:
        threads: CPU threads. Results of a CPU are the same, bit for bit, for the same number.
        memory: Fraction of its accelerator's memory.
    """

    threads: int = 1
    memory: float = 1.0


class Request(Generic[AnswerT]):
    """What a worker is asked; the type parameter is the type of its answer."""

    __slots__ = ()

    def answer_type(self) -> type[AnswerT]:
        """The type of the answer, to read it from JSON."""
        (base,) = type(self).__orig_bases__  # type: ignore[attr-defined]
        found: type[AnswerT] = get_args(base)[0]
        return found


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """Answer to ``LoadRequest``.

    Attributes:
        facts: What the task is.
        current: What the user trains with today.
        current_given: False if defaults were assumed.
        loop_file: The file with the training loop of a script that was run; empty for a task file.
    """

    facts: TaskFacts
    current: Config
    current_given: bool
    loop_file: str = ""


@dataclass(frozen=True, slots=True)
class LoadRequest(Request[LoadedTask]):
    """Load the user's file; the first request to every worker.

    Attributes:
        source: The file and how it is to be read.
        resources: What the worker may use.
    """

    source: TaskSource
    resources: WorkerResources = field(default_factory=WorkerResources)


@dataclass(frozen=True, slots=True)
class DescribeRequest(Request[ScriptDescription]):
    """Run a training script until it has made a few steps, and say what it trains with.

    Attributes:
        path: The script.
        arguments: Its own arguments.
    """

    path: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildRequest(Request[int]):
    """Build model and optimizer, to see that they take their keywords. The answer is the number of weights.

    Attributes:
        model_kwargs: Keywords of the user's ``model``.
        optimizer: Keywords of a ``torch.optim`` class, with its ``name``.
    """

    model_kwargs: Keywords
    optimizer: Keywords


@dataclass(frozen=True, slots=True)
class ThroughputRequest(Request[BatchMeasurements]):
    """Time steps at the current batch size and, as far as these examples go, at others.

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
        spec: Which.
    """

    spec: ProbeSpec


@dataclass(frozen=True, slots=True)
class FusedVerdict:
    """Answer to ``FusedProbesRequest``.

    Attributes:
        way: How the probes were trained together, or that they were not.
        why: The reason.
    """

    way: str
    why: str


@dataclass(frozen=True, slots=True)
class FusedProbesRequest(Request[FusedVerdict]):
    """Run probes of one round together where that is faster; each trace is sent as it ends.

    Attributes:
        specs: Which.
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
    | FusedProbesRequest
)


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life from a probe.

    Attributes:
        key: Of its spec.
        step: Steps made.
        steps: Steps in all.
        loss: Training loss.
    """

    key: str
    step: int
    steps: int
    loss: float


@dataclass(frozen=True, slots=True)
class TraceEnded:
    """One of several probes ended.

    Attributes:
        trace: What it left.
    """

    trace: Trace


@dataclass(frozen=True, slots=True)
class Answered:
    """The request is done.

    Attributes:
        value: The answer, as JSON of the type that the request names.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The user's file is at fault: the four texts of an ``AdvisorError``.

    Attributes:
        expected: What was looked for.
        found: What was there instead.
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
    """A request from its line of JSON.

    Raises:
        ValueError: If it is none.
    """
    found: AnyRequest = from_text(cast(Any, AnyRequest), line)
    return found


def read_message(line: str | bytes) -> Message:
    """A message of a worker from its line of JSON.

    Raises:
        ValueError: If it is none.
    """
    found: Message = from_text(cast(Any, Message), line)
    return found
