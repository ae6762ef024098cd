"""EP002."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, improving, metric_after
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule

_LATE, _GAIN = 0.75, 0.02


class StillImproving(RunRule):
    """The run is best at its end and still gets better there.

    ## What it reads
    Where the best validation loss (else metric, else training loss) falls, and the trend of the last half. Under an
    annealed rate only what still improves once the rate is low.

    ## Why it matters
    More epochs would probably help; comparisons made at this length favour settings that are merely fast.

    ## Sources
    P-ST1: where the best checkpoint falls in the last quarter, train longer. P-CV3: such a run is limited by
    computing. S-D2: a loss that keeps falling underfits.

    ## Known limits
    A run whose schedule ended early or never ended is not judged: what a longer schedule brings is not seen in it.
    """

    code = "EP002"
    title = "Longer training still helps"
    passed = "Longer training is not seen to help"
    severity = "advice"
    confidence = "medium"
    requires = ("train",)
    sources = ("P-ST1", "P-CV3", "S-D2")
    doubt = "a longer run that ends no better"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the best is in the last quarter and the late improvement is beyond noise."""
        curve = evidence.main
        assert curve is not None
        if len(curve.y) < 5:
            return cannot_tell("fewer than five values")
        at, _ = curve.best
        yes, gain, words = improving(evidence, curve)
        values = {"best_at": at, "late_gain": gain}
        text = f"{ends(curve)}; {words}"
        if yes and evidence.val is curve and metric_after(evidence, 0.5) == "worsens":
            return not_detected(f"{text}, but the metric does not follow", values=values)
        if yes and at >= _LATE and gain > _GAIN:
            return detected(
                text,
                values=values,
                confidence="high" if at >= 0.9 and gain > 0.1 else None,
                advice="Train longer (double the epochs, with the schedule stretched to "
                "the new length), or raise the rate.",
            )
        if evidence.schedule.unfinished:
            return cannot_tell(text, values=values)
        return not_detected(text, values=values)
