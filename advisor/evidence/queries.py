"""Numbers that several rules read from the evidence, and their text."""

import math
from collections.abc import Callable, Iterable

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.round_name import LADDER_ROUNDS, RoundName
from advisor.fits.types import Response
from advisor.utils.numbers import number, rate

WIDENINGS = 4
"""Maximum number of extensions of the ladder."""
_OWN_SHARE = 0.2
_COUNTED_IN_RATE = ("SGD", "RMSprop")


def present_rate(evidence: Evidence, arms: Iterable[Arm]) -> float:
    """The user's rate on the scale of these probes: SGD depends on rate / (1 - momentum)."""
    value, own = evidence.current_settings.peak_lr, evidence.current_settings.momentum
    probed = next((arm.spec.momentum for arm in arms if arm.spec.momentum is not None), None)
    if evidence.current_settings.optimizer not in _COUNTED_IN_RATE or probed is None or own is None:
        return value
    return value * (1.0 - probed) / (1.0 - own)


def present_rate_text(evidence: Evidence, equivalent: float) -> str:
    """The user's rate in words, with its equivalent at the probes' momentum."""
    value, own = evidence.current_settings.peak_lr, evidence.current_settings.momentum
    if math.isclose(value, equivalent, rel_tol=0.02):
        return rate(value)
    return f"{rate(value)} (at momentum {own:g}; {rate(equivalent)} at the probes' momentum)"


def arms_of(evidence: Evidence, response: Response) -> tuple[Arm, ...]:
    """The probes behind a response."""
    keys = {key for point in response.points for key in point.keys}
    return tuple(arm for arm in evidence.arms if arm.spec.key in keys)


def figures_of(evidence: Evidence, knob: str) -> tuple[str, ...]:
    """Ids of the figures that show a knob's responses, as the report numbers them."""
    return tuple(f"response-{knob}-{i}" for i, item in enumerate(evidence.responses) if item.knob == knob)


def ladder(evidence: Evidence) -> Response | None:
    """Response to the learning rate over the rungs of the ladder."""
    found = [item for item in evidence.responses if item.knob == "lr" and _on_ladder(evidence, item)]
    return found[-1] if found else None


def _on_ladder(evidence: Evidence, response: Response) -> bool:
    """Whether a response comes only from rungs and their repeats."""
    rounds = {arm.round for arm in arms_of(evidence, response)}
    return bool(rounds & LADDER_ROUNDS) and rounds <= {*LADDER_ROUNDS, RoundName.NOISE}


def can_widen(evidence: Evidence) -> bool:
    """Whether the ladder may be extended again."""
    return sum(record.name == RoundName.LADDER_WIDER for record in evidence.rounds) < WIDENINGS


def finished(evidence: Evidence) -> list[Arm]:
    """Cycles on all data that ended with a finite objective; copies where there are no others."""
    done = [arm for arm in evidence.cycles if math.isfinite(evidence.cost(arm))]
    return [arm for arm in done if not arm.spec.is_copy] or done


def longest(evidence: Evidence) -> list[Arm]:
    """Finished cycles of the greatest length, best first."""
    arms = finished(evidence)
    top = max((arm.length for arm in arms), default=0.0)
    return sorted((arm for arm in arms if arm.length > 0.9 * top), key=evidence.cost)


def best_trained(evidence: Evidence, seen: Callable[[Arm], bool]) -> Arm | None:
    """The best of the longest finished runs that satisfy ``seen``, those of the current settings included."""
    present = [arm for arm in evidence.present_arms if math.isfinite(arm.trace.final_val_loss)]
    found = [arm for arm in (*present, *finished(evidence)) if seen(arm)]
    top = max((arm.length for arm in found), default=0.0)
    return min((arm for arm in found if arm.length > 0.9 * top), key=evidence.cost, default=None)


def best_by_length(evidence: Evidence) -> list[tuple[float, Arm]]:
    """The best finished cycle of each length, shortest first; lengths within a quarter count as one."""
    groups: list[list[Arm]] = []
    for arm in sorted(finished(evidence), key=lambda item: item.length):
        if groups and arm.length <= 1.25 * groups[-1][0].length:
            groups[-1].append(arm)
        else:
            groups.append([arm])
    return [(group[0].length, min(group, key=evidence.cost)) for group in groups]


def noise_of(evidence: Evidence) -> float:
    """Seed noise of the objective; 0 if it was never measured."""
    return evidence.noise if math.isfinite(evidence.noise) else 0.0


def noise_text(evidence: Evidence) -> str:
    """The noise, in brackets after a comparison."""
    return f" (noise {number(evidence.noise)})" if math.isfinite(evidence.noise) else " (noise not measured)"


def loss_noise(evidence: Evidence, arm: Arm) -> float:
    """Smallest meaningful difference between validation losses of one run.

    Seed noise, and a fifth of the sampling error: most of that is shared by evaluations of the same examples.
    """
    sampling = arm.trace.val_loss_se
    own = noise_of(evidence) if evidence.objective.is_loss else 0.0
    return max(own, _OWN_SHARE * sampling if math.isfinite(sampling) else 0.0)


def gap_of(arm: Arm) -> float:
    """Validation minus training loss: in evaluation mode if measured, else of training batches."""
    measured = arm.trace.final_gap
    return measured if math.isfinite(measured) else arm.trace.final_val_loss - arm.trace.final_train_loss


def compared(evidence: Evidence, knob: str) -> tuple[Arm, ...]:
    """The finished probes behind the last response of a knob, best first."""
    response = evidence.response(knob)
    arms = arms_of(evidence, response) if response else ()
    return tuple(sorted((arm for arm in arms if math.isfinite(evidence.cost(arm))), key=evidence.cost))


def first_loss(arm: Arm) -> float:
    """Median of the first few training losses; NaN if there is none."""
    head = sorted(value for value in arm.trace.train_loss[:5] if math.isfinite(value))
    return head[len(head) // 2] if head else math.nan


def objective_text(evidence: Evidence) -> str:
    """Name of the cost."""
    return "validation loss" if evidence.objective.is_loss else evidence.objective.name


def shown(evidence: Evidence, cost: float) -> float:
    """Converts a cost to the objective's own number."""
    return -cost if evidence.objective.higher_is_better and not evidence.objective.is_loss else cost


def is_as_long(arm: Arm, length: float) -> bool:
    """Whether an arm has a length, within 10 %."""
    return math.isclose(arm.length, length, rel_tol=0.1)


def was_run(evidence: Evidence, name: str) -> bool:
    """Whether a round has been run."""
    if name == RoundName.PREFLIGHT:
        return evidence.preflight is not None
    return any(record.name == name for record in evidence.rounds)
