"""PF031."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class OutputLayerFrozen(ProbeRule):
    """The last weighted layer is frozen while others are trained.

    ## What it reads
    ``requires_grad`` of the weighted layer that a batch reaches last.

    ## Why it matters
    Fine-tuning freezes the body and trains a new output layer. The other way round, predictions stay those of a random
    layer.

    ## Sources
    P-CV5: a bug, not a setting.

    ## Known limits
    Adapters in a pretrained model leave its output layer frozen on purpose; hence only advice.
    """

    code = "PF031"
    title = "The output layer is frozen"
    passed = "The output layer is trained"
    neutral = "Whether the output layer is trained"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV5",)
    counterevidence = "an output layer already trained for the same classes"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if none of its weights requires a gradient."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        name = seen.looks.frozen_head
        if not name:
            return not_detected("the last weighted layer is trained")
        return detected(
            f"{name}, the last weighted layer, has requires_grad=False, while {seen.trainable} of "
            f"{seen.parameters} weights are trained",
            values={"layer": name, "trainable": seen.trainable},
            advice="Train the output layer, unless it is already trained for these targets.",
        )
