"""Two things that make a loss look better than the model is: a column that holds the answer, padding that counts."""

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.runtime.randomness import seeded
from advisor.task.step.losses import prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_ROWS, _A_CLASS, _DISTINCT = 50, 8, 10
_SAME = 1.0 - 1e-7
"""Correlation above which a column is the target, but for its scale: rounding alone stays above it in float32."""
_LEAST_LENGTH, _LENGTHS = 8, 3
_ELSEWHERE = 0.01


def telling_column(inputs: Any, targets: Any) -> int:
    """Number of the column of a table that gives a single target away; -1 where none does, or it is no table.

    Args:
        inputs: Of shape (N, columns).
        targets: Of shape (N,) or (N, 1): a number, or a class.
    """
    if not (isinstance(inputs, torch.Tensor) and isinstance(targets, torch.Tensor)) or inputs.ndim != 2:
        return -1
    rows, columns = inputs.shape
    if rows < _ROWS or columns < 2 or targets.numel() != rows:
        return -1
    table, answer = inputs.double(), targets.flatten().double()
    if not bool(torch.isfinite(table).all() and torch.isfinite(answer).all()):
        return -1
    values, place, counts = torch.unique(answer, return_inverse=True, return_counts=True)
    if len(values) <= rows // _A_CLASS and int(counts.min()) >= _A_CLASS:
        return _tells_classes(table, place, len(values))
    if len(values) < _DISTINCT:
        return -1
    table, answer = table - table.mean(0), answer - answer.mean()
    sizes = table.norm(dim=0) * answer.norm()
    alike = torch.where(sizes > 0, (table.T @ answer).abs() / sizes.clamp_min(1e-300), torch.zeros_like(sizes))
    return int(alike.argmax()) if float(alike.max()) > _SAME else -1


def _tells_classes(table: torch.Tensor, place: torch.Tensor, classes: int) -> int:
    """First of the columns that are constant within each class, where these tell all classes apart; -1 if not."""
    if classes < 2:
        return -1
    first = torch.stack([table[place == index][0] for index in range(classes)])
    level = (table == first[place]).all(0)
    telling = level & (first != first[0]).any(0)
    if not bool(telling.any()):
        return -1
    return int(telling.nonzero()[0]) if len(torch.unique(first[:, telling], dim=0)) == classes else -1


def padding(task: "Task", model: nn.Module, batch: Any) -> tuple[float, float]:
    """Share of the targets that are padding, and of the loss's gradient that it takes; NaN where there is none.

    Padding is what all rows of the inputs end in, to different lengths, where the target is one and the same value.

    Args:
        task: The task.
        model: A model of it.
        batch: Sequences of shape (N, T, ...), with a target for each place.
    """
    nothing = (math.nan, math.nan)
    if not isinstance(batch, (tuple, list)) or len(batch) < 2 or task.way.call is None:
        return nothing
    inputs, targets = batch[0], task.targets(batch)
    if not (isinstance(inputs, torch.Tensor) and isinstance(targets, torch.Tensor)) or targets.is_floating_point():
        return nothing
    if targets.ndim != 2 or inputs.shape[:2] != targets.shape or targets.shape[1] < _LEAST_LENGTH:
        return nothing
    padded = _tail(inputs, targets)
    if padded is None:
        return nothing
    model.train()
    with seeded(0), torch.enable_grad():
        loss, outputs, _ = task.forward(model, batch)
        out = prediction(outputs)
        gradient = torch.autograd.grad(loss, out)[0].abs()
    if gradient.ndim == 3 and gradient.shape[:2] != targets.shape:
        gradient = gradient.transpose(1, 2)  # (N, classes, T)
    if gradient.shape[:2] != targets.shape:
        return nothing
    weight = gradient.flatten(2).sum(2) if gradient.ndim > 2 else gradient
    return float(padded.float().mean()), float(weight[padded].sum() / weight.sum().clamp_min(1e-30))


def _tail(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor | None:
    """Places at the end of the rows that are padding, as a mask (N, T); None where no padding is recognised."""
    entries = inputs.flatten(2) if inputs.ndim > 2 else inputs[:, :, None]
    shortest = (entries == entries[:, -1:]).all(2).sum(1).argmax()
    filler = (entries == entries[shortest, -1]).all(2)
    tail = filler.flip(1).cumprod(1).flip(1).bool()
    lengths = torch.unique(tail.sum(1))
    if len(lengths) < _LENGTHS or float((filler & ~tail).float().mean()) > _ELSEWHERE:
        return None
    answer = targets[tail]
    return tail if bool((answer == answer[0]).all()) and bool((targets != answer[0]).any()) else None
