"""PF033."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected


class InputGivesTargetAway(ProbeRule):
    """A column of the inputs is the target, or tells it without error.

    ## What it reads
    Up to 256 rows of a table with one target: whether a column is the target but for scale and offset, or whether
    columns that are constant within each class tell all classes apart.

    ## Why it matters
    The target was left among the inputs, or a column is made from it: the model copies it, and is worth nothing where
    the target is not known. Its loss is near zero, whatever the settings.

    ## Sources
    P-CV6 names leaks between what is given and what is asked for as a cause of misleading curves.

    ## Known limits
    Tables with one target only; a leak with noise on it is not seen. Where the answer truly is a column, no network is
    needed.
    """

    code = "PF033"
    title = "A column of the inputs gives the target away: a leak"
    passed = "No column of the inputs gives the target away"
    neutral = "Whether a column of the inputs gives the target away"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV6",)
    counterevidence = "rows in which this column and the target part"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where preflight found such a column."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        if math.isnan(seen.looks.column[0]):
            return not_applicable("the inputs are no table of numbers")
        if seen.looks.telling < 0:
            return not_detected("no column alone tells the targets of the rows looked at")
        how = "tells the classes apart without error" if seen.targets == "classes" else "is the target, but for scale"
        return detected(
            f"input column {seen.looks.telling} {how} on all rows looked at",
            values={"column": seen.looks.telling},
            advice="Leave the column out if it is not known before the target is; results with it say nothing.",
        )
