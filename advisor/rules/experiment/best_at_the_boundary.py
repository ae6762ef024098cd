"""EX002."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_LEAST = 3


class BestAtTheBoundary(ProbeRule):
    """The best value of some setting is at the border of the tried range.

    ## What it reads
    The last response of each setting that has three values or more.

    ## Why it matters
    A best value at the border is only a bound. The search was too narrow there.

    ## Sources
    P-SS1 widens a search whose best is at the border.

    ## Known limits
    Comparisons of two values are always at a border and are left out. A weight decay of zero is the natural
    end.
    """

    code = "EX002"
    title = "A best value is at the border of the search"
    passed = "No best value is at the border of the search"
    neutral = "Whether the best values are inside the search"
    severity = "info"
    confidence = "high"
    requires = (RoundName.LADDER,)
    sources = ("P-SS1",)
    counterevidence = "values beyond the border that do worse"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected at any edge."""
        wide = {item.knob: item for item in evidence.responses if len(item.points) >= _LEAST}
        wide = {knob: item for knob, item in wide.items() if item.verdict != "unmeasured"}
        if not wide:
            return inconclusive("no setting was compared at three values")
        edges = [item for item in wide.values() if item.verdict in ("edge_low", "edge_high")]
        values = {knob: item.verdict for knob, item in wide.items()}
        if not edges:
            return not_detected(f"inside the tried range: {', '.join(values)}", values=values)
        parts = [
            f"{item.knob} does best at its {'lowest' if item.verdict == 'edge_low' else 'highest'} value, "
            f"{item.points[0 if item.verdict == 'edge_low' else -1].value:.3g}"
            for item in edges
        ]
        return detected("; ".join(parts), values=values, advice="Treat these values as bounds, and try further ones.")
