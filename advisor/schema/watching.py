"""watch.json: findings about a run in progress."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Facts, Number, Part
from advisor.schema.finding import Finding
from advisor.schema.reading import CurveEnds

State = Literal["running", "finished", "stopped", "failed"]


class Standing(Part, frozen=True, kw_only=True):
    """One finding of the watched run.

    Attributes:
        state: Whether it holds or was withdrawn.
        said_at: Step at which it was reported.
        taken_back_at: Step at which it was withdrawn.
        finding: The finding in its latest form.
    """

    state: Literal["holds", "taken_back"]
    said_at: int
    taken_back_at: int | None = None
    finding: Finding


class GradientState(Part, frozen=True, kw_only=True):
    """The latest gradient sample.

    Attributes:
        step: Step of the sample.
        norm: Norm of all gradients together.
        zero: Share of the weights whose gradient is exactly zero.
        moved: Distance of the weights from their initial values, over their initial norm.
    """

    step: int
    norm: Number
    zero: Number
    moved: Number


class WatchReport(Part, frozen=True, kw_only=True):
    """A watched run, in progress or finished.

    Attributes:
        schema: Schema version.
        name: Name of the run.
        state: State of the run; ``stopped`` by a fault, ``failed`` by an error of the training itself.
        step: Optimizer steps so far.
        total_steps: Planned steps.
        seconds: Seconds since it began.
        overhead: Share of that time spent on watching, start-up excluded.
        judged: Number of evaluations of the rules.
        settings: Keywords of the optimizer.
        curves: Training loss, validation loss and metric, where known.
        gradients: The latest gradient sample.
        wait_share: Share of a step spent waiting for data.
        verdicts: Reported findings, in order.
        hint: Which checkpoint to keep.
        notes: What could not be watched.
    """

    schema: Literal[1] = 1
    name: str
    state: State
    step: int
    total_steps: int | None = None
    seconds: Number
    overhead: Number
    judged: int
    settings: Facts
    curves: dict[str, CurveEnds]
    gradients: GradientState | None = None
    wait_share: Number = None
    verdicts: tuple[Standing, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()
