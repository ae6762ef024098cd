"""Numbers and text shared by several rules over logs."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from advisor.fits import FitFailed
from advisor.fits.trend import Turn, still_falls, trend, turn
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.names import part
from advisor.logs.roles import pick
from advisor.utils.numbers import number

LATE_LOW = 0.05
"""Share of the peak rate below which the rate counts as low."""
LEVEL = 8
_EARLY, _LATE, _BEST, _PARTED = 0.2, 0.6, 0.2, 0.3


def place(share: float) -> str:
    """A position in the run, as text."""
    return f"{share:.0%} of the run"


def turned(curve: Curve, evidence: RunEvidence) -> tuple[Turn | None, float]:
    """Whether a curve has turned for the worse for good; and the position of its best value, as a share of the run.

    Under a cyclic rate only values at a low rate are compared. If no loss ever fell beyond noise, nothing was
    learned that could be lost again, so nothing has turned.
    """
    rows = _at_low_rate(curve, evidence)
    found = _turn(tuple(cost for _, cost in rows))
    if not isinstance(found, Turn):
        return None, 0.0
    if found.turned and not any(known is not None and known.fall > 0.0 for known in (evidence.train, evidence.val)):
        found = replace(found, turned=False)
    return found, rows[found.at][0]


@lru_cache(maxsize=4096)
def _turn(costs: tuple[float, ...]) -> Turn | FitFailed:
    return turn(costs)


def _at_low_rate(curve: Curve, evidence: RunEvidence) -> list[tuple[float, float]]:
    """Positions and costs; under a cyclic rate those in the lowest third of the rate, if at least six are left."""
    rows = list(zip(curve.x, curve.cost, strict=True))
    hit = pick(evidence.run.columns, "lr") if evidence.schedule.kind == "cycles" else None
    if hit is None:
        return rows
    x, rate = hit[0].finite
    limit = float(rate.min()) + (float(rate.max()) - float(rate.min())) / 3.0
    end = max(item.x[-1] for item in evidence.run.columns if len(item.x) > 1)
    there = np.interp([place * end for place, _ in rows], x, rate)
    low = [row for row, value in zip(rows, there.tolist(), strict=True) if value <= limit]
    return low if len(low) >= 6 else rows


def train_fell_after(evidence: RunEvidence, since: float) -> bool:
    """Whether the training loss is lower at the end than around a position; True if there is no training loss."""
    train = evidence.train
    if train is None or len(train.y) < 4:
        return True
    before = train.part(max(0.0, since - 0.1), since + 0.1) or train.y[:1]
    late = train.y[-max(2, len(train.y) // 8) :]
    return float(np.median(late)) <= float(np.median(before))


def rate_rises_after(evidence: RunEvidence, since: float) -> bool:
    """Whether the learning rate is known to rise after a position and not to fall since."""
    schedule = evidence.schedule
    return schedule.kind in ("cycle", "cycles") and schedule.falling_from > since and schedule.unfinished


def metric_after(evidence: RunEvidence, since: float) -> str:
    """Trend of the validation metric after a position: ``improves``, ``holds``, ``worsens`` or ``unknown``."""
    metric = evidence.metric
    if metric is None or len(metric.y) < 4:
        return "unknown"
    cost = metric.cost
    after = [value for x, value in zip(metric.x, cost, strict=True) if x >= since]
    near = [value for x, value in zip(metric.x, cost, strict=True) if abs(x - since) <= 0.08] or after[:2]
    if len(after) < 3:
        return "unknown"
    late = float(np.median(after[-max(2, len(after) // 4) :]))
    change = late - float(np.median(near))
    tau, chance = trend(after)
    limit = max(2.0 * metric.noise, 0.02 * metric.reach)
    if change < -limit or (tau < 0 and chance < 0.02 and change < 0):
        return "improves"
    return "worsens" if change > limit and ((tau > 0 and chance < 0.1) or change > 2 * limit) else "holds"


def improving(evidence: RunEvidence, curve: Curve) -> tuple[bool, float, str]:
    """Whether a run still improves at its end in a way that more training would continue.

    Under an annealed rate every run improves late: only improvement after the rate became low counts.

    Returns:
        The answer, the late improvement as a share of the curve's range, and a description.
    """
    schedule = evidence.schedule
    yes, drop = still_falls(curve.cost)
    if not schedule.varies or (schedule.kind == "steps" and not schedule.annealed):
        return (
            yes,
            drop,
            f"its last half brought {drop:.0%} of its range" if yes else "no trend beyond noise at its end",
        )
    if not schedule.annealed:
        return False, drop, "the rate was still high at the end, so the end of the schedule is not seen"
    tail = [value for x, value in zip(curve.x, curve.cost, strict=True) if x >= _tail_start(evidence)]
    if len(tail) < 3:
        return False, drop, "its late fall comes with the falling rate"
    gain = (tail[0] - tail[-1]) / curve.reach if curve.reach > 0 else 0.0
    steps = np.diff(tail)
    if len(tail) < 5:
        clear = bool(np.all(steps < 0))
    else:
        tau, chance = trend(tail)
        clear = tau < 0 and chance < 0.02
    noise = float(np.median(np.abs(steps - np.median(steps)))) if steps.size else 0.0
    after = tail[len(tail) // 2 :]
    clear = clear and (after[0] - after[-1]) / curve.reach > 0.01 if curve.reach > 0 else False
    clear = clear and gain > 0.02 and tail[0] - tail[-1] > 2.0 * noise
    words = f"{gain:.0%} of its range came after the rate was down to {LATE_LOW:.0%} of its peak"
    return clear, gain, words if clear else "level once the rate was low"


def _tail_start(evidence: RunEvidence) -> float:
    """Position from which the rate stays below a twentieth of its peak."""
    hit = pick(evidence.run.columns, "lr")
    if hit is None:
        return evidence.schedule.low_from
    x, rate = hit[0].finite
    high = np.flatnonzero(rate > LATE_LOW * evidence.schedule.peak)
    if not high.size or high[-1] + 1 >= x.size:
        return 1.0
    end = max(item.x[-1] for item in evidence.run.columns if len(item.x) > 1)
    return float(x[high[-1] + 1] / end) - 1e-9 if end > 0 else 1.0


def rising_terms(evidence: RunEvidence, since: float) -> list[str]:
    """Terms of the training loss that rise after a position while others fall; empty if all move the same way.

    A total may rise because one term works as intended: the box loss of a detector rises as more boxes are found.
    """
    terms = [item for item in evidence.run.columns if (known := part(item.name)) and known.role == "train_loss"
             and known.part and len(item.x) >= 8]  # fmt: skip
    changes: dict[str, float] = {}
    for item in terms:
        x, y = item.finite
        place = (x - x[0]) / (x[-1] - x[0]) if x.size and x[-1] > x[0] else x
        near, late = y[np.abs(place - since) <= 0.1], y[-max(3, y.size // 8) :]
        if near.size and late.size:
            changes[item.name] = float(np.median(late) - np.median(near))
    most = max((abs(change) for change in changes.values()), default=0.0)
    rising = [name for name, change in changes.items() if change > 0.2 * most]
    return rising if most > 0.0 and 0 < len(rising) < len(changes) else []


def held(curve: Curve, start: float) -> bool:
    """Whether enough values follow a position (eight, without a falling trend) to call the curve level."""
    after = [value for x, value in zip(curve.x, curve.cost, strict=True) if x >= start - 1e-9]
    tau, chance = trend(after)
    return len(after) >= LEVEL and not (tau < 0 and chance < 0.05)


def gap(evidence: RunEvidence, low: float, high: float = 1.0) -> float:
    """Validation minus training loss over a part of the run (medians); NaN if either is missing there."""
    if evidence.train is None or evidence.val is None:
        return math.nan
    return evidence.val.level(low, high) - evidence.train.level(low, high)


def parted(evidence: RunEvidence) -> bool:
    """Whether validation and training loss diverge by 30 % of the improvement in training, from start to end.

    The lower validation losses must be that far above as well: a curve that comes back is not diverging.
    """
    train, val = evidence.train, evidence.val
    if train is None or val is None or train.fall <= 0.0 or not evidence.comparable:
        return False
    late = float(np.quantile(val.part(_LATE) or val.y[-1:], _BEST)) - train.level(_LATE)
    opened = late - gap(evidence, 0.0, max(_EARLY, val.x[0]))
    return opened > max(val.noise, _PARTED * train.fall)


def ends(curve: Curve) -> str:
    """Best value, its position, and the last value: the beginning of most findings."""
    at, best = curve.best
    return f"{curve.name} {number(best)} at {place(at)}, {number(curve.final)} at its end"
