"""LR003."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.fits import RangeBracket
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class RateNeverDiverged(ProbeRule):
    """The range test reached its largest rate without divergence.

    ## What it reads
    The sweeps of exponentially rising learning rate and where each of them diverged.

    ## Why it matters
    Without a ceiling the bracket of the ladder is open at the top, and the best rate may be beyond it.
    A loss that diverges at no rate is also a sign that the rate does not reach the weights.

    ## Sources
    S-LR1 asks for a sweep up to a rate that is too large; P-SS1 widens a search whose best is at the border.

    ## Known limits
    Optimizers that adapt their own rate, and models with bounded outputs, may never diverge.
    """

    code = "LR003"
    title = "The range test never diverged"
    passed = "The range test found where training diverges"
    neutral = "Where the range test diverges"
    severity = "info"
    confidence = "high"
    requires = (RoundName.RANGE,)
    sources = ("S-LR1", "P-SS1")
    counterevidence = "a sweep to larger rates that diverges"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if no sweep diverged, the wider ones included."""
        bracket = evidence.bracket
        if not isinstance(bracket, RangeBracket):
            return inconclusive(f"no bracket: {bracket.reason}")
        if bracket.ceiling is not None:
            ceiling = bracket.ceiling
            return not_detected(
                f"training diverges near a rate of {ceiling.value:.2g} ({ceiling.low:.2g} to {ceiling.high:.2g})",
                values={"ceiling": ceiling.value, "low": ceiling.low, "high": ceiling.high},
                figures=("range",),
            )
        widened = bool(evidence.of_round(RoundName.RANGE_WIDER))
        return detected(
            f"no divergence up to a rate of {bracket.high:.2g}" + (", widened once" if widened else ""),
            values={"largest": bracket.high},
            figures=("range",),
            advice="" if not widened else "Check that the optimizer's rate reaches the weights.",
            requests_round=None if widened else RoundName.RANGE_WIDER,
        )
