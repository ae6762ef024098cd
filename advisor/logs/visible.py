"""Properties that are visible in a run independently of the rules: chance levels, constants, blow-ups, few points."""

import math

import numpy as np

from advisor.fits.trend import still_falls
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.measures import tokens
from advisor.utils.numbers import number

_UNIT = {
    "accuracy", "acc", "acc1", "top1", "aacc", "macc", "pixacc", "f1", "fscore", "miou", "iou", "dice", "map", "map50",
    "map50_95", "ap", "ap50", "auc", "auroc", "precision", "recall", "exact", "em", "success", "prec1", "prec",
    "rank1", "bbox_map", "jaccard", "dsc", "f1score", "fmeasure",
}  # fmt: skip
_RIGHT = {"accuracy", "acc", "acc1", "top1", "exact", "em", "prec1", "rank1", "aacc", "pixacc", "success"}
_CLASSES = 1000
_FEW, _MANY = 4, 15
_LATE = 5
_BLOWN = 20.0
_CHANGED, _GAINED = 0.05, 0.3


def share_of(curve: Curve) -> float:
    """Divisor that converts values of the curve to shares: 100 if percent was logged, else 1; NaN if it has none."""
    if not set(tokens(curve.name)) & _UNIT or min(curve.raw) < 0.0:
        return math.nan
    return 100.0 if max(curve.raw) > 1.5 else 1.0


def right_share(curve: Curve | None) -> float:
    """Divisor for a share of correct answers; NaN for other metrics, which may be good below one half."""
    if curve is None or not curve.higher_is_better or not set(tokens(curve.name)) & _RIGHT:
        return math.nan
    return share_of(curve)


def constant(curve: Curve | None) -> bool:
    """Whether a curve has the same value in all of at least three rows."""
    return curve is not None and len(curve.raw) >= 3 and max(curve.raw) == min(curve.raw)


def classes_at_chance(curve: Curve | None) -> int:
    """Number of classes whose uniform prediction has the loss at which the curve is level; 0 if there is none."""
    if curve is None or len(curve.raw) < _FEW or curve.fall > 0.0:
        return 0
    level, spread = float(np.median(curve.y)), float(np.median(np.abs(np.asarray(curve.y) - np.median(curve.y))))
    if not 0.5 < level < math.log(_CLASSES) + 0.1 or spread > 0.02 * level:
        return 0
    nearest = round(math.exp(level))
    apart = math.log(nearest + 1) - math.log(nearest)
    return nearest if nearest >= 2 and abs(level - math.log(nearest)) <= min(0.2 * apart, 0.01) else 0


def blew_up(evidence: RunEvidence) -> str:
    """A temporary blow-up of a loss, as text; empty if there was none."""
    for curve in (evidence.train, evidence.val):
        if curve is None or len(curve.raw) < 5 or curve.broken:
            continue
        values = np.asarray(curve.raw)
        usual = float(np.median(np.abs(values)))
        at = int(np.argmax(values))
        after = values[at + 1 :]
        others = np.delete(values, at)
        early = float(np.max(np.abs(values[: max(1, at)]))) if at else math.inf
        limit = _BLOWN * max(usual, 1e-12)
        if values[at] > limit and at > 0 and values[at] > 3.0 * early and after.size and np.min(after) < 2.0 * usual:
            rest = float(np.max(others))
            again = f" (otherwise at most {number(rest)})" if rest < 0.5 * values[at] else ""
            top = number(float(values[at]))
            return f"{curve.name} blew up to {top} at {curve.at[at]:.0%} of the run{again} and recovered"
    return ""


def change(curve: Curve) -> str:
    """First and last value of a curve and the change between them, as text."""
    first, last = curve.raw[0], curve.raw[-1]
    if len(curve.raw) == 1:
        return f"{curve.name} {number(first)}"
    if first == 0.0 or abs(last - first) < 0.005 * abs(first):
        return f"{curve.name} {number(first)} to {number(last)}"
    ratio = last / first - 1.0
    word = "rose" if last > first else "fell"
    return f"{curve.name} {word} by {abs(ratio):.0%} ({number(first)} to {number(last)})"


def few_looks(evidence: RunEvidence) -> str:
    """How few points there are, and what is visible in them; empty if there are enough."""
    curve = evidence.main
    if curve is None or len(curve.raw) >= _FEW:
        return ""
    once = evidence.train is not None and len(evidence.train.raw) >= _FEW
    counted = "evaluation" if once else "epoch" if evidence.run.axis == "epoch" else "value"
    size = len(curve.raw)
    seen = [change(item) for item in (evidence.train, evidence.val, evidence.metric) if item is not None]
    many = f"{size} {counted}{'' if size == 1 else 's'}"
    return f"{many}: too few to judge; {'; '.join(seen)}"


def never_better(evidence: RunEvidence) -> bool:
    """Whether neither the validation loss nor the metric improved beyond noise."""
    held = [curve for curve in (evidence.val, evidence.metric) if curve is not None]
    return bool(held) and all(curve.fall == 0.0 and not _gained(curve) for curve in held)


def _gained(curve: Curve) -> bool:
    """Whether late values improve on the first by a good part of the range and more than noise."""
    third = max(1, len(curve.cost) // 3)
    gain = float(np.median(curve.cost[:third]) - np.median(curve.cost[-third:]))
    return len(curve.cost) >= _MANY and gain > max(2.5 * curve.noise, _GAINED * curve.reach)


def goes_on(evidence: RunEvidence) -> bool:
    """Whether the main curve still improved at its end, for another reason than an annealed rate."""
    curve = evidence.main
    if curve is None or evidence.schedule.annealed or curve.fall == 0.0:
        return False
    late = curve.cost[-_LATE:]
    steady = len(curve.cost) < 2 * _LATE and bool(np.all(np.diff(late) < 0)) and late[0] - late[-1] > 0.05 * curve.reach
    falls, gain = still_falls(curve.cost)
    return (falls and gain > _CHANGED) or steady


def rises_from(curve: Curve) -> int | None:
    """Index of the best value if every later one is worse than the one before it, by a twentieth in all."""
    cost = np.asarray(curve.cost)
    best = int(np.argmin(cost))
    after = np.diff(cost[best:])
    if after.size < 1 or np.any(after <= 0):
        return None
    return best if cost[-1] - cost[best] > _CHANGED * max(abs(cost[best]), 1e-12) else None
