"""Predictions of a trained model on validation examples: shares of the classes, and spread of the outputs."""

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from advisor.runtime.oom import out_of_memory
from advisor.runtime.randomness import seeded
from advisor.task.step.losses import class_axis, prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_EXAMPLES, _CHUNK = 512, 256
_NOTHING: tuple[tuple[float, ...], float] = ((), math.nan)


def answers(task: "Task", model: nn.Module) -> tuple[tuple[float, ...], float]:
    """Shares of the predicted classes, and the spread of the outputs relative to that of real targets.

    Returns:
        The shares by class number (empty if targets are not classes), and the ratio of standard deviations (NaN if
        targets are not real numbers of the outputs' shape). Both are empty if outputs are not visible.
    """
    if task.way.call is None:
        return _NOTHING
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
        return _NOTHING
    finally:
        for module, mode in modes:
            module.training = mode


def _read(out: torch.Tensor, targets: torch.Tensor, scored: bool) -> tuple[tuple[float, ...], float]:
    if class_axis(out, targets) is not None:
        if out.ndim != 2 or not scored:
            return _NOTHING
        counts = torch.bincount(out.argmax(1), minlength=out.shape[1]).double()
        return tuple((counts / counts.sum()).tolist()), math.nan
    if out.numel() != targets.numel():
        return _NOTHING
    real = targets.float()
    if bool(((real == 0) | (real == 1)).all()):
        if out.numel() != len(out):
            return _NOTHING
        probabilities = bool(((out >= 0) & (out <= 1)).all())
        yes = float((out > (0.5 if probabilities else 0.0)).float().mean())
        return (1.0 - yes, yes), math.nan
    spread = float(real.std(0).mean())
    return (), float(out.std(0).mean()) / spread if spread > 0 else math.nan
