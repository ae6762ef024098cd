"""ST001."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.limit import copy_groups
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_CLOSE = 3.5


class GradientsNotClipped(ProbeRule):
    """The best rate is close to divergence, and large gradients are not clipped.

    ## What it reads
    Runs that diverged at most a factor of 3.5 above the recommended rate, and the 90th percentile of the gradient
    norms of the best copy, without its first tenth.

    ## Why it matters
    A rate at the edge of stability trains under one seed and fails under the next. Clipping the largest tenth of
    the gradients prevents that at almost no cost. On a housing regression with a peak rate of 0.3, three of
    six seeds failed without clipping and none with it; the other three reached the same loss.

    ## Sources
    P-GC1 sets the threshold at the 90th percentile of gradient norms; P-FX puts clipping before a lower rate.

    ## Known limits
    The percentile comes from a copy, whose rates and gradients differ from those of the full run. Clipping is not
    tried: the recommended rate is kept clear of rates that diverged, and is measured under two seeds.
    """

    code = "ST001"
    title = "The best rate is close to divergence: clip large gradients"
    passed = "The best rate is well below divergence"
    neutral = "Distance of the best rate from divergence"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("P-GC1", "P-FX")
    counterevidence = "full runs under several seeds that are stable without clipping"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a run diverged within a factor of 3.5 above the recommended rate; the threshold is an option."""
        lr = evidence.choice.lr
        broken = sorted({arm.spec.lr for arm in evidence.cycles if arm.trace.diverged and arm.spec.lr <= _CLOSE * lr})
        if not broken or evidence.current.clip_grad_norm is not None:
            return not_detected(
                "no run diverged within a factor of 3.5 above the advised rate, or gradients are clipped"
            )
        norm = _usual_norm(evidence)
        text = f"runs at {', '.join(f'{rate:.2g}' for rate in broken)} diverged, the advised rate is {lr:.2g}"
        if norm is None:
            return inconclusive(f"{text}; gradient norms were not recorded")
        return detected(
            f"{text}; 90 % of the gradient norms are below {norm:g}",
            values={"clip_grad_norm": norm, "diverged_rates": broken},
            figures=("range",),
            advice=f"If a run fails, clip the gradient norm at {norm:g} (torch.nn.utils.clip_grad_norm_) before "
            "lowering the rate further.",
        )


def _usual_norm(evidence: Evidence) -> float | None:
    """90th percentile of the unclipped gradient norms of the best copies, without the first tenth of the run."""
    groups = copy_groups(evidence)
    done = [arm for arm in groups[-1] if math.isfinite(evidence.cost(arm))] if groups else []
    if not done:
        return None
    norms = [norm for norm in min(done, key=evidence.cost).trace.grad_norm if math.isfinite(norm)]
    norms = sorted(norms[len(norms) // 10 :])
    return float(f"{norms[min(len(norms) - 1, round(0.9 * len(norms)))]:.2g}") if norms else None
