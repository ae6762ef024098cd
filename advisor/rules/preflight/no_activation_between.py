"""PF012."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names


class NoActivationBetween(ProbeRule):
    """Two weighted layers follow each other without an activation: together they can do no more than one.

    ## What it reads
    One batch through the untrained model: which layer's output reaches the next one's input untouched, or through
    nothing but dropout, batch norm, average pooling and flattening.

    ## Why it matters
    A linear map of a linear map is a linear map. The second layer costs time and memory and adds no power; a network
    whose activations are all missing is a linear model, however deep it looks.

    ## Sources
    N-RELU looks for learning layers without an activation, which is what stands here between two of them.

    ## Known limits
    A narrow layer in the middle (a code, a low-rank factor) and factorised convolutions (depthwise, pointwise,
    one-sided) are taken as meant and are not named, so an activation that is missing there is missed. A function called
    between two layers ends the look, whatever it does. Layers made wider on purpose without one are named as well.

    """

    code = "PF012"
    title = "Layers follow each other without an activation"
    passed = "No two layers stand in a row that one could replace"
    neutral = "Activations between the layers"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("N-RELU",)
    counterevidence = "a layer that is linear on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected by any such pair."""
        seen = evidence.preflight
        if seen is None or not seen.layers:
            return inconclusive("no layer that is a module of a known kind was reached")
        pairs = [f"{first} and {second}" for first, second in seen.linear_pairs]
        if not pairs:
            return not_detected("something that bends, or a bottleneck, stands between all weighted layers looked at")
        return detected(
            f"nothing that bends stands between {names(pairs)}: each pair can do no more than one layer",
            values={"pairs": [list(pair) for pair in seen.linear_pairs]},
            advice="Put an activation (nn.ReLU() for example) between them, or leave one of them out.",
        )
