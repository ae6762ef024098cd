"""FT001."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.queries import best_by_length, gap_of, loss_noise, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, gap, improving, metric_after
from advisor.logs.visible import right_share, share_of
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_SMALL_GAP = 0.1
_LOG_SMALL_GAP = 0.15
_MOSTLY_WRONG = 0.5
_MUCH = 0.1
_GOOD = 0.98
_LOOKS = 4


class Underfitting(ProbeRule, LogRule):
    """Training could fit more: it still improves, and the training loss is not lower than the validation loss.

    ## What it reads
    In probes: the best result at each length, and the gap between validation and training loss at the longest.
    In logs: the late trend of the validation loss (else of the training loss), which must cover at least a tenth of its
    range, the gap between the two, and the validation accuracy if there is one.

    ## Why it matters
    Such a run is limited by how much or how fast it trains, or by the model, not by generalisation: a shorter
    run will hurt.

    ## Sources
    S-D2: a test loss that keeps falling. P-CV3: a run that improves to its end is limited by computing.

    ## Known limits
    Probes are parts of the full run, so most healthy tasks underfit there. Under an annealed rate the late fall is the
    schedule's; only improvement at the low rate counts. Dropout or augmentation raise the training loss and hide a
    gap.
    """

    code = "FT001"
    title = "Training underfits"
    passed = "Training does not underfit"
    neutral = "Whether training underfits"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    sources = ("S-D2", "P-CV3")
    counterevidence = "a longer probe that does no better"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if length helps beyond noise and the gap is below a tenth of the improvement."""
        best = best_by_length(evidence)
        if len(best) < 2:
            return inconclusive("probes of one length only", requests_round=RoundName.LENGTH)
        (short, before), (long, after) = best[-2], best[-1]
        gain = evidence.cost(before) - evidence.cost(after)
        gap, learned = gap_of(after), baseline(evidence, after) - after.trace.final_val_loss
        noise = loss_noise(evidence, after)
        values = {"gain": gain, "gap": gap, "short": short, "long": long, "noise": noise}
        text = (
            f"{objective_text(evidence)} {number(shown(evidence, evidence.cost(before)))} at {share(short)}, "
            f"{number(shown(evidence, evidence.cost(after)))} at {share(long)}; validation minus training loss "
            f"{number(gap)} there"
        )
        limit = max(2 * noise, _SMALL_GAP * learned) if math.isfinite(learned) else 2 * noise
        threshold = 2 * evidence.noise if math.isfinite(evidence.noise) else noise
        if gain > threshold and gap <= limit:
            return detected(text, values=values, figures=("curves",),
                            advice="Do not shorten the run; a longer one or a larger model may do "
                            "better still.")  # fmt: skip
        return not_detected(text, values=values, figures=("curves",))

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if it still improves with a small gap, or has levelled off with an accuracy below one half."""
        train, curve = evidence.train, evidence.val or evidence.train
        assert train is not None and curve is not None
        yes, gain, words = improving(evidence, curve)
        apart = gap(evidence, 0.8) if evidence.comparable else 0.0
        values = {"late_gain": gain, "gap": apart, "fall": train.fall}
        if train.fall == 0.0:
            return inconclusive("the training loss does not fall beyond noise; see FT005", values=values)
        text = f"{ends(curve)}; {words}"
        metric = evidence.metric
        unit = right_share(metric)
        for known in (metric, evidence.train_metric):
            if known is not None and known.higher_is_better and known.final / share_of(known) >= _GOOD:
                return not_detected(f"{text}; {known.name} is {number(known.final)} already", values=values)
        if metric is not None and len(metric.y) >= _LOOKS and 0.0 <= metric.final / unit <= _MOSTLY_WRONG:
            level = metric.level(0.7) / unit
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
        if evidence.val is None and metric is not None and metric_after(evidence, 0.5) != "improves":
            return not_detected(f"{text}; {metric.name} does not follow", values=values)
        if yes and gain > _MUCH and (not evidence.comparable or apart <= _LOG_SMALL_GAP * train.fall):
            return detected(
                f"{text}; validation minus training loss {number(apart)}" if evidence.comparable else text,
                values=values,
                advice="Train longer or with a higher rate; then a larger model or less regularisation.",
            )
        return not_detected(text, values=values)
