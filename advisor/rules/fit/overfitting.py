"""FT002."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.length import advised_epochs
from advisor.evidence.queries import gap_of, longest, loss_noise
from advisor.evidence.round_name import RoundName
from advisor.fits import MinimumPassed, minimum_passed
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, metric_after, place, rate_rises_after, train_fell_after, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_LOOKS = 3


class Overfitting(ProbeRule, LogRule):
    """The validation loss passes a minimum and rises again for good while training goes on.

    ## What it reads
    The validation losses: of the longest probe that was evaluated three times or more, or of the whole logged run. A
    rise counts beyond the noise and if it lasts, and only where the training loss did not rise with it.

    ## Why it matters
    What is learned after the minimum makes predictions worse, and the epochs after it are wasted.

    ## Sources
    S-D3 and P-CV1 take the rising validation loss as the sign. G-6: a gap that opens late in a cycle is no sign; only
    a rise counts here. S-R1: the loss is read before the accuracy.

    ## Known limits
    The loss can rise while the accuracy still improves, when wrong predictions only become more certain: logs leave
    that to FT003. Probes of a part of the run may end before overfitting begins: what the gap says about that is
    EP003. In logs it fires by chance on less than 2 % of curves that have levelled off, and a rise while the rate is
    still going up is not counted.
    """

    code = "FT002"
    title = "Training overfits: the validation loss rises again"
    passed = "The validation loss does not rise again"
    neutral = "Whether training overfits"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.LADDER,)
    requires_curves = ("val",)
    sources = ("S-D3", "P-CV1", "G-6", "S-R1")
    counterevidence = "another seed whose validation loss does not rise"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected on the best of the longest probes."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            return inconclusive("no probe was validated three times on its way", requests_round=RoundName.LENGTH)
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
        assert val is not None
        found, at = turned(val, evidence)
        if found is None:
            return inconclusive("too few validation losses")
        values = {"minimum": found.low, "at": at, "final": found.end, "noise": found.noise, "chance": found.chance}
        text = ends(val)
        if not found.turned:
            return not_detected(text, values=values)
        if not train_fell_after(evidence, at):
            return not_detected(f"{text}; the training loss rose with it, so it is no overfitting", values=values)
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
            confidence="high" if at < 0.8 else "medium",
            advice=f"Stop at {place(val.best[0])} or keep the best checkpoint; to gain more: more "
            "weight decay, augmentation or data.",
        )


def _advice(evidence: Evidence) -> str:
    now, best = evidence.current.epochs, advised_epochs(evidence)
    fewer = f"Train for {best} instead of {now} epochs" if best < now else "Train for fewer epochs"
    return f"{fewer}, keep the best checkpoint, or regularise more."


def _training_fell(arm: Arm, since: int) -> bool:
    """Whether the training loss is lower at the end than around the minimum of the validation loss."""
    pairs = list(zip(arm.trace.step, arm.trace.train_loss, strict=True))
    around = sorted(loss for step, loss in pairs if abs(step - since) <= max(3, len(pairs) // 20))
    return not around or arm.trace.final_train_loss <= around[len(around) // 2]
