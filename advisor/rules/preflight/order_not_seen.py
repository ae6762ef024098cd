"""PF025."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_NOTHING = 1e-4


class OrderNotSeen(ProbeRule):
    """The order of the tokens makes no difference to a model with layers that could use it.

    ## What it reads
    The outputs for some token rows and for the same rows reversed, in evaluation mode. Only models with attention,
    recurrent or convolution layers are checked; a plain bag of words is not.

    ## Why it matters
    Attention without positions is a bag of words: it cannot distinguish "A before B" from "B before A".

    ## Sources
    K-CHART: change an input, and see which outputs change.

    ## Known limits
    For inputs without order (sets), this is correct; hence only advice.
    """

    code = "PF025"
    title = "The order of the tokens makes no difference to the model"
    passed = "The order of the tokens makes a difference"
    neutral = "Whether the order of the tokens makes a difference"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-CHART",)
    counterevidence = "inputs that are sets, whose order means nothing"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected below a relative change of 1e-4."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not math.isfinite(looks.order_change):
            return not_applicable("the inputs are not token rows, or the model has no layer that depends on order")
        values = {"change": looks.order_change}
        if looks.order_change > _NOTHING:
            return not_detected(f"reversed, the outputs change by {looks.order_change:.1%}", values=values)
        return detected(
            "the same tokens in another order give the same outputs",
            values=values,
            advice="Add positions to the embeddings (learned, sinusoidal or rotary) if order carries meaning.",
        )
