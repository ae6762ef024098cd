"""What the weight-decay rules read from the grid."""

import math
from dataclasses import dataclass

from advisor.recipe import default_weight_decay
from advisor.rules.evidence import Evidence
from advisor.rules.reading import arms_of, noise_of


@dataclass(frozen=True, slots=True)
class DecayCosts:
    """The objective (to be made small) by weight decay.

    Attributes:
        costs: Of the values that finished.
        length: Of the runs.
        lr: Their learning rate.
        noise: What a difference must exceed.
    """

    costs: dict[float, float]
    length: float
    lr: float
    noise: float


def present_decay(evidence: Evidence) -> float:
    """The user's weight decay, or the optimizer's default."""
    optimizer = evidence.current.optimizer
    given = optimizer.get("weight_decay")
    return float(default_weight_decay(str(optimizer["name"])) if given is None else given)


def decay_costs(evidence: Evidence) -> DecayCosts | None:
    """The grid of the decay round; None if fewer than two values finished."""
    response = evidence.response("weight_decay")
    if response is None:
        return None
    finite = {point.value: point.loss for point in response.points if math.isfinite(point.loss)}
    if len(finite) < 2:
        return None
    rates = [arm.spec.lr for arm in arms_of(evidence, response)]
    return DecayCosts(finite, response.length, rates[0], max(noise_of(evidence), 1e-12))
