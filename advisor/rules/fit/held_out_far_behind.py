"""FT014."""

import math

import numpy as np

from advisor.fits.trend import smooth, still_falls
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.queries import gap, turned
from advisor.logs.visible import right_share
from advisor.rules.base import LogRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected
from advisor.utils.numbers import number

_LATE = 0.8
_LOOKS, _LOSSES = 4, 8
_APART = 0.3  # of the improvement in training
_EARLY = 0.05
_MOST = 0.2  # of the late validation losses may be closer: single bad evaluations are no gap
_SHARES, _FOLLOWS = 0.25, 0.5
_TAIL, _GAINS = 0.4, 0.15
_WELL, _RISEN = 0.8, 0.1


class HeldOutFarBehind(LogRule):
    """Held-out data are predicted far worse than training data, and do not improve with time.

    ## What it reads
    The last fifth of both losses: apart by 30 % of the improvement in training, by as much more than at first,
    and validation not falling any more. And the last fifth of both accuracies: apart by a quarter, where held-out
    data gained less than half of what training data did.

    ## Why it matters
    What is learned does not generalise: the training data are memorised, or the held-out data are prepared
    differently (other normalisation, other labels, the model in training mode). More training helps neither.

    ## Sources
    P-CV1 compares both curves. S-R3: regularisation has to be balanced.

    ## Known limits
    If at least 80 % of the predictions are right and the loss stays at its best, a gap of the losses is not reported:
    training data are only predicted with more confidence. Cannot tell memorisation from held-out data that are
    prepared differently: if validation is bad from the first evaluation on, check the data first. Losses on two scales
    (a sum against a mean) are not compared. Dropout and augmentation make training look worse than it is, so a
    gap may be missed, but not invented.
    """

    code = "FT014"
    title = "Held-out data are predicted far worse than training data"
    passed = "Held-out data are not predicted far worse than training data"
    neutral = "Training against held-out data"
    severity = "advice"
    confidence = "medium"
    requires_curves = ()
    sources = ("P-CV1", "S-R3")
    counterevidence = "the same model evaluated on training data as on held-out data, and as bad there"

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected by the losses, by the accuracies, or by both."""
        found: list[str] = []
        seen: list[str] = []
        values: dict[str, float] = {}
        train, val = evidence.train, evidence.val
        if train is not None and val is not None and evidence.comparable and min(len(train.y), len(val.y)) >= _LOSSES:
            low, high = train.level(_LATE), val.level(_LATE)
            opened = high - low - gap(evidence, 0.0, max(_EARLY, val.x[0]))
            values |= {"train": low, "val": high, "learned": train.fall, "opened": opened}
            seen.append(f"{val.name} {number(high)}, {train.name} {number(low)} in the last fifth of the run")
            least = float(np.quantile(val.part(1.0 - _TAIL) or val.y[-1:], _MOST)) - low
            bend, _ = turned(val, evidence)
            holds = bend is not None and bend.turned and evidence.metric is not None  # FT003, or FT002
            falls, gain = still_falls(val.y, _TAIL)
            far = (
                not holds
                and not _answers_well(evidence)
                and train.fall > 0.0
                and least > _APART * train.fall
                and opened > _APART * train.fall
            )
            found += [seen[-1]] if far and not (falls and gain > _GAINS) and not _improves(evidence) else []
        right = _apart(evidence.train_metric, evidence.metric)
        if math.isfinite(right):
            assert evidence.train_metric is not None and evidence.metric is not None
            values["shares_apart"] = right
            here, there = evidence.metric.level(_LATE), evidence.train_metric.level(_LATE)
            seen.append(f"{evidence.metric.name} {number(here)}, {evidence.train_metric.name} {number(there)}")
            found += [seen[-1]] if right > _SHARES and not _improves(evidence) else []
        if not seen:
            return not_applicable("needs eight values of both losses, or four of both accuracies")
        if not found:
            return not_detected("; ".join(seen), values=values)
        return detected(
            "; ".join(found),
            values=values,
            advice="Evaluate on training data the same way: if that is as bad, the data are prepared differently; if "
            "not, the training data are memorised: more data, augmentation, weight decay, or a smaller model.",
        )


def _answers_well(evidence: RunEvidence) -> bool:
    """Whether held-out predictions are mostly right and their loss stays at its best: only confidence differs."""
    val, metric = evidence.val, evidence.metric
    if val is None or metric is None or evidence.train is None:
        return False
    risen = val.level(_LATE) - float(np.min(smooth(val.y))) > _RISEN * evidence.train.fall
    return metric.level(_LATE) / right_share(metric) >= _WELL and not risen


def _improves(evidence: RunEvidence) -> bool:
    """Whether the metric still gains a good part of its range late in the run."""
    metric = evidence.metric
    yes, gain = still_falls(metric.cost, _TAIL) if metric is not None else (False, 0.0)
    return yes and gain > _GAINS


def _apart(train: Curve | None, held: Curve | None) -> float:
    """Late accuracy on training minus that on held-out data; NaN if either is missing.

    Zero if held-out data gained at least half of what training gained.
    """
    if train is None or held is None or min(len(train.y), len(held.y)) < _LOOKS:
        return math.nan
    gained, at_home = held.fall / right_share(held), train.fall / right_share(train)
    if 0.0 < gained >= _FOLLOWS * at_home:
        return 0.0
    return train.level(_LATE) / right_share(train) - held.level(_LATE) / right_share(held)
