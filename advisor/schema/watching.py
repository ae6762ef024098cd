"""watch.json: what is said of a run while it runs."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Facts, Number, Part
from advisor.schema.finding import Finding
from advisor.schema.reading import CurveEnds

State = Literal["running", "finished", "stopped", "failed"]


class Standing(Part, frozen=True, kw_only=True):
    """One verdict that was said.

    Attributes:
        state: Whether it holds, or was taken back.
        said_at: Step at which it was said.
        taken_back_at: Step at which it was taken back.
        finding: The finding as it was last seen.
    """

    state: Literal["holds", "taken_back"]
    said_at: int
    taken_back_at: int | None = None
    finding: Finding


class GradientState(Part, frozen=True, kw_only=True):
    """Gradients at the last look.

    Attributes:
        step: The step of that look.
        norm: Norm of all gradients together.
        zero: Share of the weights whose gradient is exactly zero.
        moved: Distance of the weights from where they began, over their norm at the start.
    """

    step: int
    norm: Number
    zero: Number
    moved: Number


class WatchReport(Part, frozen=True, kw_only=True):
    """A run that is watched, or was.

    Attributes:
        schema: Number of this form.
        name: The run.
        state: Where it stands; ``stopped`` by a fault, ``failed`` by an error of the training itself.
        step: Optimizer steps so far.
        total_steps: Steps it is planned for.
        seconds: Seconds since it began.
        overhead: Share of that time that watching took, its start left out.
        judged: How often it was judged.
        settings: What the optimizer was given.
        curves: Training loss, validation loss and metric, as far as they are known.
        gradients: The last look at the gradients.
        wait_share: Share of a step spent waiting for data.
        verdicts: What was said, in order.
        hint: Which weights to keep.
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
