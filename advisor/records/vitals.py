"""What is seen of a run while it runs, beyond its curves: gradients, movement of the weights, waiting for data."""

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
        left_out: Share of the trainable weights that got a gradient, are not given to the optimizer, and never moved.
        first_over_largest: Gradient over weight of the first weight matrix, over the largest such ratio; NaN if there
            are fewer than four matrices.
        moved: Distance of a sample of the weights from where they began, over their norm at the start.
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
    """A run that runs, as far as it has come.

    Attributes:
        step: Optimizer steps so far.
        total_steps: Steps that the run is planned for; None if unknown.
        scheduled: Whether a scheduler changes the learning rate.
        first_loss: The lowest of the first three training losses; NaN if unknown.
        not_finite: How many of the last training losses are no finite numbers.
        looks: Looks at the gradients, in order.
        left_out: Names of trainable parameters that the optimizer was not given.
        wait_share: Share of the time between steps that was spent before the model was called; NaN if not measured.
        wait_seconds: The same for one step, in seconds.
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
        """Share of the run that is done; NaN if its length is unknown."""
        return self.step / self.total_steps if self.total_steps else math.nan
