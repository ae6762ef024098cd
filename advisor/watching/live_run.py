"""A run in progress, in the form that the rules read."""

import math
from collections.abc import Mapping
from typing import Any

from advisor.logs.evidence import RunEvidence, evidence_of
from advisor.logs.names import Role, part
from advisor.logs.run import Run, Value
from advisor.records.vitals import GradientLook, Vitals
from advisor.watching.series import Series

_FIRST = 3


class LiveRun:
    """Curves and vital signs of a run in progress.

    Args:
        name: Name of the run.
        metric_name: Name of the metric of ``validation``, for example ``accuracy``.
        higher_is_better: Direction of the metric.
        total_steps: Planned steps; None if unknown.

    Attributes:
        step: Optimizer steps so far.
        first_loss: The lowest of the first three training losses.
        looks: Gradient samples.
        scheduled: Whether a scheduler changes the rate.
        left_out: Trainable parameters that the optimizer does not hold.
        wait: Share of a step spent waiting for data, and seconds.
        best: Step and value of the lowest validation loss; None before the first.
    """

    def __init__(self, name: str, metric_name: str, higher_is_better: bool, total_steps: int | None) -> None:
        self.name, self.total_steps = name, total_steps
        self.step = 0
        self.train, self.val = Series("train_loss"), Series("val_loss")
        self.metric, self.rate = Series(_column(metric_name, higher_is_better)), Series("lr")
        self.settings: dict[str, Value] = {}
        self.first_loss = math.nan
        self.looks: list[GradientLook] = []
        self.scheduled = False
        self.left_out: tuple[str, ...] = ()
        self.wait = (math.nan, math.nan)
        self.best: tuple[int, float] | None = None
        self._first: list[float] = []

    def lost(self, step: int, value: float) -> None:
        """Adds the loss of one step."""
        self.train.add(step, value)
        if len(self._first) < _FIRST and math.isfinite(value):
            self._first.append(value)
            self.first_loss = min(self._first)

    def measured_by(self, name: str) -> None:
        """Sets the metric's name from a logged name, before its first value."""
        if not len(self.metric):
            self.metric = Series(name)

    def evidence(self) -> RunEvidence:
        """Curves by role."""
        series = (self.train, self.val, self.metric, self.rate)
        columns = tuple(item.column() for item in series if len(item))
        return evidence_of(Run(self.name, "", "watch", "step", columns, tuple(self.settings.items())))

    def vitals(self) -> Vitals:
        """Measurements beyond the curves."""
        return Vitals(
            step=self.step,
            total_steps=self.total_steps,
            scheduled=self.scheduled,
            first_loss=self.first_loss,
            not_finite=self.train.not_finite_at_end(),
            looks=tuple(self.looks),
            left_out=self.left_out,
            wait_share=self.wait[0],
            wait_seconds=self.wait[1],
        )


def _column(name: str, higher: bool) -> str:
    """A column name from which the metric's role and direction can be derived."""
    known = part(f"val_{name}")
    if known is not None and known.role == "val_metric" and known.higher_is_better == higher:
        return f"val_{name}"
    return "val_score" if higher else "val_error"


def picked_name(logged: Mapping[str, Any], role: Role) -> str:
    """The most likely logged name for a role; empty if there is none."""
    known = [(found.rank, name) for name in logged if (found := part(name)) is not None and found.role == role]
    return min(known)[1] if known else ""


def picked(logged: Mapping[str, Any], role: Role) -> Any:
    """The value of that name; None if there is none."""
    name = picked_name(logged, role)
    return logged[name] if name else None


def settings_of(optimizer: Any) -> dict[str, Value]:
    """Numbers and text among the settings of an optimizer's first group."""
    group = optimizer.param_groups[0]
    kept = {name: float(group[name]) for name in ("lr", "momentum", "weight_decay") if _number(group.get(name))}
    return {"optimizer": type(optimizer).__name__, **kept}


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
