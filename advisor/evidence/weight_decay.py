"""Queries about weight decay: costs by value, and the strength of the decay term."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from advisor.config.total_decay import DECOUPLED, has_total_decay, total_decay, total_of
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.limit import best_rung
from advisor.evidence.queries import arms_of, noise_of
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_size, steps_of

LESS = 0.25
"""Total decay that is tried where the current settings, with less than this, beat the copies that have the prior."""
_BEATEN = 0.03


@dataclass(frozen=True, slots=True)
class DecayCosts:
    """The cost (objective, to be minimised) by weight decay.

    Attributes:
        costs: Cost of each value that finished.
        length: Length of the runs.
        lr: Their learning rate.
        noise: Smallest meaningful difference.
    """

    costs: dict[float, float]
    length: float
    lr: float
    noise: float


def present_total(evidence: Evidence) -> float | None:
    """Total decay of the full run with the current settings; None where it is not defined for the optimizer."""
    name, current = str(evidence.current.optimizer["name"]), evidence.current_settings
    if not has_total_decay(name):
        return None
    return total_of(name, current.peak_lr, current.momentum, current.weight_decay, full_size(evidence).steps)


def advised_total(evidence: Evidence) -> float | None:
    """Total decay of the recommended run, at its own batch size and length; None where it is not defined."""
    choice, current = evidence.choice, evidence.current
    if evidence.total_decay is None or not has_total_decay(choice.optimizer):
        return None
    steps = steps_of(evidence.facts.train_size, current.epochs, choice.batch_size, evidence.length)
    return total_decay(choice, steps)


def asks_for_less(evidence: Evidence) -> bool:
    """Whether the current settings, with little decay, beat every copy of the ladder, which has more."""
    mine, current = present_total(evidence), _current_copy(evidence)
    rung = best_rung(evidence)
    if mine is None or mine >= LESS or current is None or rung is None:
        return False
    best = evidence.cost(rung)
    return evidence.cost(current) < best - max(noise_of(evidence), _BEATEN * abs(best))


def decay_pull(evidence: Evidence) -> float:
    """Size of the decay term relative to the data's, in the second half of the current settings' copy.

    Decay × weight norm over the gradient norm, where decay is added to the gradient; where it is decoupled, over a step
    of size one for each weight, which bounds Adam's steps. 0 without decay; NaN if not recorded.
    """
    arm = _current_copy(evidence)
    if arm is None:
        return math.nan
    if not arm.spec.weight_decay:
        return 0.0
    weights, gradients = _late(arm.trace.weight_norm), _late(arm.trace.grad_norm)
    if arm.spec.optimizer["name"] in DECOUPLED:
        gradients = math.sqrt(evidence.profile.model.trainable) if evidence.profile.model else math.nan
    return arm.spec.weight_decay * weights / gradients if gradients > 0 else math.nan


def weights_shrank(evidence: Evidence) -> bool:
    """Whether the weight norm fell in the current settings' copy."""
    arm = _current_copy(evidence)
    return arm is not None and _late(arm.trace.weight_norm) < next(filter(math.isfinite, arm.trace.weight_norm), 0.0)


def _current_copy(evidence: Evidence) -> Arm | None:
    arms = [arm for arm in evidence.of_round(RoundName.CONFIRM) if math.isfinite(evidence.cost(arm))]
    return arms[0] if arms else None


def _late(norms: Sequence[float]) -> float:
    """Median of the second half of the recorded values."""
    known = [norm for norm in norms if math.isfinite(norm)]
    return median(known[len(known) // 2 :]) if known else math.nan


def decay_costs(evidence: Evidence) -> DecayCosts | None:
    """The grid of the decay round; None if fewer than two values finished."""
    response = evidence.response("weight_decay")
    if response is None:
        return None
    finite = {point.value: point.loss for point in response.finite}
    if len(finite) < 2:
        return None
    rates = [arm.spec.lr for arm in arms_of(evidence, response)]
    return DecayCosts(finite, response.length, rates[0], max(noise_of(evidence), 1e-12))
