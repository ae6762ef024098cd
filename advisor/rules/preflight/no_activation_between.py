"""PF012."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names


class NoActivationBetween(ProbeRule):
    """Two consecutive weighted layers have no activation between them: together they can do no more than one.

    ## What it reads
    One batch through the untrained model: which layer's output reaches the next one's input unchanged, or through
    nothing but dropout, batch norm, average pooling and flattening.

    ## Why it matters
    A composition of linear maps is a linear map. The second layer costs time and memory and adds no capacity; a network
    without any activations is a linear model, however deep it looks.

    ## Sources
    N-RELU checks for learning layers without an activation, as between these two.

    ## Known limits
    A narrow layer in the middle (a code, a low-rank factor) and factorised convolutions (depthwise, pointwise,
    one-sided) are assumed to be intended, so an activation that is missing there is not found. A function called
    between two layers ends the check, whatever it does. Layers made wider on purpose without one are reported as well.

    """

    code = "PF012"
    title = "Consecutive layers without an activation between them"
    passed = "No two consecutive layers could be replaced by one"
    neutral = "Activations between the layers"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("N-RELU",)
    counterevidence = "a layer that is linear on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for any such pair."""
        seen = evidence.preflight
        if seen is None or not seen.layers:
            return inconclusive("no layer that is a module of a known kind was reached")
        pairs = [f"{first} and {second}" for first, second in seen.linear_pairs]
        if not pairs:
            return not_detected("a nonlinearity or a bottleneck is between all weighted layers checked")
        return detected(
            f"no nonlinearity between {names(pairs)}: each pair can do no more than one layer",
            values={"pairs": [list(pair) for pair in seen.linear_pairs]},
            advice="Put an activation (nn.ReLU() for example) between them, or remove one of them.",
        )
