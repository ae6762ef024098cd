"""EP002."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import length_text, length_values
from advisor.evidence.queries import figures_of
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, improving, metric_after
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_LOG_LATE, _GAIN = 0.75, 0.02


class RunTooShort(ProbeRule, LogRule):
    """The run is best at its end and still improves there.

    ## What it reads
    In probes: which limit applies to the best rate (LR011): if larger rates diverge before training has fitted what it
    can, a longer run is better. In logs: where the best
    validation loss (else metric, else training loss) falls, and the trend of the last half; under an annealed rate
    only what still improves once the rate is low.

    ## Why it matters
    The full length is then worth its cost, and more epochs would probably help as well. Comparisons at this
    length favour settings that are merely fast.

    ## Sources
    P-ST1: where the best checkpoint is always late, train longer. P-CV3: such a run is limited by compute. S-D2: a
    loss that keeps falling underfits.

    ## Known limits
    In a diagnosis the end of the full run is not seen: that it still improves there is inferred from copies, and more
    epochs are an option that is never set. A logged run whose schedule ended early or did not end
    is not judged.
    """

    code = "EP002"
    title = "Longer training still helps"
    passed = "Longer training is not seen to help"
    neutral = "Whether longer training helps"
    severity = "advice"
    confidence = "low"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    sources = ("P-ST1", "P-CV3", "S-D2")
    counterevidence = "a full run whose best checkpoint falls early"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the rate is stability-limited: then every doubling of the length pays."""
        text, values = length_text(evidence), length_values(evidence)
        figures = figures_of(evidence, "epochs")
        if evidence.limit is None:
            return inconclusive(text)
        if evidence.limit == "fit":
            return not_detected(text, values=values, figures=figures)
        epochs = evidence.current.epochs
        return detected(
            text,
            values=values,
            figures=figures,
            settings={"epochs": epochs},
            advice=f"Keep all {epochs} epochs; if a better result is worth the time, try {2 * epochs}.",
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the best value is in the last quarter and the late improvement is beyond noise."""
        curve = evidence.main
        assert curve is not None
        if len(curve.y) < 5:
            return inconclusive("fewer than five values")
        at, _ = curve.best
        yes, gain, words = improving(evidence, curve)
        values = {"best_at": at, "late_gain": gain}
        text = f"{ends(curve)}; {words}"
        if yes and evidence.val is curve and metric_after(evidence, 0.5) == "worsens":
            return not_detected(f"{text}, but the metric does not follow", values=values)
        if yes and at >= _LOG_LATE and gain > _GAIN:
            return detected(
                text,
                values=values,
                confidence="high" if at >= 0.9 and gain > 0.1 else "medium",
                advice="Train longer (double the epochs, with the schedule stretched to "
                "the new length), or raise the rate.",
            )
        if evidence.schedule.unfinished:
            return inconclusive(text, values=values)
        return not_detected(text, values=values)
