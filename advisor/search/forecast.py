"""The loss to expect of the run that is advised."""

import math
from statistics import mean, stdev

from advisor.evidence.comparison import check_arms
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.limit import copy_groups
from advisor.evidence.queries import gap_of, noise_of
from advisor.evidence.round_name import RoundName

_Z80 = 1.2816
_WHOLE = 0.9
_RUNS = 0.02
"""Spread between whole runs as a part of the loss, at least: two or three seeds tell little of it."""
_CARRIED = 0.06
"""The same where rate or length was carried from a shorter run on all data."""
_GAP_EXPONENT = 0.46
"""The gap between validation and training loss goes as data ** -0.46 (mnist_mlp)."""
_STILL_GAINED = 0.88
"""What the longer run leaves of that."""
_AT_LEAST, _FOR_EACH = 0.05, 0.35
"""Standard deviation of the logarithm, and what is added to it for each factor of e that is still to be gained. Set
with the factor above on five tasks, of which a sequence model ended much lower."""


def forecast(evidence: Evidence) -> tuple[float, float, float] | None:
    """Value, low and high (80 %); None if nothing supports one.

    A run of the advised length is its own forecast; else the loss of copies is continued along the data.
    """
    if not evidence.objective.is_loss or evidence.keep:
        return None
    found = _measured(evidence) or _shorter(evidence) or _continued(evidence)
    if found is None or any(evidence.cost(arm) < 0.0 for arm in evidence.cycles):
        return found
    value, low, high = found
    return value, max(0.0, low), high  # A loss that was never negative is not expected to become so.


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
    value = evidence.cost(near)
    return _around(value, math.hypot(_CARRIED * abs(value), _sampling(near)))


def _sampling(arm: Arm) -> float:
    """Standard error of a validation loss over its examples: few of them foretell little."""
    return arm.trace.val_loss_se if math.isfinite(arm.trace.val_loss_se) else 0.0


def _around(value: float, spread: float) -> tuple[float, float, float]:
    return value, value - _Z80 * spread, value + _Z80 * spread


def _continued(evidence: Evidence) -> tuple[float, float, float] | None:
    """From the best large copy: its gap to the training loss closes with the data, and longer training takes some more.

    Where runs on all data were made, the whole run is taken to end no higher.
    """
    groups = copy_groups(evidence)
    copies = [*(groups[-1] if groups else ()), *evidence.of_round(RoundName.DECAY)]
    done = [arm for arm in copies if math.isfinite(evidence.cost(arm)) and evidence.cost(arm) > 0]
    if not done:
        return None
    best = min(done, key=evidence.cost)
    loss = evidence.cost(best)
    gap = min(max(0.0, gap_of(best)), loss)  # A training loss below 0 tells no more than one of 0.
    value = (loss - gap * (1.0 - best.spec.data_share**_GAP_EXPONENT)) * _STILL_GAINED
    longer = [evidence.cost(arm) for arm in check_arms(evidence) if 0 < evidence.cost(arm) < math.inf]
    ceiling, sampling = min([loss, *longer]), _Z80 * _sampling(best)
    value = min(value, ceiling)
    factor = math.exp(_Z80 * (_AT_LEAST + _FOR_EACH * math.log(ceiling / value)))
    return value, value / factor - sampling, max(value * factor, ceiling) + sampling
