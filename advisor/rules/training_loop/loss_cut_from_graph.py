"""TL007."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class LossCutFromGraph(ProbeRule):
    """The loss is copied to a new tensor, or detached, before ``backward``.

    ## What it reads
    The last assignment to the loss before ``backward``.

    ## Why it matters
    A new tensor has no history: backward() ends in it, requires_grad=True only silences the error, and no weight gets a
    gradient.

    ## Sources
    T-GRAPH: what autograd records. P-CV5: a bug, not a setting.

    ## Known limits
    Only operations on the loss itself are read, not those on its terms.
    """

    code = "TL007"
    title = "The loss is cut from the graph before backward()"
    passed = "The loss keeps its graph"
    neutral = "Whether the loss keeps its graph"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-GRAPH", "P-CV5")
    counterevidence = "a graph that is rebuilt after that line"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.LOSS_CUT,
            "nothing behind `{detail}` gets a gradient",
            "Call backward() on the loss as the criterion returns it; use .item() only for printing.",
        )
