"""FT003."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import longest, loss_noise
from advisor.fits.curve_shape import MinimumPassed, minimum_passed
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_LOOKS = 3


class LossOverfitsWhileAccuracyHolds(Rule):
    """The validation loss turns upwards, yet the metric holds or goes on improving.

    ## What it reads
    The looks at validation loss and metric of the best of the longest probes: the minimum of the loss as FT002 finds
    it, and the metric there and at the end.

    ## Why it matters
    Wrong answers only become more certain: probabilities get worse, decisions do not. Whoever is judged by accuracy
    need not stop there; whoever uses probabilities should.

    ## Sources
    S-R1 reads the loss first, S-D6 and S-D7 the accuracy where the two part, P-CV1 the error.

    ## Known limits
    A few looks at a subset of the validation data, in a part of the run.
    """

    code = "FT003"
    title = "The validation loss overfits while the metric holds"
    passed = "Loss and metric do not part"
    severity = "info"
    confidence = "medium"
    requires = ("length",)
    sources = ("S-R1", "S-D6", "S-D7", "P-CV1")
    doubt = "a metric that falls after the minimum of the loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the loss turned beyond noise and the metric at the end is no worse than there."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        metric = evidence.facts.get("metric")
        if not arms or metric is None or len(arms[0].trace.val_metric) != len(arms[0].trace.val_loss):
            return cannot_tell("no probe was looked at three times with a metric beside the loss")
        arm = arms[0]
        fit = minimum_passed(arm.trace.eval_step, arm.trace.val_loss, loss_noise(evidence, arm))
        if not isinstance(fit, MinimumPassed):
            return cannot_tell(fit.reason)
        there, end = _metric_at(arm, fit.best_step), arm.trace.val_metric[-1]
        better = end - there if metric["higher_is_better"] else there - end
        values = {"minimum": fit.best_loss, "rise": fit.rise, "metric_there": there, "metric_end": end}
        text = (
            f"validation loss {number(fit.best_loss)} at {fit.best_fraction:.0%} of a probe of {share(arm.length)}, "
            f"{number(arm.trace.final_val_loss)} at its end; {metric['name']} {number(there)} and {number(end)}"
        )
        if not fit.passed or better < 0:
            return not_detected(text, values=values, figures=("curves",))
        return detected(text, values=values, figures=("curves",))


def _metric_at(arm: Arm, step: int) -> float:
    return arm.trace.val_metric[arm.trace.eval_step.index(step)]
