"""EP004."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_by_length, shown
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected
from advisor.utils.numbers import number, share


class ResultNotForeseen(Rule):
    """Says what the recommended run should end with, before it is run.

    ## What it reads
    The best result at every length of probe, continued to the advised length by power laws with a floor.

    ## Why it matters
    A prediction can be checked. A full run that ends outside the interval says that something differs from
    what was measured.

    ## Sources
    S-D4: settings that start well end well. P-ST4 warns of the risk in going from short rounds to the full
    length.

    ## Known limits
    Two or three lengths carry it, and lengths that were tuned less look worse than they are. The interval is
    meant to hold four times in five.
    """

    code = "EP004"
    title = "The result of the recommended run is predicted"
    passed = "The result is not predicted"
    severity = "info"
    confidence = "low"
    requires = ("ladder",)
    sources = ("S-D4", "P-ST4")
    doubt = "the full run itself"

    def check(self, evidence: Evidence) -> Judgement:
        """Reports the forecast, if there is one."""
        if evidence.forecast is None:
            lengths = len(best_by_length(evidence))
            return cannot_tell(
                f"no forecast could be made from {lengths} length(s)", wants="length" if lengths < 2 else None
            )
        value, low, high = (shown(evidence, cost) for cost in evidence.forecast)
        low, high = min(low, high), max(low, high)
        seen = ", ".join(
            f"{number(shown(evidence, evidence.cost(arm)))} at {share(length)}"
            for length, arm in best_by_length(evidence)
        )
        return detected(
            f"{number(value)} ({number(low)} to {number(high)}) at {share(evidence.length)}, from {seen}",
            values={"value": value, "low": low, "high": high, "length": evidence.length},
            figures=("forecast",),
        )
