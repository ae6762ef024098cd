"""The loss to expect of the run that is advised."""

import math
from statistics import mean, stdev

from advisor.evidence.comparison import check_arms
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.limit import copy_groups
from advisor.evidence.queries import noise_of
from advisor.evidence.round_name import RoundName

_Z80 = 1.2816
_WHOLE = 0.9
_RUNS = 0.02
"""Spread between whole runs as a part of the loss, at least: two or three seeds tell little of it."""
_CARRIED = 0.06
"""The same where rate or length was carried from a shorter run on all data."""
_SLOPE, _SLOPE_SPREAD = 0.25, 0.15
"""Fall of the log loss for each e-fold of data, and how far it is off, where copies of one size were run only."""


def forecast(evidence: Evidence) -> tuple[float, float, float] | None:
    """Value, low and high (80 %); None if nothing supports one.

    A run of the advised length is its own forecast; else the loss of copies is continued along the data.
    """
    if not evidence.objective.is_loss or evidence.keep:
        return None
    return _measured(evidence) or _shorter(evidence) or _continued(evidence)


def _measured(evidence: Evidence) -> tuple[float, float, float] | None:
    arms = [arm for arm in check_arms(evidence) if arm.length >= _WHOLE * evidence.length]
    losses = [evidence.cost(arm) for arm in arms]
    if not losses or not all(map(math.isfinite, losses)):
        return None
    value = mean(losses)
    spread = stdev(losses) if len(losses) > 1 else 0.0
    return _around(value, math.hypot(spread, _RUNS * abs(value), noise_of(evidence) if len(losses) < 2 else 0.0))


def _shorter(evidence: Evidence) -> tuple[float, float, float] | None:
    """From the shorter run that a fit-limited task was given."""
    done = [arm for arm in evidence.of_round(RoundName.LENGTH) if math.isfinite(evidence.cost(arm))]
    if not evidence.overfits or not done:
        return None
    near = min(done, key=lambda arm: abs(math.log(arm.length / evidence.length)))
    error = near.trace.val_loss_se if math.isfinite(near.trace.val_loss_se) else 0.0
    value = evidence.cost(near)
    return _around(value, math.hypot(_CARRIED * abs(value), error))


def _around(value: float, spread: float) -> tuple[float, float, float]:
    return value, value - _Z80 * spread, value + _Z80 * spread


def _continued(evidence: Evidence) -> tuple[float, float, float] | None:
    """Best copies, continued along the data to all of them."""
    best = [min(arms, key=evidence.cost) for arms in copy_groups(evidence)]
    best = [arm for arm in best if math.isfinite(evidence.cost(arm)) and evidence.cost(arm) > 0]
    if not best:
        return None
    last = best[-1]
    lowest = min([evidence.cost(last), *(evidence.cost(arm) for arm in evidence.of_round(RoundName.DECAY))])
    slope, spread = _slope(evidence, best)
    growth = math.log(1.0 / last.spec.data_share)
    longest = [evidence.cost(arm) for arm in check_arms(evidence) if math.isfinite(evidence.cost(arm))]
    ceiling = min(longest, default=math.inf)
    value = min(lowest * math.exp(-slope * growth), ceiling)
    low = lowest * math.exp(-(slope + _Z80 * spread) * growth)
    high = min(lowest * math.exp(-(slope - _Z80 * spread) * growth), max(ceiling, value))
    noise = noise_of(evidence)
    return value, min(low, value) - noise, max(high, value) + noise


def _slope(evidence: Evidence, best: list[Arm]) -> tuple[float, float]:
    """Fall of the log loss along the data, from copies of two sizes where there are two."""
    first, last = best[0], best[-1]
    ratio = last.spec.data_share / first.spec.data_share
    if ratio < 1.5:
        return _SLOPE, _SLOPE_SPREAD
    slope = math.log(evidence.cost(first) / evidence.cost(last)) / math.log(ratio)
    return min(max(slope, 0.0), 2 * _SLOPE), _SLOPE_SPREAD / 2
