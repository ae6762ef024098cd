"""The learning rates of all arms: one scheduler for all 1cycle schedules that differ only in their peak."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch.optim.lr_scheduler import OneCycleLR

from advisor.records.spec import Keywords
from advisor.training.trainer import Training


@dataclass(slots=True)
class _Lead:
    """An arm that steps its scheduler, and the arms that use its rates times a factor."""

    arm: Training
    followers: list[tuple[Training, float]]


class Schedules:
    """Steps all schedulers: with many small models, separate schedulers would take a fifth of the time.

    Args:
        arms: Untrained runs.
    """

    def __init__(self, arms: Sequence[Training]) -> None:
        self._leads: list[_Lead] = []
        for arm in arms:
            lead = next((lead for lead in self._leads if _same_shape(lead.arm, arm)), None)
            if lead is None:
                self._leads.append(_Lead(arm, []))
            else:
                lead.followers.append((arm, arm.spec.lr / lead.arm.spec.lr))

    def step(self) -> None:
        """Sets the rates of the next step."""
        for lead in self._leads:
            if lead.arm.scheduler is None:
                continue
            lead.arm.scheduler.step()
            cycled = bool(getattr(lead.arm.scheduler, "cycle_momentum", False))
            for arm, factor in lead.followers:
                pairs = zip(arm.optimizer.param_groups, lead.arm.optimizer.param_groups, strict=True)
                for own, other in pairs:
                    own["lr"] = other["lr"] * factor
                    if cycled:
                        _take_momentum(own, other)

    def keep(self, arms: Sequence[Training]) -> None:
        """Removes arms that have left; one that leads others keeps stepping its scheduler."""
        left = set(map(id, arms))
        for lead in self._leads:
            lead.followers = [(arm, factor) for arm, factor in lead.followers if id(arm) in left]
        self._leads = [lead for lead in self._leads if lead.followers or id(lead.arm) in left]


def _same_shape(one: Training, other: Training) -> bool:
    if not (type(one.scheduler) is type(other.scheduler) is OneCycleLR):
        return False
    shapes = [{**(arm.spec.schedule or {}), "max_lr": None} for arm in (one, other)]
    return shapes[0] == shapes[1]


def _take_momentum(own: Keywords, other: Keywords) -> None:
    if "betas" in other:
        own["betas"] = (other["betas"][0], own["betas"][1])
    else:
        own["momentum"] = other["momentum"]
