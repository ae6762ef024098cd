"""Checks on one batch that model, data, loss and settings fit together, before anything is spent."""

import math
from typing import Any

import torch
from torch import nn

from advisor.config.build_optimizer import build_optimizer
from advisor.config.build_scheduler import build_scheduler
from advisor.errors import ContractError
from advisor.records.task import Shapes
from advisor.task.data.batches import described, tensors_in
from advisor.task.data.data import Data, look
from advisor.task.step.forward import check_classes
from advisor.task.step.losses import class_axis, prediction
from advisor.task.task import Task

_LOOK = 64
_FEWEST = 8


def inspect_task(task: Task) -> Shapes:
    """Runs model and loss on the first examples of both data sets.

    Raises:
        AdvisorError: If there is nothing to train, data are not finite or do not fit, the loss or the metric is not
            a scalar, or optimizer and schedule cannot be created from the settings.
    """
    model = task.fresh_model(0)
    if not any(p.requires_grad for p in model.parameters()):
        count = sum(p.numel() for p in model.parameters())
        raise ContractError(
            "a model with trainable parameters",
            f"{count} parameters, none of which requires a gradient" if count else "a model without parameters",
            "unfreeze a layer (requires_grad_(True)) or add one",
        )
    _check_optimizer(task, model)
    for name, data in (("train_data", task.train), ("val_data", task.val)):
        _check_finite(data, name)
    shapes = _check_batch(task, model, task.train, "train_data")
    _check_batch(task, model, task.val, "val_data")
    return shapes


def _check_optimizer(task: Task, model: nn.Module) -> None:
    wanted = "param_groups(model) -> list of dicts, as torch optimizers take them"
    try:
        groups = task.param_groups(model)
    except Exception as error:
        raise ContractError(wanted, f"{type(error).__name__}: {error}", "correct the function") from error
    if not groups:
        raise ContractError(wanted, "an empty list", "put the parameters to train into it")
    config = task.current.config
    optimizer = build_optimizer(groups, config.optimizer)
    build_scheduler(optimizer, config.schedule, max(1, task.train.size // config.batch_size) * config.epochs)


def _check_finite(data: Data, name: str) -> None:
    tensors = getattr(data, "tensors", None)
    batch = tensors if tensors is not None else look(data, name, _LOOK)
    for position, tensor in enumerate(tensors_in(batch)):
        if not (tensor.is_floating_point() or tensor.is_complex()):
            continue
        bad = ~torch.isfinite(tensor)
        if bool(bad.any()):
            first = int(bad.flatten(1).any(1).nonzero()[0]) if tensor.ndim > 1 else int(bad.nonzero()[0])
            raise ContractError(
                f"finite numbers in {name}",
                f"{int(bad.sum())} NaN or infinite values (part {position}, first in example {first})",
                "clean or impute the data before training",
            )


def _check_batch(task: Task, model: nn.Module, data: Data, name: str) -> Shapes:
    batch = look(data, name, min(_LOOK, max(_FEWEST, task.current.config.batch_size)))
    model.train(data.size > 1)
    _check_targets(task, model, data, batch, name)
    loss, outputs, targets = _try_forward(task, model, batch, name)
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
        found = f"shape {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else type(loss).__name__
        raise ContractError("a loss that is one number (a scalar tensor)", found, "reduce it, for example with .mean()")
    _check_metric(task, outputs, targets)
    out = prediction(outputs)
    seen = isinstance(out, torch.Tensor) and isinstance(targets, torch.Tensor)
    axis = class_axis(out, targets) if seen and task.way.scored else None
    first = next(tensors_in(batch), None)
    kind = "other"
    if seen:
        kind = "classes" if axis is not None else "real" if targets.is_floating_point() else "other"
    return Shapes(
        inputs=tuple(first.shape[1:]) if first is not None else (),
        outputs=tuple(out.shape[1:]) if isinstance(out, torch.Tensor) else (),
        classes=int(out.shape[axis]) if axis is not None else None,
        targets=kind,
        loss=float(loss.detach()) if math.isfinite(float(loss.detach())) else math.nan,
    )


def _check_metric(task: Task, outputs: Any, targets: Any) -> None:
    if task.metric is None or outputs is None:
        return
    wanted = "a metric(outputs, targets) that gives one number"
    try:
        with torch.no_grad():
            value = task.metric.function(outputs, targets)
    except Exception as error:
        raise ContractError(wanted, f"{type(error).__name__}: {error}", "correct the function") from error
    shape = getattr(value, "shape", ())
    if math.prod(shape) != 1:
        raise ContractError(wanted, f"shape {tuple(shape)}", "reduce it, for example with .mean()")
    try:
        float(value)
    except (TypeError, ValueError) as error:
        raise ContractError(wanted, type(value).__name__, "return a float") from error


def _check_targets(task: Task, model: nn.Module, data: Data, batch: Any, name: str) -> None:
    """Checks for integer targets outside the classes, which would abort a GPU, before the loss is called."""
    targets = task.targets(batch)
    if not isinstance(targets, torch.Tensor) or targets.is_floating_point() or targets.dtype == torch.bool:
        return
    if not task.way.scored:
        return
    assert task.way.call is not None
    try:
        with torch.no_grad():
            outputs = task.way.call(model, batch)[0]
    except Exception:
        return  # Reported by _try_forward, with the loss's own message.
    check_classes(outputs, targets, data, name, task.criterion)


def _try_forward(task: Task, model: nn.Module, batch: Any, name: str) -> tuple[torch.Tensor, Any, Any]:
    try:
        return task.forward(model, batch)
    except ContractError:
        raise
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else ""
        raise ContractError(
            f"{name} that fits model and loss",
            f"{type(error).__name__}: {message} (batch: {described(batch)})",
            "make the shapes and types of data, model and loss match",
        ) from error
