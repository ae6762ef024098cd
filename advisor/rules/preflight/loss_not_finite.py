"""PF004."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number


class LossNotFinite(ProbeRule):
    """The untrained model already gives a non-finite loss or gradient.

    ## What it reads
    Loss and every gradient of the untrained model on training examples, and the range of the inputs.

    ## Why it matters
    The first step writes the value into the weights; every later loss is then NaN at any learning rate.

    ## Sources
    P-INIT: begin from a start that works. P-CV5: an immediate failure is a bug, not a setting.

    ## Known limits
    Checks a few hundred examples: a single bad example elsewhere shows only when a probe meets it.
    """

    code = "PF004"
    title = "Loss or gradient is not finite before any training"
    passed = "Loss and gradients are finite at the start"
    neutral = "Whether loss and gradients are finite at the start"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-INIT", "P-CV5")
    counterevidence = "the same model in another precision or on other examples"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected and blocking if anything is not finite."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        values = {"initial_loss": seen.initial_loss, "gradient_finite": seen.gradient_finite}
        if math.isfinite(seen.initial_loss) and seen.gradient_finite:
            return not_detected(f"initial loss {number(seen.initial_loss)}, all gradients finite", values=values)
        what = "a gradient" if math.isfinite(seen.initial_loss) else "the loss"
        low, high = seen.input_range
        inputs = f"; inputs run from {number(low)} to {number(high)}" if math.isfinite(low + high) else ""
        return detected(
            f"{what} of the untrained model is not finite{inputs}",
            values=values,
            advice="Look for NaN in the data, log or sqrt of zero, and division by a standard deviation of zero.",
            blocking=True,
        )
