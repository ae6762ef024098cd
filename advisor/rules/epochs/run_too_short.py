"""EP002."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import length_text, length_values, long_probe
from advisor.evidence.queries import (
    best_by_length,
    figures_of,
    loss_noise,
)
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected

_LATE = 0.8


class RunTooShort(Rule):
    """Training still improves where the full run ends.

    ## What it reads
    The best result at every length of probe, up to the longest, and whether it overfits.

    ## Why it matters
    The full length is then worth its price, and more epochs would probably help as well.

    ## Sources
    P-ST1: where the best checkpoint is always late, train longer. P-CV3: such a run is limited by computing.

    ## Known limits
    The end of the full run is not seen: that it still improves there is inferred from shorter whole
    schedules. More epochs are advised as an option and never set.
    """

    code = "EP002"
    title = "Longer training still helps"
    passed = "Longer training is not seen to help"
    severity = "info"
    confidence = "low"
    requires = ("length",)
    sources = ("P-ST1", "P-CV3")
    doubt = "a full run whose best checkpoint falls early"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the longest probe beats shorter ones beyond noise and its best look is late."""
        text, arm = length_text(evidence), long_probe(evidence)
        best = best_by_length(evidence)
        if text is None or arm is None or len(best) < 2:
            return cannot_tell("no two lengths finished")
        values = length_values(evidence)
        gain = evidence.cost(best[-2][1]) - evidence.cost(best[-1][1])
        noise = evidence.noise if math.isfinite(evidence.noise) else loss_noise(evidence, arm)
        losses = arm.trace.val_loss
        late = arm.trace.eval_step[losses.index(min(losses))] >= _LATE * arm.trace.eval_step[-1]
        if evidence.length < 1.0 or gain <= noise or not late:
            return not_detected(text, values=values, figures=figures_of(evidence, "epochs"))
        epochs = evidence.current.epochs
        return detected(
            text,
            values=values,
            figures=figures_of(evidence, "epochs"),
            sets={"epochs": epochs},
            advice=f"Keep all {epochs} epochs; if a better result is worth the time, try {2 * epochs}.",
        )
