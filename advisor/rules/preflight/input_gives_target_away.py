"""PF033."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected


class InputGivesTargetAway(ProbeRule):
    """A column of the inputs is the target, or determines it exactly.

    ## What it reads
    Up to 256 rows of a table with one target: whether a column is the target up to scale and offset, or whether
    columns that are constant within each class distinguish all classes.

    ## Why it matters
    The target was left in the inputs, or a column is derived from it: the model copies it, and is useless when the
    target is unknown. The loss is near zero at any settings.

    ## Sources
    P-CV6 names leaks as a cause of misleading curves.

    ## Known limits
    Tables with one target only; a noisy leak is not detected. If the answer really is a column, no network is needed.
    """

    code = "PF033"
    title = "A column of the inputs gives the target away: a leak"
    passed = "No column of the inputs gives the target away"
    neutral = "Whether a column of the inputs gives the target away"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV6",)
    counterevidence = "rows in which this column and the target differ"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where preflight found such a column."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        if math.isnan(seen.looks.column[0]):
            return not_applicable("the inputs are no table of numbers")
        if seen.looks.telling < 0:
            return not_detected("no column determines the target on the rows examined")
        how = "determines the class" if seen.targets == "classes" else "is the target up to scale and offset"
        return detected(
            f"input column {seen.looks.telling} {how} on all rows examined",
            values={"column": seen.looks.telling},
            advice="Remove the column unless it is known before the target is; results with it mean nothing.",
        )
