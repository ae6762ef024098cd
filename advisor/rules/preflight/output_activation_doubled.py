"""PF006."""

from collections.abc import Sequence

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.looks import LossCall
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected


class OutputActivationDoubled(ProbeRule):
    """The model ends in a softmax or sigmoid that the loss applies again.

    ## What it reads
    The operation that made the input of cross_entropy or binary_cross_entropy_with_logits in one training step; else
    whether outputs are probabilities, and whether the loss equals the one of raw scores.

    ## Why it matters
    A softmax of probabilities can never be confident: with ten classes cross-entropy cannot fall below
    1.46, and gradients shrink. Training runs without an error and ends too high.

    ## Sources
    T-CE: the loss takes raw scores. U-SOFTMAX checks for the same mistake.

    ## Known limits
    A hand-written loss inside the model is not checked.
    """

    code = "PF006"
    title = "The output activation is applied twice"
    passed = "The output layer fits the loss"
    neutral = "Whether the output layer fits the loss"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CE", "U-SOFTMAX")
    counterevidence = "a loss that expects probabilities"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if preflight found such an activation."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        doubled = _doubled(seen.looks.loss_calls)
        if seen.output_kind == "unknown" and not doubled and not seen.doubled_activation:
            return not_applicable("outputs are not class scores")
        values = {"output_kind": seen.output_kind, "activation": seen.doubled_activation}
        if not (seen.doubled_activation or doubled):
            return not_detected(f"the model returns {seen.output_kind.replace('_', ' ')}, as its loss "
            "expects",
                                values=values)  # fmt: skip
        return detected(
            f"{seen.doubled_activation or doubled} returns probabilities, and the loss applies the same again",
            values=values,
            advice="Remove it from the model and return raw scores (apply it only when predicting).",
            blocking=True,
        )


def _doubled(calls: Sequence[LossCall]) -> str:
    """The activation before a loss of raw scores; empty if there is none."""
    for call in calls:
        if call.function == "cross_entropy" and call.made_by == "softmax" and call.classes > 1:
            return "softmax in front of cross_entropy"
        if call.function == "binary_cross_entropy_with_logits" and call.made_by in ("sigmoid", "softmax"):
            return f"{call.made_by} in front of binary_cross_entropy_with_logits"
    return ""
