"""FT001."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, gap, improving, metric_after
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_SMALL_GAP = 0.15
_MOSTLY_WRONG = 0.5
_MUCH = 0.1


class Underfits(RunRule):
    """The run could fit more: the loss still falls at its end, or stopped while most answers were wrong.

    ## What it reads
    The late trend of the validation loss (else of the training loss), of which at least a tenth of its range must
    come, the gap between the two, and the validation accuracy where there is one.

    ## Why it matters
    Such a run is limited by how much or how fast it trains, or by the model, not by what it can generalise.

    ## Sources
    S-D2: a test loss that keeps falling. P-CV3: a run that improves to its end is limited by computing.

    ## Known limits
    Under an annealed rate the late fall is the schedule's; only what goes on at the low rate counts. With dropout
    or augmentation the training loss is too high and hides a gap.
    """

    code = "FT001"
    title = "The run underfits"
    passed = "The run does not underfit"
    severity = "advice"
    confidence = "medium"
    requires = ("train",)
    sources = ("S-D2", "P-CV3")
    doubt = "a longer run, or a larger model, that does no better"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if it still improves with a small gap, or has levelled off with an accuracy below one half."""
        train, curve = evidence.train, evidence.val or evidence.train
        assert train is not None and curve is not None
        yes, gain, words = improving(evidence, curve)
        apart = gap(evidence, 0.8) if evidence.val else 0.0
        values = {"late_gain": gain, "gap": apart, "fall": train.fall}
        if train.fall == 0.0:
            return cannot_tell("the training loss does not fall beyond noise; see FT005", values=values)
        text = f"{ends(curve)}; {words}"
        metric = evidence.metric
        if metric is not None and metric.higher_is_better and 0.0 <= metric.final <= _MOSTLY_WRONG:
            level = metric.level(0.7)
            if (
                metric_after(evidence, 0.5) != "improves"
                and level <= _MOSTLY_WRONG
                and not evidence.schedule.unfinished
            ):
                return detected(
                    f"{text}; {metric.name} no better than {number(metric.best[1])}, "
                    f"training loss {number(train.final)}",
                    values=values | {"metric": level},
                    advice="It cannot fit these data as it is: try another rate, a larger model, less regularisation.",
                )
        if yes and gain > _MUCH and apart <= _SMALL_GAP * train.fall:
            return detected(
                f"{text}; validation less training loss {number(apart)}" if evidence.val else text,
                values=values,
                advice="Train longer or with a higher rate; then a larger model or less regularisation.",
            )
        return not_detected(text, values=values)
