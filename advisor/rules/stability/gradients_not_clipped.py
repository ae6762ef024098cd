"""ST001."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_detected


class GradientsNotClipped(ProbeRule):
    """The best rate lies close to where training breaks, and large gradients are not clipped.

    ## What it reads
    Short runs that diverged at most one rung above the chosen rate, and the 90th percentile of the gradient norms
    of the best short run, taken before any clipping and without its first tenth.

    ## Why it matters
    A rate at the edge of stability trains under one seed and fails under the next. Clipping the largest tenth of
    the gradients takes the edge away at next to no cost. On a housing regression with a peak rate of 0.3, three of
    six seeds failed without clipping and none with it; the other three reached the same loss.

    ## Sources
    P-GC1 sets the threshold at the 90th percentile of gradient norms; P-FX puts clipping before a lower rate.

    ## Known limits
    The percentile comes from one short run, whose rates and gradients differ from those of the full one.
    """

    code = "ST001"
    title = "The best rate is close to where training breaks: clip large gradients"
    passed = "The best rate is well below where training breaks"
    neutral = "Distance of the best rate from divergence"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    sources = ("P-GC1", "P-FX")
    counterevidence = "full runs under several seeds that are stable without clipping"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the length round had to clip."""
        clip = evidence.choice.clip_grad_norm
        if clip is None or clip == evidence.current.clip_grad_norm:
            return not_detected("no short run diverged within one rung of the chosen rate")
        broken = sorted({arm.spec.lr for arm in evidence.cycles if arm.trace.diverged})
        return detected(
            f"runs at {', '.join(f'{rate:.2g}' for rate in broken)} diverged, the advised rate is "
            f"{evidence.choice.lr:.2g}; nine tenths of the gradient norms are below {clip:g}",
            values={"clip_grad_norm": clip, "diverged_rates": broken},
            figures=("range",),
            advice=f"Clip the gradient norm at {clip:g} (torch.nn.utils.clip_grad_norm_).",
            settings={"clip_grad_norm": clip},
        )
