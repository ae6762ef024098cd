"""Schedules as keywords: counted in epochs or in steps, and squeezed into a shorter run. No torch here."""

from __future__ import annotations

from typing import Literal

from advisor.records.spec import Keywords

ScheduleKind = Literal["1cycle", "cosine", "triangular", "constant"]
"""Shapes of the rate over a run."""
_COUNTED = ("step_size", "T_max", "T_0", "total_iters", "step_size_up", "step_size_down")
_POWERS = {"ExponentialLR": "gamma"}


def in_steps(schedule: Keywords, steps_per_epoch: int) -> Keywords:
    """A schedule of the user, stepped once per optimizer step; theirs is per epoch if it says ``interval: epoch``.

    ``ReduceLROnPlateau`` follows what it sees and ``LambdaLR`` a function: neither can be written down, and the rate
    that they begin with is taken as constant.
    """
    rest = {key: value for key, value in schedule.items() if key not in ("interval", "frequency")}
    return stretched(rest, steps_per_epoch) if schedule.get("interval") == "epoch" else rest


def stretched(schedule: Keywords, factor: float) -> Keywords:
    """The same shape over ``factor`` times as many steps; a factor below 1 squeezes it.

    Classes whose length is fitted anyway (OneCycleLR, CosineAnnealingLR) may keep their numbers.
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
"""Triangles in a run, at least three of which are needed (C-2)."""
