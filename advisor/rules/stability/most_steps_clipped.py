"""ST002."""

import math

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import longest
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_MOST = 0.5
_FEW = 5


class MostStepsClipped(ProbeRule):
    """More than half of the steps are clipped: the threshold sets the pace, not the learning rate.

    ## What it reads
    Gradient norms before clipping, in the short run with the current settings and in the longest probe, and the
    threshold that was used.

    ## Why it matters
    If nearly every gradient is cut to the same length, the product of rate and threshold is what is tuned, and the
    information in the norm is lost.

    ## Sources
    P-GC2: with more than half of the updates clipped, lower the rate instead. P-GC1 sets the threshold at the 90th
    percentile.

    ## Known limits
    Some recipes clip at 1 on purpose at every step, which acts like normalised gradients. Norms are sampled at about
    25 steps of a probe.
    """

    code = "ST002"
    title = "More than half of the steps are clipped"
    passed = "Clipping affects a minority of the steps"
    neutral = "Share of the steps that are clipped"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("P-GC2", "P-GC1")
    counterevidence = "a run with a larger threshold, or a lower rate, that does worse"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected on the current settings if they clip, else on the longest probe."""
        arms = [arm for arm in (*evidence.of_round(RoundName.CONFIRM), *longest(evidence)) if arm.spec.clip_grad_norm]
        if not arms:
            return not_applicable("nothing was clipped")
        arm = arms[0]
        clipped = _clipped(arm)
        if not math.isfinite(clipped):
            return inconclusive("too few gradient norms were sampled")
        norms = sorted(value for value in arm.trace.grad_norm if math.isfinite(value))
        ninth = norms[min(len(norms) - 1, round(0.9 * len(norms)))]
        whose = "the current settings" if arm.round == RoundName.CONFIRM else "the longest probe"
        values = {"clip_grad_norm": arm.spec.clip_grad_norm, "clipped": clipped, "percentile_90": ninth}
        text = f"in {whose} {clipped:.0%} of the sampled gradient norms exceed {arm.spec.clip_grad_norm:g}"
        if clipped <= _MOST:
            return not_detected(text, values=values)
        return detected(
            f"{text}; 90 % are below {ninth:.2g}",
            values=values,
            advice=f"Raise clip_grad_norm to about {ninth:.2g} so that the rate sets the pace, or lower the rate.",
        )


def _clipped(arm: Arm) -> float:
    """Share of the sampled norms above the threshold."""
    norms = [value for value in arm.trace.grad_norm if math.isfinite(value)]
    limit = arm.spec.clip_grad_norm
    if limit is None or len(norms) < _FEW:
        return math.nan
    return sum(value > limit for value in norms) / len(norms)
