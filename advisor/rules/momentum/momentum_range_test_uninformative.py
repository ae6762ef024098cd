"""MO005."""

from advisor.evidence.evidence import Evidence
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, not_applicable


class MomentumRangeTestUninformative(Rule):
    """A range test of momentum would not show the best momentum.

    ## What it reads
    Nothing: it says why a test that some readers expect is not run.

    ## Why it matters
    When momentum is ramped up the loss simply keeps falling, so the curve has no optimum to read.

    ## Sources
    S-M3 shows such a curve.

    ## Known limits
    A statement about a method, not about this task.
    """

    code = "MO005"
    title = "A range test of momentum was run"
    passed = "No range test of momentum: it is not informative"
    severity = "info"
    confidence = "high"
    requires = ()
    sources = ("S-M3",)
    doubt = "a momentum ramp whose minimum agrees with short runs"

    def check(self, evidence: Evidence) -> Judgement:
        """Never applies."""
        return not_applicable(
            "not run: under rising momentum the loss keeps falling and shows no best value; short runs at fixed "
            "values are compared instead (MO002)"
        )
