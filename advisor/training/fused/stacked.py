"""The arms of a round as one training: one forward and backward pass for all, each with its own settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.training.evaluation import Evaluation, evaluate_rows
from advisor.training.fused.optimizer import RowOptimizer
from advisor.training.fused.schedules import Schedules
from advisor.training.fused.stack import CannotStack, Stack
from advisor.training.gradient_noise import GradientNoise
from advisor.training.trainer import Measure, Training

if TYPE_CHECKING:
    from advisor.task.data.data import Data
    from advisor.task.task import Task


class Stacked:
    """K trainings whose weights are the rows of one matrix.

    Args:
        task: The task.
        arms: Untrained runs with equal seed, batch size, steps and model.
        changing: Names of the buffers that a training step changes.

    Raises:
        CannotStack: If these arms cannot be trained this way.
    """

    def __init__(self, task: "Task", arms: list[Training], changing: Sequence[str]) -> None:
        self.task, self.arms = task, list(arms)
        first = arms[0]
        self._spec = first.spec
        self._model = first.model
        names = {id(p): name for name, p in first.model.named_parameters()}
        groups = [[names[id(p)] for p in group["params"] if p.requires_grad] for group in first.optimizer.param_groups]
        self._stack = Stack([arm.model for arm in arms], groups, changing)
        self._optimizer = RowOptimizer([arm.optimizer for arm in arms], self._stack.bounds)
        self._schedules = Schedules(arms)
        self._noise: GradientNoise | None = None
        if first.noise is not None:
            self._noise = GradientNoise([], self._spec.batch_size, self._spec.steps, first.train.size)
        for arm in arms:
            arm.noise = None
        self._batches = first.batches
        self._evaluates_rows = True

    def step(self, step: int) -> torch.Tensor:
        """One optimizer step of all; returns their losses, (K,)."""
        losses: torch.Tensor = self._stack.call(self.task.loss, next(self._batches))
        if losses.shape != (len(self.arms),):
            raise CannotStack("a loss that is not a scalar")
        gradient = self._stack.gradient(losses)
        losses = losses.detach()
        if self._noise is not None and step >= self._noise.first:
            self._noise.take([gradient.float()])
        norms = self._norms(step, gradient)
        for arm, loss, norm in zip(self.arms, losses.unbind(), norms, strict=True):
            arm.recorder.before_step(step, loss, norm)
        self._optimizer.step(self._stack.rows, gradient)
        if step < self._spec.steps:
            self._schedules.step()
        for arm in self.arms:
            arm.done = step
        return losses

    def keep(self, indices: list[int]) -> None:
        """Keeps only these arms: the others have diverged."""
        if len(indices) == len(self.arms) or not indices:
            return
        self._stack.keep(indices)
        self._optimizer.keep(indices)
        if self._noise is not None:
            self._noise.keep(indices)
        self.arms = [self.arms[i] for i in indices]
        self._schedules.keep(self.arms)

    def measures(self) -> list[Measure | None]:
        """How each arm is evaluated: all at once, when the first one is requested."""
        known: dict[int, list[Evaluation]] = {}

        def at(index: int) -> Measure:
            def measure(data: "Data", examples: int) -> Evaluation:
                if id(data) not in known:
                    known[id(data)] = self._evaluate(data, examples)
                return known[id(data)][index]

            return measure

        return [at(index) for index in range(len(self.arms))]

    def noise_scales(self) -> None:
        """Passes the gradient measurements to each arm's recorder."""
        for index, arm in enumerate(self.arms):
            arm.recorder.noise_scale = None if self._noise is None else self._noise.scale(index)

    def _evaluate(self, data: "Data", examples: int) -> list[Evaluation]:
        if self._evaluates_rows:
            try:
                return evaluate_rows(self._judge, self._model, data, examples, self._spec.batch_size)
            except Exception:
                self._evaluates_rows = (
                    False  # For example a metric in plain Python: each model is evaluated separately.
                )
        return [arm.measure(data, examples) for arm in self.arms]

    def _judge(self, _: nn.Module, batch: Any) -> tuple[torch.Tensor, Any]:
        found = self._stack.call(self._loss_and_metric, batch)
        return found if isinstance(found, tuple) else (found, None)

    def _loss_and_metric(self, model: nn.Module, batch: Any) -> Any:
        loss, metric = self.task.loss_and_metric(model, batch)
        return loss if metric is None else (loss, metric)

    def _norms(self, step: int, gradient: torch.Tensor) -> "list[torch.Tensor | None]":
        """Norm of each row's gradient where it is needed; clips gradients in place where configured."""
        limits = [arm.spec.clip_grad_norm for arm in self.arms]
        clipped = any(limit is not None for limit in limits)
        if not clipped and not self.arms[0].recorder.samples_norm(step):
            return [None] * len(self.arms)
        norms = torch.linalg.vector_norm(gradient.float(), dim=1)
        if clipped:
            most = torch.tensor([float("inf") if x is None else x for x in limits], device=norms.device)
            gradient.mul_((most / (norms + 1e-6)).clamp(max=1.0).to(gradient.dtype).unsqueeze(1))
        return list(norms.unbind())
