"""TL001."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class GradientsNeverZeroed(ProbeRule):
    """A step in the loop over batches uses the sum of the gradients of all previous batches.

    ## What it reads
    Calls of ``backward`` and of an optimizer's ``step`` in the loop over batches, and whether anything in it, or in
    functions that it calls, zeroes gradients.

    ## Why it matters
    Gradients accumulate until they are zeroed: each step then moves by the sum of all batches so far, like a
    momentum of 1 would. Training looks like one with a rate that is far too high, and lowering the rate hides it.

    ## Sources
    T-ZERO: gradients accumulate.

    ## Known limits
    Zeroing in another file is not seen.
    """

    code = "TL001"
    title = "Gradients are never zeroed in the batch loop"
    passed = "Gradients are zeroed for each step"
    neutral = "Whether gradients are zeroed for each step"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-ZERO",)
    counterevidence = "a zero_grad outside the files that were read"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.NOT_ZEROED,
            "the gradients of {detail} are never zeroed in this loop, so they accumulate from batch to batch",
            "Call optimizer.zero_grad() once for each step, before backward(). The probes here do, so "
            "their numbers are those of the repaired loop.",
        )
