"""PF030."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number

_FACTOR, _SHIFT = 3.0, 3.0


class SplitsScaledDifferently(ProbeRule):
    """Validation inputs have another scale than training inputs.

    ## What it reads
    Mean and standard deviation of the inputs of up to 1,000 examples of each split.

    ## Why it matters
    A transform that is applied to only one split makes the validation loss that of other data.

    ## Sources
    U-INPUT warns of inputs outside the usual range. P-CV6: check the splits if validation behaves oddly.

    ## Known limits
    One number for all features. Data that really differ between the splits look the same.
    """

    code = "PF030"
    title = "Training and validation inputs are scaled differently"
    passed = "Training and validation inputs have the same scale"
    neutral = "Whether training and validation inputs have the same scale"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("U-INPUT", "P-CV6")
    counterevidence = "a real shift between the splits"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for spreads a factor of three, or means three spreads apart."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        (mean, std), (other_mean, other_std) = looks.train_scale, looks.val_scale
        if not all(map(math.isfinite, (mean, std, other_mean, other_std))) or min(std, other_std) <= 0:
            return not_applicable("the inputs are tokens, or could not be sampled")
        values = {"train": [mean, std], "val": [other_mean, other_std]}
        text = (
            f"training inputs have mean {number(mean)} and standard deviation {number(std)}, validation inputs "
            f"{number(other_mean)} and {number(other_std)}"
        )
        ratio = max(std / other_std, other_std / std)
        if ratio <= _FACTOR and abs(mean - other_mean) <= _SHIFT * max(std, other_std):
            return not_detected(text, values=values)
        return detected(
            text, values=values, advice="Apply the same scaling to both, with the statistics of the training data."
        )
