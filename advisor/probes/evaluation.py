"""Validation loss and metric of a model on a fixed subset, without leaving a mark on the training run."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from advisor.probes.memory import halving
from advisor.probes.randomness import seeded

if TYPE_CHECKING:
    from advisor.task.data import Data
    from advisor.task.task import Task

_CHUNKS = 8
_LARGEST_BATCH = 500
_EVAL_SEED = 20180326


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look at the validation data.

    Attributes:
        loss: Mean loss per example.
        standard_error: Standard error of that mean, from the spread between chunks; NaN with one chunk.
        metric: Mean metric per example, or None.
        examples: Examples looked at.
    """

    loss: float
    standard_error: float
    metric: float | None
    examples: int


def evaluate(task: "Task", model: nn.Module, data: "Data", examples: int, batch_size: int) -> Evaluation:
    """Evaluates in eval mode under a fixed seed; training mode and random state are put back.

    Args:
        task: Gives the loss and the metric.
        model: The model.
        data: What to evaluate on.
        examples: Size of the fixed subset (the same for every call with the same size).
        batch_size: Training batch size; evaluation uses at least that much and at most 500 where larger, and less
            where memory runs out.
    """
    chunk = max(1, min(max(_LARGEST_BATCH, batch_size), math.ceil(examples / _CHUNKS)))
    return halving(lambda size: _evaluate(task, model, data, examples, size), chunk)


def evaluate_whole(task: "Task", model: nn.Module, data: "Data", examples: int) -> Evaluation:
    """The same in one batch, whatever memory that takes.

    Raises:
        Exception: What the user's code raises; running out of memory, too.
    """
    return _evaluate(task, model, data, examples, examples)


def _evaluate(task: "Task", model: nn.Module, data: "Data", examples: int, chunk: int) -> Evaluation:
    modes = [(module, module.training) for module in model.modules()]
    losses: list[torch.Tensor] = []
    metrics: list[torch.Tensor | float] = []
    counts: list[int] = []
    model.eval()
    try:
        with seeded(_EVAL_SEED), torch.no_grad():
            for batch, count in data.subset_batches(examples, chunk):
                loss, metric = task.loss_and_metric(model, batch)
                losses.append(loss.detach().float())
                counts.append(count)
                if metric is not None:
                    metrics.append(metric)
    finally:
        for module, mode in modes:
            module.training = mode
    values = torch.stack(losses).tolist()
    total = sum(counts)
    mean = sum(value * count for value, count in zip(values, counts, strict=True)) / total
    spread = math.nan
    if len(values) > 1:
        variance = sum(n * (v - mean) ** 2 for v, n in zip(values, counts, strict=True)) / total
        spread = math.sqrt(variance / (len(values) - 1))
    metric_mean = sum(float(m) * n for m, n in zip(metrics, counts, strict=True)) / total if metrics else None
    return Evaluation(mean, spread, metric_mean, total)
