"""Measurements during a run beyond its curves: gradients, movement of the weights, data-loading time."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GradientLook:
    """Gradients of one optimizer step, and the weights after it.

    Attributes:
        step: The step, counted from 1.
        norm: Norm of all gradients together, after clipping if the loop clips; NaN if there are none.
        missing: Share of the optimised weights whose gradient is None.
        zero: Share of the optimised weights in tensors whose gradient is exactly zero.
        left_out: Share of the trainable weights that have a gradient, are not in the optimizer, and never moved.
        first_over_largest: Gradient over weight of the first weight matrix, over the largest such ratio; NaN if there
            are fewer than four matrices.
        moved: Distance of a sample of the weights from their initial values, over their initial norm.
    """

    step: int
    norm: float
    missing: float = 0.0
    zero: float = 0.0
    left_out: float = 0.0
    first_over_largest: float = math.nan
    moved: float = math.nan


@dataclass(frozen=True, slots=True)
class Vitals:
    """The state of a run in progress.

    Attributes:
        step: Optimizer steps so far.
        total_steps: Steps that the run is planned for; None if unknown.
        scheduled: Whether a scheduler changes the learning rate.
        first_loss: The lowest of the first three training losses; NaN if unknown.
        not_finite: How many of the last training losses are not finite.
        looks: Gradient samples, in order.
        left_out: Names of trainable parameters that the optimizer does not hold.
        wait_share: Share of the time between steps before the model is called; NaN if not measured.
        wait_seconds: Seconds per step before the model is called.
    """

    step: int
    total_steps: int | None = None
    scheduled: bool = False
    first_loss: float = math.nan
    not_finite: int = 0
    looks: tuple[GradientLook, ...] = ()
    left_out: tuple[str, ...] = ()
    wait_share: float = math.nan
    wait_seconds: float = math.nan

    @property
    def progress(self) -> float:
        """Completed share of the run; NaN if its length is unknown."""
        return self.step / self.total_steps if self.total_steps else math.nan
