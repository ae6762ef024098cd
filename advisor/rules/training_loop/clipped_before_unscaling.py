"""TL004."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class ClippedBeforeUnscaling(ProbeRule):
    """Gradients are clipped while they are still multiplied by the loss scale.

    ## What it reads
    The order of the calls of the scaler and of the clipping function in the loop over batches.

    ## Why it matters
    The scale is 65,536 at first: a norm of 1 then means one of 0.000015, so every step is clipped to almost
    nothing, and by how much depends on the scale.

    ## Sources
    T-AMP: unscale before clipping. P-GC1 reads the threshold from unclipped norms.

    ## Known limits
    A scaler that is disabled makes no difference.
    """

    code = "TL004"
    title = "Gradients are clipped before they are unscaled"
    passed = "Gradients are clipped after they are unscaled, or not at all"
    neutral = "Whether gradients are unscaled before they are clipped"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-AMP", "P-GC1")
    counterevidence = "a scaler with enabled=False"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.CLIP_BEFORE_UNSCALE,
            "gradients are clipped before {detail}.unscale_",
            "Call scaler.unscale_(optimizer) before clipping.",
        )
