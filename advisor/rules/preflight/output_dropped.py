"""PF036."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class OutputDropped(ProbeRule):
    """Dropout is applied to the output of the model.

    ## What it reads
    The module that makes the output in training mode.

    ## Why it matters
    A part of the predictions is set to zero in training and the others are scaled up, so the loss has a floor that no
    training removes. In evaluation the predictions are on another scale than those that were trained.

    ## Sources
    N-DROP applies dropout to inputs and hidden units.

    ## Known limits
    Only ``nn.Dropout`` as the last module. Models whose output is an embedding for another network are reported too.
    """

    code = "PF036"
    title = "Dropout is applied to the output itself"
    passed = "The output itself is not dropped"
    neutral = "Whether the output itself is dropped"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("N-DROP",)
    counterevidence = "an output that is the input of another network"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a dropout module makes the output."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not looks.dropout_last:
            return not_detected("no dropout module makes the output")
        return detected(
            f"{looks.dropout_last} drops parts of the output in training mode; evaluation mode does not",
            values={"layer": looks.dropout_last},
            advice="Move the dropout before the last weighted layer.",
        )
