"""Is the best rate close to where training breaks? Then large gradients are clipped before the rate is lowered."""

import math

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.search.rounds.lr_ladder import best_rung, ladder_arms

CLOSE = 3.5
"""A diverged rate within this factor above the chosen one is close: one rung of the ladder."""
CLIPPED_SHARE = 0.1
"""Share of steps that clipping touches: it is set at the 90th percentile of the gradient norms (P-GC1)."""
_WARM_UP_SHARE = 0.1


def near_divergence(evidence: Evidence) -> bool:
    """Whether a short run at most one rung above the chosen rate diverged."""
    return any(arm.trace.diverged and arm.spec.lr <= CLOSE * evidence.choice.lr for arm in ladder_arms(evidence))


def usual_norm(evidence: Evidence) -> float | None:
    """90th percentile of the unclipped gradient norms of the best short run, two digits; None if not recorded.

    The first tenth of the run is left out: gradients of an untrained model are not typical.
    """
    best = best_rung(evidence)
    if best is None:
        return None
    norms = [norm for norm in best.trace.grad_norm if math.isfinite(norm)]
    norms = norms[int(len(norms) * _WARM_UP_SHARE) :]
    return float(f"{np.quantile(norms, 1 - CLIPPED_SHARE):.2g}") if norms else None
