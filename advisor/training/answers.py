"""Predictions of a trained model on validation examples: shares of the classes, and spread of the outputs."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from advisor.runtime.oom import out_of_memory
from advisor.runtime.randomness import seeded
from advisor.task.step.losses import class_axis, prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_EXAMPLES, _CHUNK, _CLASSES = 512, 256, 200


@dataclass(frozen=True, slots=True)
class Answers:
    """Predictions of a trained model on validation examples.

    Attributes:
        shares: Share of predictions for each class, by class number; empty if targets are not classes.
        spread: Standard deviation of the outputs relative to that of the targets; NaN unless these are real numbers of
            the outputs' shape.
        renamed: Share of correct predictions, and that after the best renaming of the classes; empty without classes.
    """

    shares: tuple[float, ...] = ()
    spread: float = math.nan
    renamed: tuple[float, ...] = ()


def answers(task: "Task", model: nn.Module) -> Answers:
    """What a model predicts on up to 512 validation examples; nothing if its outputs are not visible."""
    if task.way.call is None:
        return Answers()
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with seeded(0), torch.no_grad():
            outs, targets = [], []
            for batch, _ in task.val.subset_batches(min(_EXAMPLES, task.val.size), _CHUNK):
                outputs, wanted = task.way.call(model, batch)
                outs.append(prediction(outputs).float())
                targets.append(wanted)
            return _read(torch.cat(outs), torch.cat(targets), task.way.scored)
    except Exception as error:
        if out_of_memory(error):
            raise
        return Answers()
    finally:
        for module, mode in modes:
            module.training = mode


def _read(out: torch.Tensor, targets: torch.Tensor, scored: bool) -> Answers:
    if class_axis(out, targets) is not None:
        if out.ndim != 2 or not scored:
            return Answers()
        counts = torch.bincount(out.argmax(1), minlength=out.shape[1]).double()
        return Answers(tuple((counts / counts.sum()).tolist()), renamed=_renamed(out, targets))
    if out.numel() != targets.numel():
        return Answers()
    real = targets.float()
    if bool(((real == 0) | (real == 1)).all()):
        if out.numel() != len(out):
            return Answers()
        probabilities = bool(((out >= 0) & (out <= 1)).all())
        yes = float((out > (0.5 if probabilities else 0.0)).float().mean())
        return Answers((1.0 - yes, yes))
    spread = float(real.std(0).mean())
    return Answers(spread=float(out.std(0).mean()) / spread if spread > 0 else math.nan)


def _renamed(out: torch.Tensor, targets: torch.Tensor) -> tuple[float, ...]:
    """Share of correct predictions, and that after renaming: the most frequent pairs of classes first."""
    classes = out.shape[1]
    if classes > _CLASSES:
        return ()
    inside = (targets >= 0) & (targets < classes)
    pairs = torch.bincount(classes * out.argmax(1)[inside] + targets[inside].long(), minlength=classes**2)
    table = pairs.view(classes, classes).double()
    total, right, renamed = float(table.sum()), float(table.trace()), 0.0
    for _ in range(classes):
        row, column = divmod(int(table.argmax()), classes)
        renamed += float(table[row, column])
        table[row], table[:, column] = -1.0, -1.0
    return right / max(1.0, total), renamed / max(1.0, total)
