"""Queries of the epoch rules about the length round."""

import math
from typing import Any

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.limit import LimitReading, read_limit
from advisor.evidence.queries import best_by_length, gap_of, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.utils.numbers import number, rate, share


def long_probe(evidence: Evidence) -> Arm | None:
    """The probe of the length round; None if it did not run or did not finish."""
    arms = [arm for arm in evidence.of_round(RoundName.LENGTH) if math.isfinite(evidence.cost(arm))]
    return max(arms, key=lambda arm: arm.length) if arms else None


def lost_share(evidence: Evidence, arm: Arm) -> float:
    """Train-validation gap beyond noise, over the improvement on a constant prediction; NaN if unknown."""
    gain = baseline(evidence, arm) - arm.trace.final_val_loss
    noise = arm.trace.val_loss_se if math.isfinite(arm.trace.val_loss_se) else 0.0
    lost = max(0.0, gap_of(arm) - 2 * noise)
    if not math.isfinite(lost) or not math.isfinite(gain):
        return math.nan
    return lost / gain if gain > 0 else math.inf if lost > 0 else 0.0


def advised_epochs(evidence: Evidence) -> int:
    """The recommended number of epochs."""
    return max(1, round(evidence.length * evidence.current.epochs))


def length_values(evidence: Evidence) -> dict[str, Any]:
    """Numbers behind ``length_text``."""
    arm = long_probe(evidence)
    table = [[length, shown(evidence, evidence.cost(best))] for length, best in best_by_length(evidence)]
    return {
        "length": evidence.length,
        "by_length": table,
        "gap": gap_of(arm) if arm else math.nan,
        "lost_share": lost_share(evidence, arm) if arm else math.nan,
        "epochs": advised_epochs(evidence),
    }


def length_text(evidence: Evidence) -> str:
    """Which limit applies, and what shorter runs on all data reached, where they were made."""
    reading = read_limit(evidence)
    text = limit_text(evidence, reading)
    arm = long_probe(evidence)
    if arm is None:
        return text
    steps = ", ".join(
        f"{number(shown(evidence, evidence.cost(best)))} at {share(length)}"
        for length, best in best_by_length(evidence)
    )
    text += f"; on all data {objective_text(evidence)} {steps}; validation less training loss {number(gap_of(arm))}"
    lost = lost_share(evidence, arm)
    if math.isfinite(lost):
        text += (
            ", the whole improvement over a constant prediction"
            if lost > 1
            else f", {lost:.0%} of the improvement over a constant prediction"
        )
    return text


def limit_text(evidence: Evidence, reading: LimitReading) -> str:
    """The measurements that distinguish the limits, in words."""
    if reading.limit is None or reading.best is None:
        return "no copy above the best rate finished: the limit of the rate is unknown"
    top = rate(full_rate(evidence, reading.best))
    if reading.arm is None:
        return f"above the best rate ({top}) training diverges"
    above = rate(full_rate(evidence, reading.arm))
    low, high = reading.best.trace.final_train_loss, reading.arm.trace.final_train_loss
    moved = "falls" if high < low else "rises"
    turned = "raises" if reading.late < 0 else "lowers"
    return (
        f"above the best rate ({top}), at {above}, training loss {moved} from {number(low)} to {number(high)}, and the "
        f"second part of the run {turned} the validation loss by {abs(reading.late):.0%}"
    )
