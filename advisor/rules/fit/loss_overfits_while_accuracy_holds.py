"""FT003."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import longest, loss_noise
from advisor.evidence.round_name import RoundName
from advisor.fits.curve_shape import MinimumPassed, minimum_passed
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, metric_after, place, rate_rises_after, train_fell_after, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_LOOKS = 3


class LossOverfitsWhileAccuracyHolds(ProbeRule, LogRule):
    """The validation loss rises, yet the metric holds or still improves.

    ## What it reads
    Validation loss and metric of the best of the longest probes, or of the logged run: the minimum of the loss as
    FT002 finds it, and the metric there and at the end.

    ## Why it matters
    Wrong predictions only become more confident: probabilities get worse, decisions do not. If you are judged by
    accuracy you need not stop there; if you use probabilities you should.

    ## Sources
    S-R1 reads the loss first, S-D6 and S-D7 the accuracy where they disagree, P-CV1 the error.

    ## Known limits
    Probes are evaluated a few times, on a subset of the validation data. A saturated metric always holds.
    """

    code = "FT003"
    title = "The validation loss overfits while the metric holds"
    passed = "Loss and metric agree"
    neutral = "Whether loss and metric agree"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    requires_curves = ("val", "metric")
    while_running = "any_time"
    sources = ("S-R1", "S-D6", "S-D7", "P-CV1")
    counterevidence = "a metric that falls after the minimum of the loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the loss turned beyond noise and the metric at the end is no worse than there."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        metric = evidence.facts.metric
        if not arms or metric is None or len(arms[0].trace.val_metric) != len(arms[0].trace.val_loss):
            return inconclusive("no probe was evaluated three times with a metric beside the loss")
        arm = arms[0]
        fit = minimum_passed(arm.trace.eval_step, arm.trace.val_loss, loss_noise(evidence, arm))
        if not isinstance(fit, MinimumPassed):
            return inconclusive(fit.reason)
        there, end = _metric_at(arm, fit.best_step), arm.trace.val_metric[-1]
        better = end - there if metric.higher_is_better else there - end
        values = {"minimum": fit.best_loss, "rise": fit.rise, "metric_there": there, "metric_end": end}
        text = (
            f"validation loss {number(fit.best_loss)} at {fit.best_fraction:.0%} of a probe of {share(arm.length)}, "
            f"{number(arm.trace.final_val_loss)} at its end; {metric.name} {number(there)} and {number(end)}"
        )
        if not fit.passed or better < 0:
            return not_detected(text, values=values, figures=("curves",))
        return detected(text, values=values, figures=("curves",))

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the loss turned for good and the metric did not get worse afterwards."""
        val, metric = evidence.val, evidence.metric
        assert val is not None and metric is not None
        found, at = turned(val, evidence)
        if found is None:
            return inconclusive("too few validation losses")
        text, accuracy = ends(val), metric_after(evidence, at)
        values = {"at": at, "minimum": found.low, "final": found.end, "metric_at": metric.level(at - 0.08, at + 0.08),
                  "metric_final": metric.final}  # fmt: skip
        if not found.turned or not train_fell_after(evidence, at) or rate_rises_after(evidence, at):
            return not_detected(text, values=values)
        if accuracy not in ("improves", "holds"):
            return not_detected(f"{text}; {metric.name} gets worse as well", values=values)
        word = "keeps improving" if accuracy == "improves" else "holds"
        return detected(
            f"{text}; {metric.name} {word}: {number(values['metric_at'])} there, {number(metric.final)} at the end",
            values=values,
            advice="Choose the checkpoint by what you are judged by. For better "
            "probabilities: label smoothing, more weight "
            f"decay, or the weights at {place(val.best[0])}.",
        )


def _metric_at(arm: Arm, step: int) -> float:
    return arm.trace.val_metric[arm.trace.eval_step.index(step)]
