"""PF003."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.rules.preflight.parameters_not_trained import did_not_move
from advisor.utils.numbers import number, rate

_REACHED = 0.9
_ENOUGH = 30


class OneBatchNotFitted(ProbeRule):
    """The model cannot even fit a handful of examples.

    ## What it reads
    Loss on one small batch before and after training on it alone with Adam, at two learning rates.

    ## Why it matters
    A model with more weights than the batch has labels should memorise it. If it does not, the fault is
    in the model, the loss or the gradient, and tuning cannot repair it.

    ## Sources
    K-BATCH makes this the first test of a new set-up. P-CV5 takes training trouble as a sign of a bug.

    ## Known limits
    Only a few tens of steps. Strong dropout, heavy augmentation, equal inputs with different labels, or a loss
    with a high minimum can keep the loss high in a sound model; the probes then still run.
    """

    code = "PF003"
    title = "The model cannot fit one small batch"
    passed = "The model can fit one small batch"
    neutral = "Whether the model can fit one small batch"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-BATCH", "P-CV5")
    counterevidence = "a batch fitted by longer training, or a known minimum of the loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if 0.9 of the initial loss was not reached; blocking if the loss did not change at all."""
        seen = evidence.preflight
        if seen is None or seen.batch_steps == 0:
            return inconclusive("not tried: the budget did not allow it")
        values = {
            "start": seen.batch_start,
            "end": seen.batch_end,
            "steps": seen.batch_steps,
            "lr": seen.batch_lr,
        }
        if not math.isfinite(seen.batch_start):
            return inconclusive("the loss of the batch is not finite (PF004)", values=values)
        if did_not_move(seen) and seen.without_gradient:
            return detected(
                f"the loss of one batch stayed at {number(seen.batch_start)}: nothing is learned",
                values=values,
                confidence="high",
                advice="Find what cuts the gradient between the loss and the weights (PF001).",
                blocking=True,
            )
        end = f"{number(seen.batch_end)}" if math.isfinite(seen.batch_end) else "a non-finite loss"
        text = f"from {number(seen.batch_start)} to {end} in {seen.batch_steps} Adam steps at {rate(seen.batch_lr)}"
        if seen.batch_start <= 0:
            return inconclusive(text + "; a loss that can be negative has no scale for a judgement", values=values)
        if seen.batch_end <= _REACHED * seen.batch_start:
            return not_detected(text, values=values)
        if seen.batch_steps < _ENOUGH:
            return inconclusive(text + ": too few steps to judge", values=values)
        return detected(
            text,
            values=values,
            advice="Check the loss, the labels and the output layer on this batch before tuning anything.",
        )
