"""PF019."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_CHANGES = 1e-3


class EvaluationRandom(ProbeRule):
    """Two evaluations of the same examples give different outputs.

    ## What it reads
    The outputs for a few training examples in evaluation mode under two seeds, and whether dropout was active.

    ## Why it matters
    Dropout or noise that stays active in evaluation makes every validation number worse and noisier than the model is,
    and predictions change from call to call. F.dropout does so unless the mode is passed.

    ## Sources
    T-DROP: the functional form drops by default. T-EVAL: what evaluation mode switches off.

    ## Known limits
    A sampled latent variable, or dropout kept on purpose, looks the same; hence only advice.
    """

    code = "PF019"
    title = "Evaluation is random: the same examples give different outputs"
    passed = "Evaluation gives the same outputs twice"
    neutral = "Whether evaluation gives the same outputs twice"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-DROP", "T-EVAL")
    counterevidence = "intended sampling in evaluation"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected above a relative change of a thousandth."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None or not (math.isfinite(looks.eval_change) or looks.eval_dropout):
            return inconclusive("the outputs could not be evaluated twice")
        values = {"change": looks.eval_change, "dropout": looks.eval_dropout}
        if looks.eval_change <= _CHANGES:
            return not_detected(f"the outputs change by {100 * looks.eval_change:.2g} % of their size", values=values)
        why = (
            "dropout is active in evaluation mode"
            if looks.eval_dropout
            else "random numbers are drawn in evaluation mode"
        )
        return detected(
            f"{why}: two evaluations of the same examples differ by {looks.eval_change:.0%} of the size of the outputs",
            values=values,
            advice="Pass training=self.training to F.dropout, and add noise only where self.training is true."
            if looks.eval_dropout
            else "Add noise only where self.training is true, unless a latent variable is sampled on purpose.",
        )
