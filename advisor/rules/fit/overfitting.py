"""FT002."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import gap_of, longest, loss_noise
from advisor.fits import MinimumPassed, minimum_passed
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_LOOKS = 3


class Overfitting(Rule):
    """The validation loss passes a minimum and rises again while training goes on.

    ## What it reads
    The validation losses along the longest probes that were looked at three times or more. A rise counts
    beyond twice the noise and if it lasts, and only where the training loss did not rise with it.

    ## Why it matters
    What is learned after the minimum makes predictions worse, and the full run would go further that way.

    ## Sources
    S-D3 and P-CV1 both take the rising validation loss as the sign. G-6: a gap that opens late in a cycle
    is no sign; only a rise counts here. S-R1: the loss is read before the accuracy.

    ## Known limits
    Loss can rise while accuracy holds, when wrong predictions only become more certain. Probes of a part of
    the run may end before overfitting begins: what the gap says about that is EP003.
    """

    code = "FT002"
    title = "Training overfits: the validation loss rises again"
    passed = "The validation loss does not rise again"
    severity = "advice"
    confidence = "high"
    requires = ("ladder",)
    sources = ("S-D3", "P-CV1", "G-6", "S-R1")
    doubt = "another seed whose validation loss does not rise"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected on the best of the longest probes."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            return cannot_tell("no probe was validated three times on its way", wants="length")
        arm = arms[0]
        fit = minimum_passed(arm.trace.eval_step, arm.trace.val_loss, loss_noise(evidence, arm))
        if not isinstance(fit, MinimumPassed):
            return cannot_tell(fit.reason)
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
            advice="Train for fewer epochs (EP001, EP003), keep the best checkpoint, or regularise more.",
            wants=None if evidence.of_round("length") else "length",
        )


def _training_fell(arm: Arm, since: int) -> bool:
    """Whether the training loss is lower at the end than around the minimum of the validation loss."""
    pairs = list(zip(arm.trace.step, arm.trace.train_loss, strict=True))
    around = sorted(loss for step, loss in pairs if abs(step - since) <= max(3, len(pairs) // 20))
    return not around or arm.trace.final_train_loss <= around[len(around) // 2]
