"""PF016."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_SCORES = ("cross_entropy", "binary_cross_entropy_with_logits")
_ONE_SIDED = ("relu", "softplus", "elu", "log_sigmoid")


class ScoresCannotVary(ProbeRule):
    """The last activation restricts the outputs to values that the loss cannot use.

    ## What it reads
    The operation that made the input of the loss, from the autograd graph, and the number of classes.

    ## Why it matters
    A loss of raw scores needs negative ones as well: after a ReLU "no" can never be confident, and a score
    of zero has no gradient. A softmax over one unit is always 1.

    ## Sources
    T-CE: the loss takes raw scores. U-SOFTMAX checks the last activation against the loss.

    ## Known limits
    Only PyTorch's own losses show their inputs. Real-valued targets out of reach are PF011.
    """

    code = "PF016"
    title = "The last activation restricts the outputs too much for the loss"
    passed = "The outputs can take the values that the loss needs"
    neutral = "Whether the outputs can take the values that the loss needs"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CE", "U-SOFTMAX")
    counterevidence = "an output layer that is one-sided on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a one-sided activation before a loss of scores, and a softmax over one unit."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        calls = seen.looks.loss_calls
        if not calls:
            return not_applicable("the loss and its inputs could not be observed")
        for call in calls:
            values = {"loss": call.function, "made_by": call.made_by, "classes": call.classes}
            if call.made_by in ("softmax", "log_softmax") and call.classes == 1:
                return detected(
                    f"the outputs are a {call.made_by} over a single unit: always {'1' if call.low else '0'}, "
                    "whatever the inputs",
                    values=values,
                    advice="Use a sigmoid for one unit (or none, with BCEWithLogitsLoss), or one unit for each class.",
                    blocking=True,
                )
            if call.function in _SCORES and call.made_by in _ONE_SIDED:
                side = "above" if call.made_by == "log_sigmoid" else "below"
                return detected(
                    f"{call.made_by} makes the scores for {call.function}: none can be {side} "
                    f"{'-1' if call.made_by == 'elu' else 'zero'}, while raw scores of either sign (logits) are needed",
                    values=values,
                    advice="Remove the last activation and return raw scores, including negative ones.",
                )
        return not_detected(f"{calls[0].function} gets the output of {calls[0].made_by or 'the model'}")
