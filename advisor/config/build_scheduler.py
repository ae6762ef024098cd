"""Learning-rate schedules from their keywords, fitted to a number of optimizer steps."""

import inspect

from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from advisor.config.schedule import CYCLES
from advisor.errors import UsageError
from advisor.records.spec import Keywords

_TOO_SHORT_FOR_A_CYCLE = 8


def build_scheduler(optimizer: Optimizer, schedule: Keywords | None, total_steps: int) -> LRScheduler | None:
    """Makes the scheduler that ``schedule`` describes, its whole shape squeezed into ``total_steps``.

    ``OneCycleLR`` gets its ``total_steps``, ``CosineAnnealingLR`` its ``T_max``; ``CyclicLR`` without a
    ``step_size_up`` runs the number of whole triangles given as ``cycles`` (default 4). Parameter groups
    keep the ratio of their rates. Other classes of ``torch.optim.lr_scheduler`` take their keywords as they are.

    Returns:
        The scheduler, or None for a constant rate.

    Raises:
        UsageError: If the class or one of its keywords does not exist.
    """
    if schedule is None:
        return None
    rest = dict(schedule)
    name = str(rest.pop("name"))
    if name == "ExponentialRamp":
        return _ramp(optimizer, float(rest["start_lr"]), float(rest["end_lr"]), total_steps)
    cls = getattr(lr_scheduler, name, None)
    if not (inspect.isclass(cls) and issubclass(cls, LRScheduler)):
        raise UsageError("the name of a torch.optim.lr_scheduler class, or null", repr(name), "for example OneCycleLR")
    if name == "OneCycleLR":
        if total_steps < _TOO_SHORT_FOR_A_CYCLE:
            return None
        rest.pop("epochs", None)
        rest.pop("steps_per_epoch", None)
        rest["total_steps"] = total_steps
        rest["max_lr"] = _per_group(optimizer, float(rest["max_lr"]))
        rest["cycle_momentum"] = rest.get("cycle_momentum", True) and _has_momentum(optimizer)
    elif name == "CosineAnnealingLR":
        rest["T_max"] = total_steps
    elif name == "CyclicLR":
        cycles = int(rest.pop("cycles", CYCLES))
        rest.setdefault("step_size_up", max(1, total_steps // (2 * cycles)))
        for bound in ("base_lr", "max_lr"):
            rest[bound] = _per_group(optimizer, float(rest[bound]))
        rest["cycle_momentum"] = rest.get("cycle_momentum", True) and _has_momentum(optimizer)
    try:
        scheduler: LRScheduler = cls(optimizer, **rest)
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"keywords that {name} takes", str(error), "correct the schedule") from error
    return scheduler


def _ramp(optimizer: Optimizer, start: float, end: float, steps: int) -> LRScheduler:
    base = float(optimizer.param_groups[0]["lr"])
    growth = (end / start) ** (1.0 / max(1, steps - 1))
    return lr_scheduler.LambdaLR(optimizer, lambda step: start / base * growth**step)


def _per_group(optimizer: Optimizer, rate: float) -> float | list[float]:
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    if len(rates) == 1 or rates[0] == 0:
        return rate
    return [rate * other / rates[0] for other in rates]


def _has_momentum(optimizer: Optimizer) -> bool:
    return "momentum" in optimizer.defaults or "betas" in optimizer.defaults
