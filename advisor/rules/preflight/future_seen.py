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
    only where the targets are the inputs, moved by one.

    ## Why it matters
    Without a causal mask, or with a layer that reads both ways, the target stands in the input. The loss goes to zero
    in training and validation, and what is generated is nonsense.

    ## Sources
    K-CHART: change an input, and see which outputs move.

    ## Known limits
    Needs whole-number or real sequences whose targets are visible, moved by one position.
    """

    code = "PF024"
    title = "The model sees the future that it has to predict"
    passed = "Outputs do not depend on later tokens"
    neutral = "Whether the model sees what it has to predict"
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
            return not_detected("changing later tokens leaves the outputs for earlier ones as they are", values=values)
        return detected(
            f"changing later tokens moves the outputs for earlier ones by {looks.future:.1%} of their size: the next "
            "token, "
            "which is the target, is seen",
            values=values,
            advice="Pass a causal mask to the attention (is_causal=True, or generate_square_subsequent_mask), and "
            "use no "
            "bidirectional layer.",
            blocking=True,
        )
