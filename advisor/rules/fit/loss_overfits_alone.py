"""FT003."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, metric_after, place, rate_rises_after, train_fell_after, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number


class LossOverfitsAlone(RunRule):
    """The validation loss turns upwards, yet the accuracy holds or goes on improving.

    ## What it reads
    The turn of the validation loss as FT002 reads it, and the trend of the validation metric after the same place.

    ## Why it matters
    Wrong answers only become more certain: the probabilities get worse, the decisions do not. Whoever judges by
    accuracy need not stop there; whoever uses probabilities should.

    ## Sources
    S-R1 reads the loss first, S-D6 the accuracy where the loss misleads, P-CV1 the error. The two disagree here, so
    both are said.

    ## Known limits
    Needs a validation metric at the same places. A metric that saturates holds by its nature.
    """

    code = "FT003"
    title = "The validation loss overfits while the accuracy holds"
    passed = "Loss and accuracy do not part"
    severity = "info"
    confidence = "medium"
    requires = ("val", "metric")
    sources = ("S-R1", "S-D6", "P-CV1")
    doubt = "an accuracy that falls after the minimum of the loss"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the loss turned for good and the metric did not get worse after that."""
        val, metric = evidence.val, evidence.metric
        assert val is not None and metric is not None
        found, at = turned(val, evidence)
        if found is None:
            return cannot_tell("too few validation losses")
        text, accuracy = ends(val), metric_after(evidence, at)
        values = {"at": at, "minimum": found.low, "final": found.end, "metric_at": metric.level(at - 0.08, at + 0.08),
                  "metric_final": metric.final}  # fmt: skip
        if not found.turned or not train_fell_after(evidence, at) or rate_rises_after(evidence, at):
            return not_detected(text, values=values)
        if accuracy not in ("improves", "holds"):
            return not_detected(f"{text}; {metric.name} gets worse as well", values=values)
        word = "goes on improving" if accuracy == "improves" else "holds"
        return detected(
            f"{text}; {metric.name} {word}: {number(values['metric_at'])} there, {number(metric.final)} at the end",
            values=values,
            advice="Choose the checkpoint by what you are judged by. For better "
            "probabilities: label smoothing, more weight "
            f"decay, or the weights at {place(val.best[0])}.",
        )
