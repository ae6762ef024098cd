"""The JSON of ``advisor plan``: what a diagnosis would cost, measured on a few steps."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part
from advisor.schema.finding import Finding
from advisor.schema.report import Settings


class PlanRound(Part, frozen=True, kw_only=True):
    """One round of probes.

    Attributes:
        name: Its name.
        purpose: The question it answers.
        probes: How many runs; 0 if that depends on what is found.
        full_runs: What they cost, in full runs.
        fits: Whether the budget is expected to reach that far.
    """

    name: str
    purpose: str
    probes: int
    full_runs: float
    fits: bool


class PlanReport(Part, frozen=True, kw_only=True):
    """What a diagnosis would cost.

    Attributes:
        schema: Number of this form.
        name: The task.
        current: Settings in use.
        current_given: Whether the file says what it trains with; else defaults were assumed.
        train_examples: Training examples.
        val_examples: Validation examples.
        steps: Optimizer steps of a full run.
        step_seconds: Seconds of one step here; null if it was not timed.
        full_run_seconds: Seconds of a full run here.
        budget: What probes may cost, in full runs.
        seconds: What they are expected to take at most.
        rounds: The planned rounds, in order.
        inferred: What was inferred of the task or assumed.
        blocked_by: What was found already that no setting repairs; then nothing is probed.
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
