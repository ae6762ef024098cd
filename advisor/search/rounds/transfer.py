"""From probes to the full run: the rate to use there, and the loss to expect."""

import math

from advisor.config.hparams import Recipe
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import ladder, noise_of
from advisor.fits import forecast_length
from advisor.fits.types import FitFailed
from advisor.search.rounds.base import significant
from advisor.search.rounds.length import GROWTH, SUSPICIOUS, LengthRound, failed
from advisor.search.rounds.stability import near_divergence

_Z80 = 1.2816
_UNSEEN_OVERFITTING = -1 / 3
"""Exponent of the rate over length where overfitting is likely and could not be looked at: it is between 0 (none) and
-1 (rate times length constant), and the result is flat enough around the middle."""
_SELECTION = 1.5
"""Widening of the interval of a loss that is reported because it was the best."""


def carried(evidence: Evidence) -> Recipe:
    """The choice with its rate carried from the ladder's length to the length that is advised.

    On the three tasks with known answers that do not overfit, the best rate of the full run was one to two times
    that of the ladder. Near divergence it is not raised, and where the run would overfit it is the longer probe's.
    Where the model is large for its data and no longer probe was affordable, it is lowered: on a text task that
    overfits rate times length stayed constant from an eighth of the run to the whole (0.03 to 0.003).
    """
    if evidence.overfits:
        return evidence.choice
    rungs = ladder(evidence)
    unseen = evidence.capacity_ratio > SUSPICIOUS and not evidence.of_round(LengthRound.name)
    if unseen and rungs is not None:
        return evidence.choice.with_(
            lr=significant(evidence.choice.lr * (evidence.length / rungs.length) ** _UNSEEN_OVERFITTING)
        )
    if any(failed(evidence, arm) for arm in evidence.of_round(LengthRound.name)) or near_divergence(evidence):
        return evidence.choice
    if rungs is None:
        return evidence.choice
    rate = evidence.choice.lr * (evidence.length / rungs.length) ** GROWTH
    return evidence.choice.with_(lr=significant(rate))


def forecast(evidence: Evidence) -> tuple[float, float, float] | None:
    """Loss to expect at the advised length: value, low, high (80 %); None if nothing supports one.

    Where the longer probe is the advice, that is a measurement; else it continues the best loss at each length.
    """
    if not evidence.objective.is_loss:
        return None
    noise = noise_of(evidence)
    done = [arm for arm in evidence.of_round(LengthRound.name) if math.isfinite(evidence.cost(arm))]
    if evidence.overfits and done:
        value, spread = evidence.cost(done[-1]), _SELECTION * math.hypot(noise, done[-1].trace.val_loss_se)
        return value, value - _Z80 * spread, value + _Z80 * spread
    response = evidence.response("epochs")
    if response is None or len(response.points) < 2:
        return None
    epochs = evidence.current.epochs
    sampling = max((arm.trace.val_loss_se for arm in done if math.isfinite(arm.trace.val_loss_se)), default=0.0)
    spread = math.hypot(noise, sampling)
    told = forecast_length([p.value / epochs for p in response.points], [p.loss for p in response.points], spread)
    if isinstance(told, FitFailed):
        return None
    low = told.estimate.low
    if min(point.loss for point in response.points) >= 0:
        low = max(low, 0.0)
    return max(told.estimate.value, low), low, told.estimate.high
