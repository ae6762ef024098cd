"""FT008."""

from statistics import median

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import first_loss
from advisor.evidence.round_name import RoundName
from advisor.fits.smoothing import bin_means
from advisor.fits.trend import Turn, turn
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, place, rising_terms, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_BINS = 40
_LEAST = 0.1
_LEARNED = 0.05


class TrainingLossRises(ProbeRule, LogRule):
    """The training loss passes a minimum and rises again for good.

    ## What it reads
    The training loss of the current settings in their runs on all data, or of the logged run: a rank test on what
    follows the minimum. A rise below a tenth of the improvement is not reported: that is a plateau; nor is a run that
    improved by less than a twentieth of its first loss, as from trained weights. Probes at other rates are not used:
    they do not characterise the user's training.

    ## Why it matters
    Optimisation itself has become worse, which overfitting cannot cause. The usual causes are a rate beyond the stable
    range or a bug in the data pipeline.

    ## Sources
    P-CV5: a rising training loss usually comes from a bug. S-D3: a sharp rise asks for a lower largest rate.

    ## Known limits
    Probes are a part of the run; those that were stopped as diverged are LR001 and FT005. A rise while a logged cycle
    raises the rate is expected to reverse, and is not judged. If one term of a sum rises while others do not (the
    box loss of a detector), or the training accuracy improves meanwhile, a log cannot tell.
    """

    code = "FT008"
    title = "The training loss rises"
    passed = "The training loss does not rise"
    neutral = "Whether the training loss rises"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    while_running = "any_time"
    sources = ("P-CV5", "S-D3")
    counterevidence = "another seed whose training loss keeps falling"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if one turned upwards beyond noise, stayed there, and lost a tenth of its improvement."""
        own = [arm for arm in evidence.present_arms if arm.trace.status == "finished" and arm.spec.data_share >= 1.0]
        said = []
        for arm in own:
            found = _turn(arm)
            if found is None:
                continue
            text = (
                f"training loss of the current settings, {share(arm.length)}: lowest about {number(found.low)}, "
                f"{number(found.end)} at the end"
            )
            gain = first_loss(arm) - found.low
            if found.turned and gain > _LEARNED * first_loss(arm) and found.end - found.low > _LEAST * gain:
                return detected(
                    text,
                    values={"minimum": found.low, "final": found.end, "chance": found.chance},
                    figures=("curves",),
                    advice="Lower the largest rate or clip gradients; if it still rises, look for a bug in the data "
                    "order or the loss.",
                )
            said.append(text)
        return (
            not_detected("; ".join(said))
            if said
            else inconclusive("the current settings were not run on all data for long enough")
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the training loss turned upwards beyond noise and stayed there."""
        train = evidence.train
        assert train is not None
        found, at = turned(train, evidence)
        if found is None or train.fall == 0.0:
            return inconclusive("the training loss does not fall beyond noise")
        values = {"minimum": found.low, "at": at, "final": found.end, "chance": found.chance}
        if not found.turned or found.end - found.low <= _LEAST * train.fall:
            return not_detected(ends(train), values=values)
        text = f"{train.name} about {number(found.low)} around {place(at)}, {number(found.end)} at the end"
        if evidence.schedule.unfinished or (evidence.schedule.varies and evidence.schedule.falling_from > at):
            return inconclusive(f"{text}; the rate went up in between", values=values)
        terms, better = rising_terms(evidence, at), _answers_better(evidence, at)
        if terms or better:
            why = [f"it is {' and '.join(terms[:3])} alone that rises"] if terms else []
            why += [f"{better} improves meanwhile"] if better else []
            return inconclusive(f"{text}; {'; '.join(why)}", values=values)
        return detected(
            text,
            values=values,
            advice="Look for a bug in the data order or the schedule; then lower the rate or clip gradients.",
        )


def _answers_better(evidence: RunEvidence, since: float) -> str:
    """The training metric's name if it is better at the end than around a position; empty otherwise."""
    metric = evidence.train_metric
    if metric is None or len(metric.y) < 8:
        return ""
    near = [cost for x, cost in zip(metric.x, metric.cost, strict=True) if abs(x - since) <= 0.1]
    late = metric.cost[-max(2, len(metric.y) // 8) :]
    return metric.name if near and median(late) < median(near) - metric.noise else ""


def _turn(arm: Arm) -> Turn | None:
    _, losses = bin_means([float(step) for step in arm.trace.step], list(arm.trace.train_loss), _BINS)
    found = turn(losses.tolist())
    return found if isinstance(found, Turn) else None
