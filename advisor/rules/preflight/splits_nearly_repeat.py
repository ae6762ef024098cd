"""PF026."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_MANY = 0.2


class SplitsNearlyRepeat(ProbeRule):
    """Validation sequences overlap with training sequences.

    ## What it reads
    How many validation sequences have their second half, value for value, in a training sequence at another position.

    ## Why it matters
    Windows cut from one series one step apart and then split at random are near-duplicates of each other: the
    values to forecast are in the training data. The validation loss then measures memorisation, and chooses settings
    that overfit.

    ## Sources
    P-CV6 names overlapping splits as a cause of misleading validation curves.

    ## Known limits
    Needs real-valued sequences of at least eight steps in memory. Copies with changes in every value are not
    found.
    """

    code = "PF026"
    title = "Validation sequences overlap with training sequences: a leak"
    passed = "Validation sequences do not overlap with training sequences"
    neutral = "Whether validation sequences overlap with training sequences"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV6",)
    counterevidence = "series that repeat themselves exactly"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected above a fifth of the validation sequences."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        overlap = looks.window_overlap
        if not math.isfinite(overlap):
            return not_applicable("the inputs are not real-valued sequences in memory")
        values = {"overlap": overlap}
        text = f"half of the window of {overlap:.0%} of the validation sequences is part of a training sequence"
        if overlap <= _MANY:
            return not_detected(text, values=values)
        return detected(
            text + ": overlapping windows, near-duplicates",
            values=values,
            advice="Split the series by time before cutting windows, and leave a gap of one window between the "
            "parts; give "
            "the later part as val_data.",
        )
