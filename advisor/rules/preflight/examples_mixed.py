"""PF029."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_NOTHING = 1e-3


class ExamplesMixed(ProbeRule):
    """The output for an example depends on the other examples of its batch.

    ## What it reads
    The outputs for four examples in evaluation mode, in a batch with four others and in one with four different ones.

    ## Why it matters
    In evaluation mode each example is independent. If it is not, an axis is confused: a recurrent layer without
    ``batch_first`` runs over the examples, a softmax over axis 0 normalises across them, a ``view``
    where ``permute`` was meant puts parts of several examples into one.

    ## Sources
    K-CHART: change one example, and see which outputs change.

    ## Known limits
    Graphs and streams are not checked. Layers that route or normalise over the batch on purpose look
    the same.
    """

    code = "PF029"
    title = "The examples of a batch influence each other"
    passed = "Each example is predicted independently"
    neutral = "Whether each example is predicted independently"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-CHART",)
    counterevidence = "a layer that uses the whole batch on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected above a relative change of a thousandth, where evaluation is not random."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not math.isfinite(looks.mixed):
            return not_applicable("the examples of a batch could not be exchanged")
        values = {"change": looks.mixed}
        if math.isfinite(looks.eval_change) and looks.eval_change > _NOTHING:
            return inconclusive("evaluation is random (PF019)", values=values)
        if looks.mixed <= _NOTHING:
            return not_detected("other examples in the batch do not change the outputs", values=values)
        return detected(
            f"exchanging the other examples of the batch changes the outputs of the rest by {looks.mixed:.0%} of their "
            "size",
            values=values,
            advice="Look for a recurrent layer without batch_first=True, a softmax or norm over axis 0, and view or "
            "reshape "
            "where permute is needed.",
        )
