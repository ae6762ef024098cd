"""The record of one probe: immutable columns, readable without torch."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Literal

from advisor.records.spec import ProbeSpec

Status = Literal["finished", "diverged", "failed"]


class StopReason(StrEnum):
    """Why a training stopped itself, as spelled in traces and reports."""

    TRAIN_NOT_FINITE = "training loss is not finite"
    VAL_NOT_FINITE = "validation loss is not finite"
    EXPLODED = "training loss exploded"


_STOP_REASONS = {reason.value: reason for reason in StopReason}


@dataclass(frozen=True, slots=True)
class Trace:
    """The record of one probe.

    Attributes:
        key: The ``ProbeSpec.key`` that made it.
        status: ``finished``, ``diverged`` (non-finite or exploding loss) or ``failed`` (an error).
        reason: Why it did not finish: a ``StopReason`` or the text of an error; empty if it finished.
        step: Optimizer steps (1-based) of the next three columns.
        train_loss: Mean loss of the training batch, before the step.
        lr: Learning rate of the first parameter group in that step.
        momentum: Momentum (or first beta) in that step; NaN where the optimizer has none.
        norm_step: Steps of the next two columns (a sample of all steps).
        grad_norm: Global L2 norm of the gradient, before clipping.
        weight_norm: Global L2 norm of the trainable weights, updated at every fifth of these steps.
        eval_step: Steps of the next two columns.
        val_loss: Mean loss over the validation subset, in evaluation mode.
        val_metric: The user's metric or accuracy on the same subset; empty if there is none.
        val_loss_se: Standard error of the last validation loss (over examples or batches).
        step_seconds: Median seconds per training step.
        seconds: Wall-clock seconds in all, evaluation included.
        train_examples: Examples trained on.
        eval_examples: Examples evaluated.
        train_eval_loss: Loss on a training subset in evaluation mode at the end; NaN if not requested.
        noise_scale: Gradient noise scale in examples with its 80 % interval (value, low, high); infinity means that
            the gradient signal is below the noise. Empty if not requested.
        device_batch: Examples per forward pass if the batch did not fit into memory; 0 if it did.
        answers: Share of predictions for each class at the end, by class number; empty if not measured.
        answer_spread: Standard deviation of the outputs relative to that of real targets; NaN if not measured.
        renamed: Share of correct predictions at the end, and that if classes are renamed one to one so that more of
            them are correct; empty if not measured.
    """

    key: str
    status: Status
    reason: str
    step: tuple[int, ...]
    train_loss: tuple[float, ...]
    lr: tuple[float, ...]
    momentum: tuple[float, ...]
    norm_step: tuple[int, ...]
    grad_norm: tuple[float, ...]
    weight_norm: tuple[float, ...]
    eval_step: tuple[int, ...]
    val_loss: tuple[float, ...]
    val_metric: tuple[float, ...]
    val_loss_se: float
    step_seconds: float
    seconds: float
    train_examples: int
    eval_examples: int
    train_eval_loss: float = math.nan
    noise_scale: tuple[float, ...] = ()
    device_batch: int = 0
    answers: tuple[float, ...] = ()
    answer_spread: float = math.nan
    renamed: tuple[float, ...] = ()

    @property
    def diverged(self) -> bool:
        """Whether the loss became non-finite or exploded."""
        return self.status == "diverged"

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the training stopped itself; None if it finished or an error ended it."""
        return _STOP_REASONS.get(self.reason)

    @property
    def final_val_loss(self) -> float:
        """Validation loss at the end; infinity if the probe diverged or failed."""
        if self.status != "finished" or not self.val_loss or not math.isfinite(self.val_loss[-1]):
            return math.inf
        return self.val_loss[-1]

    @property
    def final_metric(self) -> float:
        """Metric at the end; NaN if there is none."""
        if self.status != "finished" or not self.val_metric:
            return math.nan
        return self.val_metric[-1]

    @property
    def final_gap(self) -> float:
        """Validation loss minus training loss, both in evaluation mode; NaN if not measured."""
        return self.final_val_loss - self.train_eval_loss

    @property
    def final_train_loss(self) -> float:
        """Median training loss over the last tenth of the steps; infinity if not finished."""
        if self.status != "finished" or not self.train_loss:
            return math.inf
        tail = self.train_loss[-max(3, len(self.train_loss) // 10) :]
        return float(median(tail))


def failed(spec: ProbeSpec, reason: str) -> Trace:
    """A trace for a probe that an error ended."""
    return Trace(
        key=spec.key,
        status="failed",
        reason=reason,
        step=(),
        train_loss=(),
        lr=(),
        momentum=(),
        norm_step=(),
        grad_norm=(),
        weight_norm=(),
        eval_step=(),
        val_loss=(),
        val_metric=(),
        val_loss_se=math.nan,
        step_seconds=math.nan,
        seconds=0.0,
        train_examples=0,
        eval_examples=0,
    )
