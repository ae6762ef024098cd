"""FT005."""

from advisor.fits import divergence
from advisor.fits.trend import trend
from advisor.logs.evidence import RunEvidence
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_MOSTLY_WRONG = 0.5


class DivergedOrDead(RunRule):
    """The loss left the finite or sane range, or nothing useful was learned.

    ## What it reads
    Whether a loss ends in values that are not finite, or above its start for good; whether the training loss has
    stopped falling while an accuracy stays below one half without getting better.

    ## Why it matters
    Nothing else in such a log is worth reading before this is put right.

    ## Sources
    P-CV5: a training loss that rises points to a bug. P-INIT: a first set-up must be clearly better than chance.

    ## Known limits
    A loss that is level from its first value on is a dead run or one that had converged before; without an accuracy
    the log cannot tell which.
    """

    code = "FT005"
    title = "The run diverged or learned nothing"
    passed = "The run trains"
    severity = "fault"
    confidence = "high"
    requires = ("train",)
    sources = ("P-CV5", "P-INIT")
    doubt = "the same settings with another seed that train"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected on divergence, or on a level training loss with a low accuracy that does not improve."""
        train = evidence.train
        assert train is not None
        for curve in (train, evidence.val):
            if curve is None:
                continue
            if curve.broken:
                return detected(
                    f"{curve.name} ends in values that are not finite",
                    values={"kind": "non_finite"},
                    advice="Lower the rate, warm it up or clip gradients; look for a "
                    "division by zero or a log of zero.",
                )
            if divergence(curve.y).diverged and divergence(curve.raw).diverged:
                return detected(
                    f"{curve.name} began at {number(curve.y[0])} and ended at {number(curve.final)}, above its start",
                    values={"kind": "exploded", "start": curve.y[0], "final": curve.final},
                    advice="Lower the rate, warm it up or clip gradients.",
                )
        metric = evidence.metric or evidence.train_metric
        half = train.y[len(train.y) // 2 :]
        late = abs(half[0] - half[-1]) if len(half) > 1 else 0.0
        stalled = train.fall == 0.0 or late <= 0.1 * train.reach
        if (
            metric is not None
            and len(metric.y) >= 4
            and metric.higher_is_better
            and 0.0 <= metric.best[1] <= _MOSTLY_WRONG
        ):
            tau, chance = trend(metric.y)
            worse = tau <= 0 or chance > 0.05
            if stalled and worse:
                return detected(
                    f"{metric.name} {number(metric.y[0])} at the start, "
                    f"{number(metric.final)} at the end; {train.name} "
                    f"level at {number(train.final)}",
                    values={"kind": "dead", "metric": metric.final},
                    advice="Check labels and inputs, overfit one batch, then try other "
                    "rates: it is no better than at first.",
                )
        if train.fall == 0.0:
            return cannot_tell(
                f"{train.name} never falls beyond noise: dead, or it had converged before the log begins",
                values={"start": train.y[0], "final": train.final},
            )
        few = f"; {train.scattered} value(s) in between were not finite" if train.scattered else ""
        return not_detected(
            f"{train.name} {number(train.y[0])} to {number(train.final)}{few}", values={"fall": train.fall}
        )
