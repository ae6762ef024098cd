"""Which limit applies to the best rate: what the run can fit, or what stays stable."""

import math
from dataclasses import dataclass

from advisor.config.total_decay import PRIOR, total_of
from advisor.evidence.evidence import Arm, Evidence, Limit
from advisor.evidence.learned import tells
from advisor.evidence.round_name import LADDER_ROUNDS, RoundName

STEEP = -2.0
"""d log training loss / d log10 rate above the best rate: a fall by e for each half decade."""
LATE_GAIN = 0.03
"""Share by which the second part of a run must still lower the validation loss; below it the run has converged."""
_EARLY = 0.56
COPY_ROUNDS = frozenset({*LADDER_ROUNDS, RoundName.ZOOM})


@dataclass(frozen=True, slots=True)
class LimitReading:
    """The two measurements that distinguish the limits, of the most informative arm.

    Attributes:
        limit: ``fit`` or ``stability``; None where no copy shows it.
        arm: The copy above the best rate that was read.
        best: The copy at the best rate.
        slope: d log training loss / d log10 rate between them.
        late: Share of validation loss that the second part of the copy's run took off.
    """

    limit: Limit | None
    arm: Arm | None = None
    best: Arm | None = None
    slope: float = math.nan
    late: float = math.nan


def copy_groups(evidence: Evidence) -> list[list[Arm]]:
    """Copies of one shape that differ in their rate only, cheapest shape first, each by increasing rate."""
    groups: dict[tuple[float, int, int], list[Arm]] = {}
    for arm in evidence.cycles:
        if arm.round in COPY_ROUNDS and arm.trace.status != "failed" and _of_base_decay(evidence, arm):
            groups.setdefault((arm.length, arm.spec.steps, arm.spec.batch_size), []).append(arm)
    ordered = sorted(groups.values(), key=lambda arms: arms[0].length)
    return [sorted(arms, key=lambda arm: arm.spec.lr) for arms in ordered]


def best_rung(evidence: Evidence) -> Arm | None:
    """The copy of the ladder with the lowest objective; None if none finished."""
    groups = copy_groups(evidence)
    done = [arm for arm in groups[0] if math.isfinite(evidence.cost(arm))] if groups else []
    return min(done, key=evidence.cost) if done else None


def _of_base_decay(evidence: Evidence, arm: Arm) -> bool:
    """Whether a copy has the total decay of the others: one that was tried and did no better, or was left, has not."""
    if evidence.base_decay == PRIOR:
        return arm.round != RoundName.LESS_DECAY
    spec = arm.spec
    total = total_of(str(spec.optimizer["name"]), spec.lr, spec.momentum, spec.weight_decay, spec.steps)
    return math.isclose(total, evidence.base_decay, rel_tol=0.1)


def late_gain(arm: Arm) -> float:
    """Share that the validation loss fell by after the first part of the run; NaN if it was not looked at there."""
    trace = arm.trace
    marks = [(step / arm.spec.steps, loss) for step, loss in zip(trace.eval_step, trace.val_loss, strict=True)]
    early = [loss for share, loss in marks if share <= _EARLY and math.isfinite(loss)]
    return 1.0 - trace.final_val_loss / min(early) if early and min(early) > 0 else math.nan


def read_limit(evidence: Evidence) -> LimitReading:
    """Fit-limited if, above the best rate, training loss falls steeply and validation gains nothing late in the run."""
    found: LimitReading | None = None
    if not tells(evidence):
        return LimitReading(None)
    for arms in copy_groups(evidence):
        done = [arm for arm in arms if math.isfinite(evidence.cost(arm))]
        if not done:
            continue
        best = min(done, key=evidence.cost)
        for arm in done:
            reading = _read(best, arm)
            if reading is None:
                continue
            if reading.limit == "fit":
                return reading
            if found is None or reading.slope < found.slope:
                found = reading
        broke = any(arm.trace.diverged and arm.spec.lr > best.spec.lr for arm in arms)
        if found is None and broke:
            found = LimitReading("stability", best=best)
    return found or LimitReading(None)


def _read(best: Arm, arm: Arm) -> LimitReading | None:
    if arm.spec.lr <= best.spec.lr * 1.05:
        return None
    low, high = best.trace.final_train_loss, arm.trace.final_train_loss
    late = late_gain(arm)
    if not (math.isfinite(low) and math.isfinite(high) and low > 0 and math.isfinite(late)):
        return None
    slope = math.log(max(high, 1e-6) / max(low, 1e-6)) / math.log10(arm.spec.lr / best.spec.lr)
    limit: Limit = "fit" if slope < STEEP and late < LATE_GAIN else "stability"
    return LimitReading(limit, arm, best, slope, late)
