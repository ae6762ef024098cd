"""Validation loss and metric of a model on a fixed subset, without side effects on the training run."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.runtime.gradients import without_gradients
from advisor.runtime.oom import halving
from advisor.runtime.randomness import seeded

if TYPE_CHECKING:
    from advisor.task.data.data import Data
    from advisor.task.task import Task

Judge = Callable[[nn.Module, Any], tuple[torch.Tensor, Any]]
_CHUNKS = 8
_LARGEST_BATCH = 500
_EVAL_SEED = 20180326


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation on the validation data.

    Attributes:
        loss: Mean loss per example.
        standard_error: Standard error of that mean, from the spread between chunks; NaN with one chunk.
        metric: Mean metric per example, or None.
        examples: Number of evaluated examples.
    """

    loss: float
    standard_error: float
    metric: float | None
    examples: int


def evaluate(task: "Task", model: nn.Module, data: "Data", examples: int, batch_size: int) -> Evaluation:
    """Evaluates in eval mode under a fixed seed; training mode and random state are restored.

    Args:
        task: Provides the loss and the metric.
        model: The model.
        data: The data.
        examples: Size of the fixed subset (the same subset for every call with the same size).
        batch_size: Training batch size; evaluation uses an eighth of the examples at a time, at most 500 or
            ``batch_size`` where that is larger, and less where memory runs out.
    """
    return halving(
        lambda size: _evaluate(task.loss_and_metric, model, data, examples, size)[0], _chunk(examples, batch_size)
    )


def evaluate_rows(judge: Judge, model: nn.Module, data: "Data", examples: int, batch_size: int) -> list[Evaluation]:
    """Evaluates several models at once.

    Args:
        judge: ``(model, batch) -> (losses, metrics)``, both of shape (K,); or no metrics.
        model: One model, whose training mode stands for all.
        data: As in ``evaluate``.
        examples: As in ``evaluate``.
        batch_size: As in ``evaluate``.
    """
    return _evaluate(judge, model, data, examples, _chunk(examples, batch_size))


def evaluate_whole(task: "Task", model: nn.Module, data: "Data", examples: int) -> Evaluation:
    """Evaluates in one batch, whatever memory that takes.

    Raises:
        Exception: Any error of the user's code, including out of memory.
    """
    return _evaluate(task.loss_and_metric, model, data, examples, examples)[0]


def _chunk(examples: int, batch_size: int) -> int:
    return max(1, min(max(_LARGEST_BATCH, batch_size), math.ceil(examples / _CHUNKS)))


def _evaluate(judge: Judge, model: nn.Module, data: "Data", examples: int, chunk: int) -> list[Evaluation]:
    modes = [(module, module.training) for module in model.modules()]
    losses: list[torch.Tensor] = []
    metrics: list[Any] = []
    counts: list[int] = []
    model.eval()
    try:
        with seeded(_EVAL_SEED):
            for batch, count in data.subset_batches(examples, chunk):
                loss, metric = without_gradients(partial(judge, model, batch))
                losses.append(loss.detach().float())
                counts.append(count)
                if metric is not None:
                    metrics.append(metric)
    finally:
        for module, mode in modes:
            module.training = mode
    columns = zip(*torch.stack(losses).reshape(len(losses), -1).tolist(), strict=True)
    seen = zip(*map(_numbers, metrics), strict=True) if metrics else repeat(None)
    return [_evaluation(values, metric, counts) for values, metric in zip(columns, seen, strict=False)]


def _numbers(metric: Any) -> list[float]:
    """One metric per model."""
    return metric.reshape(-1).tolist() if isinstance(metric, torch.Tensor) else [float(metric)]


def _evaluation(values: Sequence[float], metrics: Sequence[float] | None, counts: list[int]) -> Evaluation:
    total = sum(counts)
    mean = sum(value * count for value, count in zip(values, counts, strict=True)) / total
    spread = math.nan
    if len(values) > 1:
        variance = sum(n * (v - mean) ** 2 for v, n in zip(values, counts, strict=True)) / total
        spread = math.sqrt(variance / (len(values) - 1))
    metric = None if metrics is None else sum(m * n for m, n in zip(metrics, counts, strict=True)) / total
    return Evaluation(mean, spread, metric, total)
