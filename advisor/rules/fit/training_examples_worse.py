"""FT011."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.length import long_probe
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_ERRORS = 4.0
_SHARE = 0.1


class TrainingExamplesWorse(ProbeRule):
    """Training examples are predicted worse than validation examples that the model never saw.

    ## What it reads
    The loss on training and on validation examples at the end of the longest probe, both in evaluation mode.

    ## Why it matters
    A model does better on what it was trained on, or as well. If it does clearly worse, the training examples
    themselves are harder: partly wrong labels, damaged or augmented inputs, or another source of
    validation data. Wrong labels keep the loss high early, and are memorised late.

    ## Sources
    L-NOISE: what examples share is learned first, wrong labels after that, so a run of a part of the length still
    shows them. K-BASE: look at the data where the model disagrees.

    ## Known limits
    Labels that are wrong in the validation data as well raise both losses, and are not seen. A model that has memorised
    the wrong labels by then hides them. Augmentation in the dataset itself looks the same, and is no fault.
    """

    code = "FT011"
    title = "Training examples are predicted worse than validation examples"
    passed = "Training examples are predicted as well as validation examples, or better"
    neutral = "Loss on training against validation examples"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    sources = ("L-NOISE", "K-BASE")
    counterevidence = "augmentation that is part of the training dataset, or a split that is not random"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected beyond four standard errors and a tenth of the improvement."""
        arm = long_probe(evidence)
        if arm is None or not math.isfinite(arm.trace.final_gap):
            return inconclusive("no longer probe was evaluated on training examples as well")
        worse, error = -arm.trace.final_gap, arm.trace.val_loss_se
        learned = baseline(evidence, arm) - arm.trace.final_val_loss
        train, val = arm.trace.train_eval_loss, arm.trace.final_val_loss
        values = {"train_loss": train, "val_loss": val, "standard_error": error, "learned": learned}
        text = (
            f"loss on training examples {number(train)}, on validation examples {number(val)}, at {share(arm.length)}"
        )
        if not (math.isfinite(error) and math.isfinite(learned)):
            return inconclusive(f"{text}; the precision of these losses is unknown", values=values)
        if worse <= max(_ERRORS * error, _SHARE * learned):
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice="Inspect the training examples with the largest losses: are their labels right? If the "
            "training data are augmented, this is to be expected.",
        )
