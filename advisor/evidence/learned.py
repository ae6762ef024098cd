"""Whether any run learned more than a constant prediction."""

import math
from collections.abc import Sequence

from advisor.evidence.evidence import Arm, Evidence, Objective
from advisor.evidence.queries import first_loss

CLEAR, NOTHING, LEAST = 3.0, 0.5, 0.005
"""Standard errors of the validation loss above which a gain is clear, and below which it is nothing, and the
smallest gain as a share of the loss."""
_CHANCE = 4.0
_UNTRAINED = 0.98
"""Share of the loss of a constant prediction above which a run has learned nothing."""
_RANKS = 0.03
"""Improvement on a constant prediction, as a share of its loss, from which on runs may rank settings."""


def lowest(arm: Arm) -> float:
    """Lowest validation loss of all evaluations."""
    return min((loss for loss in arm.trace.val_loss if math.isfinite(loss)), default=math.inf)


def baseline(evidence: Evidence, arm: Arm) -> float:
    """Loss of the best constant prediction; the first training losses if it is unknown."""
    known = evidence.preflight.baseline_loss if evidence.preflight else math.nan
    return known if math.isfinite(known) else first_loss(arm)


def accuracy(evidence: Evidence, done: list[Arm]) -> tuple[float | None, float | None]:
    """Best accuracy and that of the most frequent class; None if the metric is not accuracy, or unknown."""
    metric, data = evidence.facts.metric, evidence.profile.data
    error = data.chance_error if data else None
    seen = [value for arm in done for value in arm.trace.val_metric if math.isfinite(value)]
    if not seen or metric is None or metric.from_user or error is None:
        return None, None
    return max(seen), 1.0 - error


def above_chance(reached: float | None, chance: float | None, examples: int) -> bool:
    """Whether an accuracy is significantly above that of the most frequent class."""
    if reached is None or chance is None:
        return False
    return reached > chance + _CHANCE * math.sqrt(chance * (1 - chance) / examples)


def finished_runs(evidence: Evidence) -> list[Arm]:
    """Finished runs of the search and of the current settings."""
    arms = (*evidence.cycles, *evidence.present_arms)
    return [arm for arm in arms if arm.trace.status == "finished" and math.isfinite(arm.trace.final_val_loss)]


def learned(evidence: Evidence, arms: list[Arm] | None = None) -> bool:
    """Whether one of these runs (default: all) is clearly better than a constant prediction."""
    done = finished_runs(evidence) if arms is None else arms
    if not done:
        return False
    best = min(done, key=lowest)
    base = baseline(evidence, best)
    error = best.trace.val_loss_se if math.isfinite(best.trace.val_loss_se) else 0.0
    if above_chance(*accuracy(evidence, done), best.spec.eval_examples):
        return True
    return base - lowest(best) > max(CLEAR * error, LEAST * abs(base))


def trusted(evidence: Evidence) -> Evidence:
    """The evidence, judged by validation loss if runs that have learned nothing do best by the metric.

    An untrained model predicts rare classes by chance, and so can look better than one that has begun to learn.
    """
    done = [arm for arm in evidence.cycles if math.isfinite(evidence.cost(arm))]
    if evidence.objective.is_loss or not done:
        return evidence
    best = min(done, key=evidence.cost)
    least = _UNTRAINED * baseline(evidence, best)
    trained = [arm for arm in done if min(arm.trace.final_train_loss, lowest(arm)) < least]
    if not trained or best in trained:
        return evidence
    return evidence.with_(objective=Objective(instead_of=evidence.objective.name))


def tells(evidence: Evidence, arms: Sequence[Arm] | None = None) -> bool:
    """Whether these runs (default: all of the search) learned enough for their order to rank the settings."""
    done = [arm for arm in (evidence.cycles if arms is None else arms) if math.isfinite(arm.trace.final_val_loss)]
    if not done or not learned(evidence, done):
        return False
    best = min(done, key=lowest)
    base = baseline(evidence, best)
    return base - lowest(best) > _RANKS * abs(base)
