"""PF024."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_NOTHING = 1e-4


class FutureSeen(ProbeRule):
    """A model that predicts the next token sees it.

    ## What it reads
    The outputs for the first half of some sequences, in evaluation mode, before and after the second half is changed;
    only if the targets are the inputs, shifted by one.

    ## Why it matters
    Without a causal mask, or with a bidirectional layer, the target is part of the input. The loss goes to zero
    in training and validation, and generated sequences are nonsense.

    ## Sources
    K-CHART: change an input, and see which outputs change.

    ## Known limits
    Needs integer or real-valued sequences with visible targets, shifted by one position.
    """

    code = "PF024"
    title = "The model sees the future tokens that it has to predict"
    passed = "Outputs do not depend on later tokens"
    neutral = "Whether the model sees the tokens that it has to predict"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-CHART",)
    counterevidence = "targets that are not the next tokens"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected above a relative change of 1e-4."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not math.isfinite(looks.future):
            return not_applicable("the targets are not the next entries of the inputs")
        values = {"change": looks.future}
        if looks.future <= _NOTHING:
            return not_detected("changing later tokens does not change the outputs for earlier ones", values=values)
        return detected(
            f"changing later tokens changes the outputs for earlier ones by {looks.future:.1%} of their size: the next "
            "token, "
            "which is the target, is visible",
            values=values,
            advice="Pass a causal mask to the attention (is_causal=True, or generate_square_subsequent_mask), and "
            "use no "
            "bidirectional layer.",
            blocking=True,
        )
