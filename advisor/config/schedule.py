"""Schedules as keywords: per epoch or per step, and scaled to a shorter run. No torch here."""

from __future__ import annotations

from typing import Literal

from advisor.records.spec import Keywords

ScheduleKind = Literal["1cycle", "cosine", "triangular", "constant"]
"""Shapes of the rate over a run."""
_COUNTED = ("step_size", "T_max", "T_0", "total_iters", "step_size_up", "step_size_down")
_POWERS = {"ExponentialLR": "gamma"}


def in_steps(schedule: Keywords, steps_per_epoch: int) -> Keywords:
    """A user's schedule, counted in optimizer steps; ``interval: epoch`` marks one that is stepped per epoch.

    ``ReduceLROnPlateau`` depends on the losses and ``LambdaLR`` on a function: neither can be written as keywords, so
    their initial rate is taken as constant.
    """
    rest = {key: value for key, value in schedule.items() if key not in ("interval", "frequency")}
    return stretched(rest, steps_per_epoch) if schedule.get("interval") == "epoch" else rest


def stretched(schedule: Keywords, factor: float) -> Keywords:
    """The same shape over ``factor`` times as many steps; below 1 it is compressed.

    Classes whose length is set when they are built (OneCycleLR, CosineAnnealingLR) keep their numbers.
    """
    changed = dict(schedule)
    for key in _COUNTED:
        if isinstance(changed.get(key), (int, float)):
            changed[key] = max(1, round(changed[key] * factor))
    if isinstance(changed.get("milestones"), (list, tuple)):
        changed["milestones"] = sorted({max(1, round(milestone * factor)) for milestone in changed["milestones"]})
    power = _POWERS.get(str(changed["name"]))
    if power and isinstance(changed.get(power), (int, float)):
        changed[power] = float(changed[power]) ** (1.0 / factor)
    return changed


CYCLES = 4
"""Triangles in a run; at least three are needed (C-2)."""
