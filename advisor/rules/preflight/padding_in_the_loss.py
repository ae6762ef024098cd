"""PF034."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_SHARE, _COUNTED = 0.2, 0.05


class PaddingInTheLoss(ProbeRule):
    """Padding at the end of sequences counts in the loss.

    ## What it reads
    A batch of sequences with a target at each position: which positions at the end of the rows hold the same entry and
    the same target, and how much of the loss's gradient falls on them.

    ## Why it matters
    Padding is learned in a few steps and then dominates loss and accuracy, so both look good while the real positions
    are not learned; the mean over all positions also reduces their effective rate.

    ## Sources
    T-CE: ``ignore_index`` leaves targets out of the loss.

    ## Known limits
    Padding at the end only. A model that has to predict the end of a sequence needs one such position.
    """

    code = "PF034"
    title = "Padding counts in the loss"
    passed = "Padding does not count in the loss"
    neutral = "Whether padding counts in the loss"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CE",)
    counterevidence = "a task that asks for the padding"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where a fifth of the targets is padding and takes a twentieth of the gradient."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not math.isfinite(looks.padding):
            return not_applicable("no sequences with padding and a target for each place were found")
        values = {"padding": looks.padding, "counted": looks.padding_counts}
        text = f"{looks.padding:.0%} of the targets are padding and take {looks.padding_counts:.0%} of the gradient"
        if looks.padding < _SHARE or looks.padding_counts < _COUNTED:
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice="Leave padding out of the loss (ignore_index in cross_entropy, or a mask) and out of the metric.",
        )
