"""Return types of the tools: small and typed, with a pointer to more."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """One finding: code, title, severity (fault, advice or info), confidence, measurements, advice."""

    code: str
    title: str
    severity: str
    confidence: str
    evidence: str
    do: str = ""


@dataclass(frozen=True)
class Plan:
    """Cost of a diagnosis: upper limits in seconds and full runs, steps and seconds of one full run, and blockers."""

    task: str
    seconds: float | None
    budget_full_runs: float
    full_run_seconds: float | None
    full_run_steps: int
    train_examples: int
    settings: dict[str, Any]
    rounds: list[str]
    assumed: list[str]
    blocked_by: list[Verdict]
    more: str


@dataclass(frozen=True)
class JobState:
    """State of a job; ``error`` says what went wrong, ``next`` which tool to call now."""

    job: str
    kind: str
    state: str
    seconds: float
    share: float | None
    said: list[str]
    run: str | None
    next: str
    error: str = ""


@dataclass(frozen=True)
class JobList:
    """Jobs, newest first."""

    jobs: list[JobState]


@dataclass(frozen=True)
class RunVerdicts:
    """One recorded run: its findings, most severe first; ``more`` counts those left out."""

    run: str
    said: list[str]
    verdicts: list[Verdict]
    more: int = 0


@dataclass(frozen=True)
class Readings:
    """Findings on recorded runs, and the result of comparing them."""

    runs: list[RunVerdicts]
    comparisons: list[str]
    not_judged: list[str]
    unreadable: list[str]
    more: str = ""


@dataclass(frozen=True)
class Watched:
    """A watched run: its state and current findings."""

    run: str
    state: str
    step: int
    total_steps: int | None
    holds: list[Verdict]
    taken_back: list[str]
    curves: dict[str, str]
    keep: str = ""


@dataclass(frozen=True)
class Rule:
    """The manual of one rule."""

    code: str
    title: str
    severity: str
    manual: str
    sources: list[str]


@dataclass(frozen=True)
class ReportPart:
    """A part of a report. ``parts`` lists the other parts; ``next_offset`` is set if the part continues."""

    run: str
    part: str
    status: str
    value: Any
    parts: list[str] = field(default_factory=list)
    next_offset: int | None = None


@dataclass(frozen=True)
class Exported:
    """A configuration in another form; ``written`` is the file, if one was requested."""

    target: str
    text: str
    written: str = ""
