"""A torch scheduler object as keywords."""

import inspect
from typing import Any

from torch.optim import lr_scheduler

from advisor.records.spec import Keywords

_NOT_KEYWORDS = ("self", "optimizer", "last_epoch", "verbose")
_UNWRITABLE = ("LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler", "ReduceLROnPlateau")


def keywords_of(scheduler: Any) -> Keywords | None:
    """Name and keywords; None if they cannot be written down (functions, chains, schedules that depend on the loss)."""
    name = type(scheduler).__name__
    if name in _UNWRITABLE or getattr(lr_scheduler, name, None) is not type(scheduler):
        return None
    if name == "OneCycleLR":
        group = scheduler.optimizer.param_groups[0]
        peak = int(scheduler._schedule_phases[0]["end_step"]) + 1
        return {"name": name, "max_lr": float(group["max_lr"]), "pct_start": peak / scheduler.total_steps}
    if name == "CyclicLR":
        group = scheduler.optimizer.param_groups[0]
        bounds = {"base_lr": float(scheduler.base_lrs[0]), "max_lr": float(scheduler.max_lrs[0])}
        return {"name": name, **bounds, "step_size_up": int(scheduler.total_size * scheduler.step_ratio)}
    known = vars(scheduler)
    keywords = {key: known[key] for key in inspect.signature(type(scheduler)).parameters if key in known}
    if "milestones" in keywords:
        keywords["milestones"] = sorted(keywords["milestones"])
    return {"name": name, **{key: value for key, value in keywords.items() if key not in _NOT_KEYWORDS}}
