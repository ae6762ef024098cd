"""PF006."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected


class OutputActivationDoubled(ProbeRule):
    """The model ends in a softmax or sigmoid that the loss applies once more.

    ## What it reads
    Whether outputs are probabilities, and whether the loss equals the one that takes raw scores.

    ## Why it matters
    A softmax of probabilities can never be confident: with ten classes cross-entropy cannot fall below
    1.46, and gradients shrink. Training runs without an error and ends too high.

    ## Sources
    T-CE: the loss takes raw scores. U-SOFTMAX checks for the same mistake.

    ## Known limits
    Needs outputs and targets that the advisor can read; a loss inside the model is not looked into.
    """

    code = "PF006"
    title = "The output activation is applied twice"
    passed = "The output layer fits the loss"
    neutral = "Whether the output layer fits the loss"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CE", "U-SOFTMAX")
    counterevidence = "a loss that is meant to take probabilities"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if preflight named the activation."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        if seen.output_kind == "unknown" and not seen.doubled_activation:
            return not_applicable("outputs are no class scores")
        values = {"output_kind": seen.output_kind, "activation": seen.doubled_activation}
        if not seen.doubled_activation:
            return not_detected(f"the model returns {seen.output_kind.replace('_', ' ')}, as its loss "
            "takes them",
                                values=values)  # fmt: skip
        return detected(
            f"{seen.doubled_activation} returns probabilities, and the loss applies the same once more",
            values=values,
            advice="Remove it from the model and return raw scores (apply it only when predicting).",
        )
