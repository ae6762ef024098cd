"""A run's contribution to a comparison: its result, settings, length and time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.roles import pick
from advisor.logs.run import Value

_NOT_A_KNOB = ("seconds_per_epoch", "epochs")


@dataclass(frozen=True, slots=True)
class Result:
    """One run in a comparison.

    Attributes:
        name: Name of the run.
        value: Its best validation loss (or metric, or training loss), as measured.
        cost: The value as a cost (lower is better).
        metric: Best validation metric; NaN if there is none.
        noise: Noise between evaluations of this run.
        knobs: Settings, including the schedule.
        length: Last position on the run's axis.
        axis: Unit of that axis.
        seconds: Wall-clock seconds of the run; NaN if unknown.
        seconds_per_epoch: Wall-clock seconds per epoch.
        looks: (seconds since the start, best cost so far) at every evaluation; empty without timestamps.
        metric_name: Name of the metric; empty if there is none.
        metric_higher: Whether a higher metric is better.
    """

    name: str
    value: float
    cost: float
    metric: float
    noise: float
    knobs: dict[str, Value]
    length: float
    axis: str
    seconds: float
    seconds_per_epoch: float
    looks: tuple[tuple[float, float], ...]
    metric_name: str = ""
    metric_higher: bool = True

    def at(self, seconds: float) -> float:
        """Best cost up to a time; NaN if nothing was measured by then."""
        known = [cost for when, cost in self.looks if when <= seconds * 1.0001]
        return known[-1] if known else math.nan


def objective(runs: Sequence[RunEvidence]) -> tuple[str, str]:
    """Attribute and name of the objective that all runs have; empty if there is none."""
    if all(run.metric is not None and run.val_in_part for run in runs):
        return "metric", "validation metric"
    for name, words in (("val", "validation loss"), ("metric", "validation metric"), ("train", "training loss")):
        if all(getattr(run, name) is not None for run in runs):
            return name, words
    return "", ""


def result(evidence: RunEvidence, by: str) -> Result:
    """A run's result by its ``val``, ``metric`` or ``train`` curve."""
    curve: Curve = getattr(evidence, by)
    cost = min(curve.cost)
    metric = evidence.metric
    knobs = {name: value for name, value in evidence.run.settings if name not in _NOT_A_KNOB}
    schedule = evidence.schedule
    if schedule.kind != "unknown":
        knobs.setdefault("lr", float(f"{schedule.peak:.3g}"))
        knobs["schedule"] = schedule.kind
    if math.isfinite(schedule.peak):
        knobs.pop("base_lr", None)
    clock, per_x = _clock(evidence, by)
    length = max((item.x[-1] for item in evidence.run.columns if len(item.x) > 1), default=0.0)
    per_epoch = evidence.run.setting("seconds_per_epoch")
    if evidence.run.axis == "epoch" and math.isfinite(per_x):
        seconds_per_epoch = per_x
    else:
        seconds_per_epoch = float(per_epoch) if isinstance(per_epoch, float) else math.nan
    return Result(
        name=evidence.run.name,
        value=-cost if curve.higher_is_better else cost,
        cost=cost,
        metric=metric.best[1] if metric else math.nan,
        noise=curve.noise,
        knobs=knobs,
        length=length,
        axis=evidence.run.axis,
        seconds=clock[-1][0] if clock else math.nan,
        seconds_per_epoch=seconds_per_epoch,
        looks=clock,
        metric_name=metric.name if metric else "",
        metric_higher=metric.higher_is_better if metric else True,
    )


def _clock(evidence: RunEvidence, by: str) -> tuple[tuple[tuple[float, float], ...], float]:
    """Times of the evaluations, and median seconds per unit of x."""
    curve: Curve = getattr(evidence, by)
    column = next((item for item in evidence.run.columns if item.name == curve.name and item.wall), None)
    train = pick(evidence.run.columns, "train_loss")
    if column is None or len(column.x) < 3 or len(column.wall) != len(column.x):
        return (), math.nan
    x, wall = np.asarray(column.x), np.asarray(column.wall)
    pace = np.diff(wall) / np.diff(x)
    per_x = float(np.median(pace))
    if not per_x > 0 or not np.all(np.isfinite(wall)):
        return (), math.nan
    first = train[0].wall[0] if train and train[0].wall else wall[0]
    began = min(float(first), float(wall[0])) - per_x * float(x[0] > 0) * float(min(x[0], 1.0) if x[0] <= 1 else 0.0)
    sign = -1.0 if curve.higher_is_better else 1.0
    cost = np.minimum.accumulate(np.where(np.isfinite(column.y), sign * np.asarray(column.y), np.inf))
    return tuple(zip((wall - began).tolist(), cost.tolist(), strict=True)), per_x
