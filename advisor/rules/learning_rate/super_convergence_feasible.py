"""LR006."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.fits import RangeFit
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import rate, times

_LEVEL = 0.2
_WIDE = 3.0


class SuperConvergenceFeasible(ProbeRule):
    """The loss stays low over a wide range of large rates: a short run at a very large rate is worth a try.

    ## What it reads
    In each range test the range of rates around the minimum over which the smoothed loss stays within a fifth of
    its whole drop.

    ## Why it matters
    Where that range is wide, one cycle to a rate near its end, with little weight decay, can reach the same result
    in a fraction of the steps.

    ## Sources
    S-LR5 and SC-3 read feasibility from a flat range test; S-LR6 warns that weight decay of 1e-3 prevents it. C-6: less
    so with adaptive optimizers.

    ## Known limits
    Says that a short run is worth trying, not that it wins: results of short runs are in EP003. A sweep of a
    few dozen steps makes the range look wider than a long one would.
    """

    code = "LR006"
    title = "Very large rates are stable: a short run with one large cycle is feasible"
    passed = "The stable range is not wide enough for very large rates"
    neutral = "Whether very large rates are stable"
    severity = "info"
    confidence = "low"
    requires = (RoundName.RANGE,)
    sources = ("S-LR5", "SC-3", "S-LR6", "C-6")
    counterevidence = "a short run with one cycle to the large rate that does worse"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if every sweep is level over a factor of three or more."""
        if evidence.current.optimizer["name"] not in ("SGD", "RMSprop"):
            return not_applicable("adaptive optimizers gain little from very large rates")
        fits = [fit for fit in evidence.ranges.values() if isinstance(fit, RangeFit) and fit.verdict == "usable"]
        if not fits:
            return inconclusive("no range test was readable")
        baseline = evidence.preflight.expected_loss if evidence.preflight else math.nan
        stretches = [_stretch(fit, baseline) for fit in fits]
        low, high = min(stretches, key=lambda ends: ends[1] / ends[0])
        width = high / low
        values = {"from": low, "to": high, "width": width}
        text = f"the loss stays low from rate {rate(low)} to {rate(high)}, a factor of {times(width)}"
        if width < _WIDE:
            return not_detected(text, values=values, figures=("range",))
        return detected(text, values=values, figures=("range",))


def _stretch(fit: RangeFit, baseline: float) -> tuple[float, float]:
    """Rates around the minimum with a smoothed loss within a fifth of its drop below a constant prediction."""
    start = min(fit.initial_loss, baseline) if math.isfinite(baseline) else fit.initial_loss
    drop = max(0.0, start - min(fit.smoothed))
    level = min(fit.smoothed) + _LEVEL * drop
    best = fit.smoothed.index(min(fit.smoothed))
    first = last = best
    while first > 0 and fit.smoothed[first - 1] <= level:
        first -= 1
    while last + 1 < len(fit.smoothed) and fit.smoothed[last + 1] <= level:
        last += 1
    top = fit.lr[last]
    return fit.lr[first], min(top, fit.ceiling_lr) if fit.ceiling_lr and math.isfinite(fit.ceiling_lr) else top
