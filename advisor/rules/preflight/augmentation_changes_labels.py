"""PF028."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.length import long_probe
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share

_ERRORS, _SHARE = 4.0, 0.35


class AugmentationChangesLabels(ProbeRule):
    """Randomly changed training examples are predicted much worse than plain validation examples.

    ## What it reads
    Whether the training data give different inputs each time they are read, and the loss on training and on validation
    examples after the longest probe, both in evaluation mode.

    ## Why it matters
    A change that keeps the label makes examples a little harder. One that does not (a mirrored letter, a cropped-out
    object) makes a correct label wrong, which no training repairs.

    ## Sources
    L-NOISE: wrong labels keep the loss up. K-BASE: look at the data where the model disagrees.

    ## Known limits
    Strong augmentation that keeps the labels can look the same in a short run; hence only advice.
    """

    code = "PF028"
    title = "Augmentation may invalidate the labels"
    passed = "Augmented examples are predicted about as well as plain ones"
    neutral = "Whether augmentation keeps the labels"
    severity = "advice"
    confidence = "low"
    requires = (RoundName.PREFLIGHT,)
    sources = ("L-NOISE", "K-BASE")
    counterevidence = "a longer run in which augmented examples are predicted as well"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected beyond four standard errors and 35 % of the improvement."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None or not looks.random_inputs:
            return not_applicable("the training data are not changed at random, or this could not be determined")
        arm = long_probe(evidence)
        if arm is None or not math.isfinite(arm.trace.final_gap):
            return inconclusive("no longer probe was evaluated on training examples as well")
        worse, error = -arm.trace.final_gap, arm.trace.val_loss_se
        learned = baseline(evidence, arm) - arm.trace.final_val_loss
        values = {"worse": worse, "standard_error": error, "learned": learned}
        text = (
            f"at {share(arm.length)} the loss on augmented training examples is {number(arm.trace.train_eval_loss)}, "
            "on "
            f"plain validation examples {number(arm.trace.final_val_loss)}"
        )
        if not (math.isfinite(error) and worse > max(_ERRORS * error, _SHARE * learned)):
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice="Inspect some augmented examples with their labels; remove flips, rotations and crops that a "
            "person "
            "would label differently.",
        )
