"""TL009."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class ZeroedBeforeTheStep(ProbeRule):
    """Gradients are zeroed before the step that should use them.

    ## What it reads
    The order of ``backward``, ``zero_grad`` and ``step`` in one block.

    ## Why it matters
    The step then sees no gradient: weights do not change, or drift with momentum and decay.

    ## Sources
    T-ZERO: zeroing removes the result of backward.

    ## Known limits
    Only calls in one block, on the same optimizer or on the model, are read.
    """

    code = "TL009"
    title = "Gradients are zeroed between backward() and step()"
    passed = "Gradients are present at the step"
    neutral = "Whether gradients are present at the step"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-ZERO",)
    counterevidence = "an optimizer that keeps its own gradients"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.ZEROED_BEFORE_STEP,
            "{detail} is zeroed after backward() and before its step",
            "Call zero_grad() before backward(), or after step().",
        )
