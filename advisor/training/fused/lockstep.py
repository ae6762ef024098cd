"""Interleaves the steps of a round's arms, so that each batch is loaded once for all of them."""

from typing import TYPE_CHECKING

import torch

from advisor.runtime.randomness import RandomState
from advisor.training.trainer import Measure, Training

if TYPE_CHECKING:
    from advisor.task.task import Task


class Lockstep:
    """K trainings on the same batches; each step uses the same random numbers as in a separate run.

    Args:
        task: The task.
        arms: Untrained runs with equal seed, batch size and steps.
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
        """Keeps only these arms: the others have diverged."""
        self.arms = [self.arms[i] for i in indices]

    def measures(self) -> list[Measure | None]:
        """None for each arm: they are evaluated separately."""
        return [None] * len(self.arms)

    def noise_scales(self) -> None:
        """Does nothing: the arms measure their own gradients."""
