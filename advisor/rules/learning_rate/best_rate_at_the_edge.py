"""LR004."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import can_widen, figures_of, ladder
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import rate


class BestRateAtTheEdge(ProbeRule):
    """The best rate is at the end of the ladder.

    ## What it reads
    The response to the learning rate over the rungs of the ladder, and how often it was widened.

    ## Why it matters
    At the end of a search the best value found need not be the optimum.

    ## Sources
    P-SS1 widens a search whose best is at the border.

    ## Known limits
    After four extensions the search ends: a best rate still at the edge then means that the rate hardly
    matters, or that it does not reach the weights.
    """

    code = "LR004"
    title = "The best learning rate is at the edge of the tried range"
    passed = "The best learning rate is inside the tried range"
    neutral = "Whether the best learning rate is inside the tried range"
    severity = "info"
    confidence = "high"
    requires = (RoundName.LADDER,)
    sources = ("P-SS1",)
    counterevidence = "rungs beyond the edge that do worse"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected at an edge; requests more rungs while the ladder may be extended."""
        response = ladder(evidence)
        if response is None or not response.points:
            return inconclusive("no rate of the ladder can be compared")
        low, high = response.points[0].value, response.points[-1].value
        widened = sum(record.name == RoundName.LADDER_WIDER for record in evidence.rounds)
        values = {"low": low, "high": high, "verdict": response.verdict, "widened": widened}
        tried = f"rates from {rate(low)} to {rate(high)}"
        more = "ladder_wider" if can_widen(evidence) else None
        if response.verdict == "unmeasured":
            return inconclusive(f"{tried}: {response.reason}", values=values, requests_round=more)
        if response.verdict in ("edge_low", "edge_high"):
            end = "lowest" if response.verdict == "edge_low" else "highest"
            return detected(
                f"{tried}: the {end} does best" + (f", widened {widened} times" if widened else ""),
                values=values,
                figures=figures_of(evidence, "lr"),
                advice="" if more else "Treat the rate as a bound, not as an optimum.",
                requests_round=more,
            )
        after = f", after {widened} widening(s)" if widened else ""
        inside = "no rate beats another beyond the noise" if response.verdict == "flat" else "the best is inside"
        return not_detected(f"{tried}: {inside}{after}", values=values)
