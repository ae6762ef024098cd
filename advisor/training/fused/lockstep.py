"""The arms of a round step by step in turn, so that each batch is loaded once for all of them."""

from typing import TYPE_CHECKING

import torch

from advisor.runtime.randomness import RandomState
from advisor.training.trainer import Measure, Training

if TYPE_CHECKING:
    from advisor.task.task import Task


class Lockstep:
    """K trainings on the same batches, each step under the same random numbers as if it were alone.

    Args:
        task: What they train.
        arms: Their beginnings, nothing trained yet: equal seed, batch size and steps.
    """

    def __init__(self, task: "Task", arms: list[Training]) -> None:
        self.task, self.arms = task, list(arms)
        self._batches = arms[0].batches
        self._state = RandomState()

    def step(self, step: int) -> torch.Tensor:
        """One optimizer step of each; returns their losses, (K,)."""
        self._state.restore()
        batch = next(self._batches)
        drawn = RandomState()
        losses = []
        for index, arm in enumerate(self.arms):
            drawn.restore()
            losses.append(arm.step(step, batch).detach())
            if index == 0:
                self._state = RandomState()
        return torch.stack(losses)

    def keep(self, indices: list[int]) -> None:
        """Leaves only these arms: the others have diverged."""
        self.arms = [self.arms[i] for i in indices]

    def measures(self) -> list[Measure | None]:
        """Each arm is evaluated by itself."""
        return [None] * len(self.arms)

    def noise_scales(self) -> None:
        """The arms measure their own gradients."""
