"""The metric beside the loss: the user's, one logged by their framework, or accuracy."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from advisor.errors import ContractError
from advisor.runtime.oom import halving, out_of_memory
from advisor.runtime.randomness import seeded
from advisor.task.data.data import Data, look
from advisor.task.step.forward import Way
from advisor.task.step.losses import IGNORED, class_axis, prediction
from advisor.task.task import Judge, Metric, accuracy

Validation = Callable[[nn.Module, Any], tuple[Any, dict[str, float]]]
_HIGHER = ("acc", "f1", "auc", "iou", "dice", "precision", "recall", "r2", "score", "map", "bleu", "hit")
_FEW = 8


def find_metric(given: Any, way: Way, model: nn.Module, train: Data) -> Metric | None:
    """The file's metric; otherwise accuracy, if targets are class numbers and the loss uses them.

    Raises:
        ContractError: If the file's metric is not a function.
    """
    if given is not None:
        if not callable(given):
            raise ContractError("metric(outputs, targets) -> float", type(given).__name__, "define it so")
        name = getattr(given, "__name__", "metric")
        return Metric(given, str(name), bool(getattr(given, "higher_is_better", True)), True)
    was = model.training
    model.eval()
    try:
        with seeded(0), torch.no_grad():
            loss, outputs, targets = halving(lambda few: way.forward(model, look(train, "train_data", few)), _FEW)
    except Exception as error:
        if out_of_memory(error):
            raise
        return None  # Reported by the inspection of the first batch with more context.
    finally:
        model.train(was)
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor) or class_axis(out, targets) is None:
        return None
    if not way.scored:
        return None
    if way.loss is None and not _is_cross_entropy(loss, out, targets):
        return None  # The model shifts or weights its targets, as causal language models do.
    return Metric(accuracy, "accuracy", True, False)


def find_judge(
    validation: Validation | None, model: nn.Module, val: Data, said: list[str]
) -> tuple[Judge | None, Metric | None]:
    """The framework's validation step as loss and metric, if it returns a loss on the first validation batch."""
    if validation is None:
        return None, None
    was = model.training
    model.eval()
    try:
        with seeded(0), torch.no_grad():
            loss, logged = validation(model, look(val, "val_data", _FEW))
    finally:
        model.train(was)
    named = [name for name in logged if "loss" in name.lower()]
    others = [name for name in logged if name not in named]
    if loss is None and not named:
        said.append("validation_step neither logs nor returns a loss: training_step's is used for validation")
        return None, None
    metric = others[0] if others else None
    about = f"validation_step's {named[0]!r}" if named else "the value returned by validation_step"
    said.append(f"validation loss: {about}" + (f"; metric: its {metric!r}" if metric else ""))

    def judge(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any]:
        value, seen = validation(model, batch)
        found = seen[named[0]] if named else value
        return torch.as_tensor(found), seen[metric] if metric else None

    if metric is None:
        return judge, None
    return judge, Metric(accuracy, metric, any(word in metric.lower() for word in _HIGHER), False)


def _is_cross_entropy(loss: torch.Tensor, out: torch.Tensor, targets: torch.Tensor) -> bool:
    axis = class_axis(out, targets)
    assert axis is not None
    valid = targets[targets != IGNORED]
    if valid.numel() and not 0 <= int(valid.min()) <= int(valid.max()) < out.shape[axis]:
        return False  # The loss uses another ignore_index.
    expected = F.cross_entropy(out.float().movedim(axis, 1), targets, ignore_index=IGNORED)
    return torch.allclose(loss.float(), expected, rtol=1e-3, atol=1e-4)
