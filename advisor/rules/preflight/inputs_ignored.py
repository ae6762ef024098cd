"""PF007."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_NOTHING = 1e-6


class InputsIgnored(ProbeRule):
    """The outputs do not depend on the inputs.

    ## What it reads
    Relative change of the untrained model's outputs when every example gets another example's inputs
    to the size of the outputs.

    ## Why it matters
    Such a model learns at best the average of the targets. The usual causes are dead layers, weights that
    start at zero, a forward() that overwrites its input, or inputs that are all equal: an integer division, or a
    column that was lost.

    ## Sources
    K-BASE compares with a model that sees no inputs. P-CV5: a bug, not a setting.

    ## Known limits
    A last layer that is initialised at zero on purpose gives constant outputs and still learns: whether one
    batch could be fitted (PF003) tells the two apart.
    """

    code = "PF007"
    title = "The outputs do not depend on the inputs"
    passed = "The outputs depend on the inputs"
    neutral = "Whether the outputs depend on the inputs"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-BASE", "P-CV5")
    counterevidence = "outputs that differ between examples after a few steps of training"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected below a relative change of 1e-6, unless one batch could be fitted."""
        seen = evidence.preflight
        if seen is None or math.isnan(seen.input_sensitivity) or not math.isfinite(seen.initial_loss):
            return inconclusive("could not be measured on this model")
        values = {"sensitivity": seen.input_sensitivity}
        text = f"other inputs change the outputs by {number(100 * seen.input_sensitivity)} % of their size"
        if seen.input_sensitivity >= _NOTHING:
            return not_detected(text, values=values)
        if seen.batch_steps > 0 and seen.batch_end < 0.5 * seen.batch_start:
            return not_detected(
                f"{text}, but one batch is fitted from {number(seen.batch_start)} to {number(seen.batch_end)}: an "
                "output layer that starts at zero",
                values=values,
            )
        low, high = seen.input_range
        if low == high:
            return detected(
                f"all inputs looked at are {number(low)}, so that they tell nothing",
                values=values,
                advice="Check how the data are read and scaled (an integer division, a type that cannot hold "
                "fractions).",
                confidence="high",
            )
        return detected(text, values=values, advice="Follow one example through forward() and see where it is lost.")
