"""TL002."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class AccumulationNotDivided(ProbeRule):
    """Gradients of several batches are summed for one step, and not divided by their number.

    ## What it reads
    A ``step`` under a condition with a remainder (``if (i + 1) % n == 0``) in the loop over batches, and whether loss
    or gradients are divided or multiplied anywhere in it.

    ## Why it matters
    The step is then n times as large as that of one batch of the same size: a rate found without accumulation
    is n times too high with it.

    ## Sources
    P-BS7 on accumulation; T-ZERO: gradients add up, they are not averaged.

    ## Known limits
    A loss that sums over the batch, or a rate chosen with this loop, makes it correct; a factor
    in another file is not seen.
    """

    code = "TL002"
    title = "Accumulated gradients are not divided"
    passed = "Accumulated gradients are divided, or there are none"
    neutral = "Whether accumulated gradients are divided"
    severity = "fault"
    confidence = "medium"
    requires = ()
    sources = ("P-BS7", "T-ZERO")
    counterevidence = "a rate that was chosen with this loop"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.NOT_DIVIDED,
            "the gradients of all batches until `{detail}` are summed and not divided",
            "Divide the loss by the number of accumulated batches: (loss / n).backward().",
        )
