"""Records a training run without slowing it down."""

import math
import time
from collections.abc import Callable
from dataclasses import astuple
from itertools import pairwise
from statistics import median

import torch
from torch import nn
from torch.optim import Optimizer

from advisor.records.spec import ProbeSpec
from advisor.records.trace import StopReason, Trace
from advisor.training.answers import Answers
from advisor.training.evaluation import Evaluation
from advisor.training.gradient_noise import NoiseScale

_NORM_SAMPLES = 25
_WEIGHTS_EVERY = 5
_MAX_POINTS = 2000
_FIRST = 3
_EARLY = 20
_RECENT = 5


class Recorder:
    """A Trace under construction. Losses stay on the device until a check reads them together.

    Args:
        spec: The specification.
        optimizer: The optimizer.
        params: Trained parameters.
        mean: The mean of losses over the processes that share each step.

    Attributes:
        share: Number of trainings that the time of a step is divided by.
    """

    def __init__(
        self,
        spec: ProbeSpec,
        optimizer: Optimizer,
        params: list[nn.Parameter],
        mean: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        self.spec, self.optimizer, self.params, self._mean = spec, optimizer, params, mean
        self._pending: list[torch.Tensor] = []
        self._losses: list[float] = []
        self._lr: list[float] = []
        self._momentum: list[float] = []
        self._norm_every = max(1, spec.steps // _NORM_SAMPLES)
        self._norms: list[tuple[int, torch.Tensor, torch.Tensor]] = []
        self._weight_norm = torch.tensor(math.nan)
        self._evaluations: list[tuple[int, Evaluation]] = []
        self.train_evaluation: Evaluation | None = None
        self.noise_scale: NoiseScale | None = None
        self.answers = Answers()
        self._first, self._lowest, self._change = math.nan, math.inf, math.nan
        self._window_seconds: list[float] = []
        self._clock = time.perf_counter()
        self._clock_step = 0
        self.share = 1
        self._momentum_key = "momentum" if "momentum" in optimizer.defaults else "betas"

    def before_step(self, step: int, loss: torch.Tensor, grad_norm: torch.Tensor | None) -> None:
        """Records the loss and the settings of the coming optimizer step."""
        self._pending.append(loss.detach())
        group = self.optimizer.param_groups[0]
        self._lr.append(float(group["lr"]))
        momentum = group.get(self._momentum_key, math.nan)
        self._momentum.append(momentum[0] if isinstance(momentum, (tuple, list)) else momentum)
        if self.samples_norm(step):
            grads = [p.grad for p in self.params if p.grad is not None]
            norm = _norm(grads) if grad_norm is None else grad_norm.detach()
            if len(self._norms) % _WEIGHTS_EVERY == 0:
                self._weight_norm = _norm([p.detach() for p in self.params])
            self._norms.append((step, norm, self._weight_norm))

    def samples_norm(self, step: int) -> bool:
        """Whether the norms of this step are recorded."""
        return step % self._norm_every == 0 or step == 1

    def flush(self, step: int) -> float:
        """Reads the pending losses from the device; returns the last one."""
        if self._pending:
            losses = torch.stack(self._pending).float()
            self._losses.extend((losses if self._mean is None else self._mean(losses)).tolist())
            self._pending.clear()
        now = time.perf_counter()
        if step > self._clock_step:
            self._window_seconds.append((now - self._clock) / (step - self._clock_step) / self.share)
        self._clock, self._clock_step = now, step
        return self._losses[-1]

    def epoch_mean(self, step: int, steps: int) -> float:
        """Mean training loss of the last ``steps`` steps up to ``step``."""
        self.flush(step)
        return sum(self._losses[-steps:]) / steps

    def level(self) -> tuple[float, float, float, float]:
        """First, lowest and latest loss, each a median of a few steps, and the typical step-to-step change.

        The latest is NaN if any of its losses is NaN. The change is estimated from the first losses, before anything
        can have exploded.
        """
        losses = self._losses
        if len(losses) <= _EARLY or math.isnan(self._first):
            early = losses[:_EARLY]
            self._first = median(losses[:_FIRST])
            self._change = median([abs(after - before) for before, after in pairwise(early)] or [abs(self._first)])
        recent = losses[-_RECENT:]
        last = median(recent) if all(map(math.isfinite, recent)) else math.nan
        self._lowest = min(self._lowest, last) if math.isfinite(last) else self._lowest
        return self._first, min(self._lowest, self._first), last, self._change

    def evaluated(self, step: int, result: Evaluation) -> None:
        """Adds a validation result; its time does not count as training time."""
        self._evaluations.append((step, result))
        self._clock = time.perf_counter()

    def trace(self, reason: StopReason | None, seconds: float) -> Trace:
        """The finished record."""
        done = len(self._losses)
        keep = _thin(done)
        evaluated = [result for _, result in self._evaluations]
        if self.train_evaluation is not None:
            evaluated.append(self.train_evaluation)
        metrics = [result.metric for _, result in self._evaluations]
        return Trace(
            key=self.spec.key,
            status="diverged" if reason else "finished",
            reason=reason or "",
            step=tuple(index + 1 for index in keep),
            train_loss=tuple(self._losses[index] for index in keep),
            lr=tuple(self._lr[index] for index in keep),
            momentum=tuple(self._momentum[index] for index in keep),
            norm_step=tuple(step for step, _, _ in self._norms),
            grad_norm=tuple(float(grad) for _, grad, _ in self._norms),
            weight_norm=tuple(float(weight) for _, _, weight in self._norms),
            eval_step=tuple(step for step, _ in self._evaluations),
            val_loss=tuple(result.loss for _, result in self._evaluations),
            val_metric=tuple(float(m) for m in metrics if m is not None),
            val_loss_se=self._evaluations[-1][1].standard_error if self._evaluations else math.nan,
            step_seconds=median(self._window_seconds) if self._window_seconds else math.nan,
            seconds=seconds,
            train_examples=done * self.spec.batch_size,
            eval_examples=sum(result.examples for result in evaluated),
            train_eval_loss=math.nan if self.train_evaluation is None else self.train_evaluation.loss,
            noise_scale=() if self.noise_scale is None else astuple(self.noise_scale),
            answers=self.answers.shares,
            answer_spread=self.answers.spread,
            renamed=self.answers.renamed,
        )


def _norm(tensors: list[torch.Tensor]) -> torch.Tensor:
    """Norm of all of them together; float32 on the device of the first."""
    if not tensors:
        return torch.tensor(0.0)
    dense = [item.coalesce().values() if item.is_sparse else item for item in tensors]
    each = [item.to(tensors[0].device, torch.float32) for item in torch._foreach_norm(dense)]
    total: torch.Tensor = torch.linalg.vector_norm(torch.stack(each))
    return total


def _thin(count: int) -> list[int]:
    """Indices of at most ``_MAX_POINTS`` evenly spread points, the first and last among them."""
    if count <= _MAX_POINTS:
        return list(range(count))
    return [round(i * (count - 1) / (_MAX_POINTS - 1)) for i in range(_MAX_POINTS)]
