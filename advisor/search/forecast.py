"""Forecast of the loss of the recommended run."""

import math
from statistics import mean, stdev

from advisor.evidence.comparison import check_arms
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.limit import copy_groups
from advisor.evidence.queries import gap_of, noise_of
from advisor.evidence.round_name import RoundName

_Z80 = 1.2816
_WHOLE = 0.9
_RUNS = 0.02
"""Minimum relative spread between full runs, as two or three seeds estimate it poorly."""
_CARRIED = 0.06
"""The same if rate or length were transferred from a shorter run on all data."""
_FROM_AN_EIGHTH, _FROM_THE_GAP = 0.12, 1.15
"""Fall of the logarithm of the loss from an eighth of the run to the whole: on any task, and for a gap between training
and validation loss that is all of the loss on a task of which everything is learned."""
_AT_LEAST, _FOR_EACH = 0.10, 0.30
"""Standard deviation of the logarithm, and what is added to it for each factor of e that is still to be gained.

All four were set on nine tasks, of which a sequence model (mnist1d_gru) ended at a third of the forecast."""


def forecast(evidence: Evidence) -> tuple[float, float, float] | None:
    """Value, low and high (80 %); None if nothing supports one.

    A run of the recommended length is its own forecast; else the loss of copies is extrapolated to all data.
    """
    if not evidence.objective.is_loss or evidence.keep:
        return None
    found = _measured(evidence) or _shorter(evidence) or _continued(evidence)
    if found is None or any(evidence.cost(arm) < 0.0 for arm in evidence.cycles):
        return found
    value, low, high = found
    return value, max(0.0, low), high  # A loss that was never negative stays non-negative.


def _measured(evidence: Evidence) -> tuple[float, float, float] | None:
    arms = [arm for arm in check_arms(evidence) if arm.length >= _WHOLE * evidence.length]
    losses = [evidence.cost(arm) for arm in arms]
    if not losses or not all(map(math.isfinite, losses)):
        return None
    value = mean(losses)
    spread = stdev(losses) if len(losses) > 1 else 0.0
    return _around(value, math.hypot(spread, _RUNS * abs(value), noise_of(evidence) if len(losses) < 2 else 0.0))


def _shorter(evidence: Evidence) -> tuple[float, float, float] | None:
    """From the shorter run of a fit-limited task."""
    done = [arm for arm in evidence.of_round(RoundName.LENGTH) if math.isfinite(evidence.cost(arm))]
    if not evidence.overfits or not done:
        return None
    near = min(done, key=lambda arm: abs(math.log(arm.length / evidence.length)))
    value = evidence.cost(near)
    return _around(value, math.hypot(_CARRIED * abs(value), _sampling(near)))


def _sampling(arm: Arm) -> float:
    """Standard error of a validation loss over its examples."""
    return arm.trace.val_loss_se if math.isfinite(arm.trace.val_loss_se) else 0.0


def _around(value: float, spread: float) -> tuple[float, float, float]:
    return value, value - _Z80 * spread, value + _Z80 * spread


def _continued(evidence: Evidence) -> tuple[float, float, float] | None:
    """From the best large copy, by what the whole run adds to it.

    More data close the gap to the training loss, and the more of it the more the copy has already learned: of two
    copies that know their data by heart, the one that predicts well gains most. Where runs on all data were made, the
    whole run is taken to end no higher.
    """
    groups = copy_groups(evidence)
    copies = [*(groups[-1] if groups else ()), *evidence.of_round(RoundName.DECAY)]
    done = [arm for arm in copies if math.isfinite(evidence.cost(arm)) and evidence.cost(arm) > 0]
    if not done:
        return None
    best = min(done, key=evidence.cost)
    loss = evidence.cost(best)
    gap = min(max(0.0, gap_of(best) / loss), 1.0)  # A training loss below 0 tells no more than one of 0.
    start = baseline(evidence, best)
    known = max(0.0, 1.0 - loss / start) if start > 0 else 0.0
    gain = (_FROM_AN_EIGHTH + _FROM_THE_GAP * gap * known) * math.log(1.0 / best.length) / math.log(8.0)
    value = loss * math.exp(-max(0.0, gain))
    longer = [evidence.cost(arm) for arm in check_arms(evidence) if 0 < evidence.cost(arm) < math.inf]
    ceiling, sampling = min([loss, *longer]), _Z80 * _sampling(best)
    value = min(value, ceiling)
    factor = math.exp(_Z80 * (_AT_LEAST + _FOR_EACH * math.log(ceiling / value)))
    return value, value / factor - sampling, max(value * factor, ceiling) + sampling
