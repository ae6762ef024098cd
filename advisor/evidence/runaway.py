"""Whether the loss falls without end: negative, far beyond its start, and ever faster."""

import math
from dataclasses import dataclass

from advisor.evidence.evidence import Arm, Evidence

_FAR, _BELOW = 100.0, 10.0
"""Times its size at the start, or 1 where that is less, that a loss must lie below zero: in one run, and in others."""
_FASTER = 0.6
"""Part of the whole fall that must come in the second half of a run: a loss with a bound falls slower and slower."""
_RUNS = 2


@dataclass(frozen=True, slots=True)
class Runaway:
    """A loss without a lower bound, as one run shows it.

    Attributes:
        arm: The run that got farthest beyond its start.
        first: Its first training loss.
        last: Its last.
        runs: Runs that fall ever faster.
    """

    arm: Arm
    first: float
    last: float
    runs: int


def runaway(evidence: Evidence) -> Runaway | None:
    """The run that shows that the loss has no lower bound; None where none does.

    A likelihood may turn negative as well; it comes to rest a few times its start below zero.
    """
    below = [arm for arm in (*evidence.cycles, *evidence.present_arms) if _times_below(arm) > _BELOW]
    falling = [arm for arm in below if _accelerates(arm)]
    most = max(falling, key=_times_below, default=None)
    if most is None or len(falling) < _RUNS or _times_below(most) < _FAR:
        return None
    return Runaway(most, most.trace.train_loss[0], _last(most), len(falling))


def _last(arm: Arm) -> float:
    return next((loss for loss in reversed(arm.trace.train_loss) if math.isfinite(loss)), math.nan)


def _times_below(arm: Arm) -> float:
    """How many times its size at the start the loss ends below zero."""
    losses = arm.trace.train_loss
    if not losses or not math.isfinite(losses[0]) or not math.isfinite(_last(arm)):
        return 0.0
    return -_last(arm) / max(1.0, abs(losses[0]))


def _accelerates(arm: Arm) -> bool:
    losses = arm.trace.train_loss
    half = next((loss for loss in losses[len(losses) // 2 :] if math.isfinite(loss)), math.nan)
    return half - _last(arm) > _FASTER * (losses[0] - _last(arm))
