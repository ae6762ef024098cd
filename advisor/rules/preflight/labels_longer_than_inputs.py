"""PF027."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected


class LabelsLongerThanInputs(ProbeRule):
    """CTC has fewer frames than labels.

    ## What it reads
    The lengths passed to ctc_loss in one training step: labels, and one more frame for each label that repeats the
    previous one, against frames.

    ## Why it matters
    Such an example has an infinite loss; zero_infinity turns it into zero, and nothing is learned from it.

    ## Sources
    T-CTC says that such a loss is infinite.

    ## Known limits
    Only one batch is checked.
    """

    code = "PF027"
    title = "CTC labels do not fit into their frames"
    passed = "CTC labels fit into their frames"
    neutral = "Whether CTC labels fit into their frames"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CTC",)
    counterevidence = "wrong lengths only in this batch"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any example cannot fit."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not math.isfinite(looks.ctc_impossible):
            return not_applicable("no ctc_loss was called")
        values = {"share": looks.ctc_impossible}
        if not looks.ctc_impossible:
            return not_detected("every example of one batch has frames for its labels", values=values)
        return detected(
            f"{looks.ctc_impossible:.0%} of the examples of one batch have fewer frames than labels and their "
            "repeats need",
            values=values,
            advice="Use a smaller stride, or leave these examples out; check that input_lengths counts the frames that "
            "the model puts out.",
        )
