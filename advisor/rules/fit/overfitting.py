"""FT002."""

import math

import numpy as np

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.length import advised_epochs, lost_share
from advisor.evidence.queries import gap_of, longest, loss_noise, noise_of, present_rate
from advisor.evidence.round_name import RoundName
from advisor.fits import MinimumPassed, minimum_passed
from advisor.fits.trend import Turn, smooth
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.queries import ends, metric_after, parted, place, rate_rises_after, train_fell_after, turned
from advisor.logs.visible import rises_from
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, rate, share

_LOOKS = 3
_FEW_LOOKS = 8
_MUCH = 0.1  # relative rise that counts if only one or two evaluations follow the best
_LONG = 0.4
_MOST, _ALL = 0.75, 1.0
"""Share of the improvement on a constant prediction that is lost between training and validation data."""
_BY_HEART, _NOTHING = 0.01, 0.05
_LATE, _AROUND, _MOSTLY = 0.6, 0.1, 0.7
_RISE, _ABOVE = 0.1, 0.05  # of the improvement in training
_NEAR = 0.1  # of the range of the metric: this close to its best value it still counts as improving


class Overfitting(ProbeRule, LogRule):
    """The validation loss passes a minimum and rises again for good while training continues.

    ## What it reads
    The validation losses: of the longest probe that was evaluated three times or more, or of the whole logged run. A
    rise counts beyond the noise and if it lasts, and only if the training loss did not rise with it. If copies
    show that the run memorises before it ends, the gap of the current settings on all data, if it exceeds the
    improvement on a constant prediction, or a long run that ends higher than a short one. In logs, if training and
    validation loss diverge by 30 % of the improvement, a rise need not be beyond all noise; if no validation loss was
    logged, its metric is read.

    ## Why it matters
    What is learned after the minimum makes predictions worse, and the epochs after it are wasted.

    ## Sources
    S-D3 and P-CV1 take the rising validation loss as the sign. G-6: a gap that opens late in a cycle is no sign; only
    a rise counts here. S-R1: the loss is read before the accuracy.

    ## Known limits
    The loss can rise while the accuracy still improves, when wrong predictions only become more confident: logs leave
    that to FT003. Probes of a part of the run may end before overfitting begins: what the gap implies then is
    EP003. In logs it fires by chance on less than 2 % of curves that have levelled off, and a rise while the rate is
    still increasing is not counted.
    """

    code = "FT002"
    title = "Training overfits: the validation loss rises again"
    passed = "The validation loss does not rise again"
    neutral = "Whether training overfits"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.LADDER,)
    requires_curves = ()
    while_running = "any_time"
    sources = ("S-D3", "P-CV1", "G-6", "S-R1")
    counterevidence = "another seed whose validation loss does not rise"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected on the best of the longest probes, or if the current settings memorise the data early."""
        return _memorised(evidence) or _longer_is_worse(evidence) or self._turned(evidence)

    def _turned(self, evidence: Evidence) -> Judgement:
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            return inconclusive("no probe was validated three times during its run", requests_round=RoundName.LENGTH)
        arm = arms[0]
        fit = minimum_passed(arm.trace.eval_step, arm.trace.val_loss, loss_noise(evidence, arm))
        if not isinstance(fit, MinimumPassed):
            return inconclusive(fit.reason)
        where = f"at {fit.best_fraction:.0%} of a probe of {share(arm.length)}"
        values = {
            "minimum": fit.best_loss,
            "at": fit.best_fraction,
            "final": arm.trace.final_val_loss,
            "rise": fit.rise,
            "length": arm.length,
            "gap": gap_of(arm),
        }
        text = f"validation loss {number(fit.best_loss)} {where}, {number(arm.trace.final_val_loss)} at its end"
        if not fit.passed or not _training_fell(arm, fit.best_step):
            return not_detected(text, values=values, figures=("curves",))
        return detected(
            text + f", training loss {number(arm.trace.final_train_loss)}",
            values=values,
            figures=("curves",),
            confidence="high" if fit.persistent and fit.best_fraction < 0.9 else "medium",
            advice=_advice(evidence),
            requests_round=None if evidence.of_round(RoundName.LENGTH) else RoundName.LENGTH,
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the rise is beyond noise and lasts, the training loss fell, and the accuracy does not improve."""
        val = evidence.val
        if val is None:
            return _unseen(evidence)
        if len(val.y) < _FEW_LOOKS:
            short = _rises_from_few(val, evidence)
            if short is not None:
                return short
        found, at = turned(val, evidence)
        if found is None:
            return inconclusive(f"{len(val.y)} validation loss(es): too few to judge")
        values = {"minimum": found.low, "at": val.best[0], "final": found.end, "noise": found.noise,
                  "chance": found.chance}  # fmt: skip
        text = ends(val)
        beside = not found.turned and _rises_as_training_falls(val, evidence, found)
        if not found.turned and not beside:
            return not_detected(text, values=values)
        if not train_fell_after(evidence, at):
            return not_detected(f"{text}; the training loss rose with it, so it is not overfitting", values=values)
        if rate_rises_after(evidence, at):
            return not_detected(f"{text}; the rate was still rising and has not come down", values=values)
        accuracy = metric_after(evidence, at)
        if accuracy == "improves":
            return not_detected(f"{text}; the accuracy still improves, which is FT003", values=values)
        train = f", training loss {number(evidence.train.final)}" if evidence.train else ""
        held = {"holds": "; the accuracy holds", "worsens": "; the accuracy falls as well"}.get(accuracy, "")
        return detected(
            f"{text}{train}{held}",
            values=values | {"accuracy": accuracy},
            confidence="high" if at < 0.8 and not beside else "medium",
            advice=f"Stop at {place(val.best[0])} or keep the best checkpoint; to gain more: more "
            "weight decay, augmentation or data.",
        )


def _memorised(evidence: Evidence) -> Judgement | None:
    """Detected if the current settings, on all data, lose their whole improvement, and a lower rate ends lower."""
    own = [arm for arm in evidence.present_arms if not arm.spec.is_copy and math.isfinite(evidence.cost(arm))]
    others = [arm for arm in evidence.cycles if not arm.spec.is_copy and math.isfinite(evidence.cost(arm))]
    if not evidence.overfits or not own or not others:
        return None
    arm, best = own[0], min(others, key=evidence.cost)
    lost, ended = lost_share(evidence, arm), arm.trace.final_val_loss
    if not lost >= _ALL or ended - best.trace.final_val_loss <= 2.0 * loss_noise(evidence, arm):
        return None
    train, lowest = arm.trace.final_train_loss, best.trace.final_val_loss
    return detected(
        f"the current settings end {share(arm.length)} with training loss {number(train)} and validation loss "
        f"{number(ended)}: the gap is {lost:.1f} times the improvement on a constant prediction; "
        f"rate {rate(best.spec.lr)} ends with "
        f"{number(lowest)}",
        values={"lost_share": lost, "train": train, "final": ended, "lowest": lowest, "length": arm.length},
        figures=("curves",),
        confidence="medium",
        advice=_advice(evidence),
    )


def _longer_is_worse(evidence: Evidence) -> Judgement | None:
    """Detected if a long run on all data fits them better than a shorter or slower one and ends clearly higher.

    Only runs at no more than the current rate count as long ones: the current settings then overfit at least as much.
    """
    if not evidence.overfits:
        return None
    arms = [arm for arm in evidence.cycles if not arm.spec.is_copy and math.isfinite(evidence.cost(arm))]
    best = min(arms, key=lambda arm: arm.trace.final_val_loss, default=None)
    long = [arm for arm in arms if arm.length >= _LONG and arm.spec.lr <= present_rate(evidence, [arm])]
    worst = max(long, key=lambda arm: arm.trace.final_val_loss, default=None)
    if best is None or worst is None or best.length > worst.length or not lost_share(evidence, worst) >= _MOST:
        return None
    before, after = best.trace, worst.trace
    rise = after.final_val_loss - before.final_val_loss
    if rise <= 2.0 * noise_of(evidence) or rise <= _MUCH * abs(before.final_val_loss):
        return None
    if after.final_train_loss >= before.final_train_loss:
        return None
    return detected(
        f"after {share(best.length)} validation loss is {number(before.final_val_loss)} and training loss "
        f"{number(before.final_train_loss)}; after {share(worst.length)}, at no more than the current rate, "
        f"{number(after.final_val_loss)} and {number(after.final_train_loss)}",
        values={"before": before.final_val_loss, "after": after.final_val_loss, "length": worst.length},
        figures=("curves",),
        confidence="medium",
        advice=_advice(evidence),
    )


def _advice(evidence: Evidence) -> str:
    now, best = evidence.current.epochs, advised_epochs(evidence)
    fewer = f"Train for {best} instead of {now} epochs" if best < now else "Train for fewer epochs"
    return f"{fewer}, keep the best checkpoint, or regularise more."


def _unseen(evidence: RunEvidence) -> Judgement:
    """If there is no validation loss the metric is judged; without one the result is unknown."""
    train = evidence.train
    if evidence.metric is not None and not evidence.metric_unsaid and evidence.run.paradigm == "supervised":
        return _by_metric(evidence.metric, evidence)
    if train is None or evidence.metric is not None or len(train.y) < _LOOKS or train.fall <= 0.0:
        return not_applicable("no validation loss was logged")
    if train.y[0] > 0.0 and train.level(0.9) < min(_NOTHING, _BY_HEART * train.y[0]):
        return inconclusive(
            f"{train.name} fell from {number(train.y[0])} to {number(train.final)} and nothing was held out: the "
            "training data are memorised, and whether anything generalises is unknown",
            advice="Hold out a part of the data and evaluate on it.",
        )
    return inconclusive("nothing was held out, so overfitting cannot be seen")


def _by_metric(metric: Curve, evidence: RunEvidence) -> Judgement:
    """The verdict on a held-out metric, if no validation loss was logged."""
    found, at = turned(metric, evidence)
    if found is None:
        return inconclusive(f"{len(metric.y)} values of {metric.name}: too few to judge")
    text = ends(metric)
    values = {"at": metric.best[0], "best": metric.best[1], "final": metric.final, "noise": found.noise}
    if not found.turned or not train_fell_after(evidence, at) or rate_rises_after(evidence, at):
        return not_detected(text, values=values)
    train = f", training loss {number(evidence.train.final)}" if evidence.train else ""
    return detected(
        f"{text}{train}; no validation loss was logged",
        values=values,
        confidence="medium",
        advice=f"Stop at {place(metric.best[0])} or keep the best checkpoint; log the validation loss as well.",
    )


def _rises_from_few(val: Curve, evidence: RunEvidence) -> Judgement | None:
    """The verdict on a handful of evaluations if every one after the best is worse; else None."""
    best = rises_from(val)
    train = evidence.train
    since = val.x[best] if best is not None else 0.0
    if best is None or not train_fell_after(evidence, since) or rate_rises_after(evidence, since):
        return None
    if train is not None and train.y[-1] > (1.0 - _MUCH) * train.y[0]:
        return None
    worse = len(val.y) - 1 - best
    rise = val.y[-1] / val.y[best] - 1.0 if val.y[best] > 0 else math.nan
    if worse < _LOOKS and not rise > _MUCH:
        return None
    learned = f" while {train.name} fell to {number(train.final)}" if train is not None else ""
    first = "from the first evaluation on" if best == 0 else f"after evaluation {best + 1}"
    metric = evidence.metric
    better = metric is not None and len(metric.y) > 1 and metric.cost[-1] <= min(metric.cost) + _NEAR * metric.reach
    also = f"; {metric.name} still improves ({number(metric.final)})" if metric is not None and better else ""
    return detected(
        f"{val.name} rises {first}, {number(val.y[best])} to {number(val.y[-1])} in {len(val.y)} evaluations"
        f"{learned}{also}",
        values={"at": since, "minimum": val.y[best], "final": val.y[-1], "looks": len(val.y)},
        confidence="low" if worse < _LOOKS else "medium",
        advice=f"Keep the checkpoint of evaluation {best + 1}; evaluate more often, and regularise more or stop there.",
    )


def _rises_as_training_falls(val: Curve, evidence: RunEvidence, found: Turn) -> bool:
    """Whether a rise that noise hides from a rank test is one: training fell far meanwhile, and the gap opened.

    If training and held-out data diverge, what is learned after the best evaluation concerns only the training data,
    so a validation loss that stays above its best needs no further evidence. Noise that grows with the loss hides no
    rise.
    """
    train = evidence.train
    if train is None or len(val.y) < _FEW_LOOKS or not parted(evidence):
        return False
    late = val.part(_LATE)
    low = float(np.min(smooth(val.y)))
    above = sum(value > low + _ABOVE * train.fall for value in late)
    higher = float(np.median(late)) - low if late else 0.0
    since = val.x[found.at]
    fell_on = train.level(max(0.0, since - _AROUND), since + _AROUND) - train.level(_LATE) if since < _LATE else 0.0
    return (
        higher > max(found.noise / 2.0, _RISE * train.fall)
        and above >= _MOSTLY * len(late)
        and fell_on > _ABOVE * train.fall
    )


def _training_fell(arm: Arm, since: int) -> bool:
    """Whether the training loss is lower at the end than around the minimum of the validation loss."""
    pairs = list(zip(arm.trace.step, arm.trace.train_loss, strict=True))
    around = sorted(loss for step, loss in pairs if abs(step - since) <= max(3, len(pairs) // 20))
    return not around or arm.trace.final_train_loss <= around[len(around) // 2]
