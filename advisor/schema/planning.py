"""The JSON of ``advisor plan``: the expected cost of a diagnosis, measured on a few steps."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part
from advisor.schema.finding import Finding
from advisor.schema.settings import Settings


class PlanRound(Part, frozen=True, kw_only=True):
    """One round of probes.

    Attributes:
        name: Name of the round.
        purpose: The question it answers.
        probes: Number of runs; 0 if it depends on earlier results.
        full_runs: Cost in full runs.
        fits: Whether the budget is expected to cover it.
    """

    name: str
    purpose: str
    probes: int
    full_runs: float
    fits: bool


class PlanReport(Part, frozen=True, kw_only=True):
    """The expected cost of a diagnosis.

    Attributes:
        schema: Schema version.
        name: Name of the task.
        current: Current settings.
        current_given: Whether the file has settings; otherwise defaults were assumed.
        train_examples: Training examples.
        val_examples: Validation examples.
        steps: Optimizer steps of a full run.
        step_seconds: Seconds of one step here; null if it was not timed.
        full_run_seconds: Seconds of a full run here.
        budget: Budget for probes, in full runs.
        seconds: Upper estimate of the seconds that the probes take.
        rounds: The planned rounds, in order.
        inferred: What was inferred or assumed about the task.
        blocked_by: A fault that no setting repairs and that stops the diagnosis before any probe.
    """

    schema: Literal[1] = 1
    name: str
    current: Settings
    current_given: bool
    train_examples: int
    val_examples: int
    steps: int
    step_seconds: Number
    full_run_seconds: Number
    budget: float
    seconds: Number
    rounds: tuple[PlanRound, ...] = ()
    inferred: tuple[str, ...] = ()
    blocked_by: tuple[Finding, ...] = ()
