"""The user's file as one object that probes can train."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from advisor.errors import ContractError
from advisor.probes.randomness import seed_everything
from advisor.task.data import Data
from advisor.task.losses import class_axis, prediction
from advisor.task.settings import Current

Forward = Callable[[nn.Module, Any], tuple[torch.Tensor, Any, Any]]


@dataclass(frozen=True, slots=True)
class Metric:
    """What the user judges by beside the loss.

    Attributes:
        function: ``metric(outputs, targets) -> float``, a mean over the batch.
        name: For people.
        higher_is_better: Direction.
        from_user: True if the file defines it; accuracy is recorded where it does not.
    """

    function: Callable[[Any, Any], Any]
    name: str
    higher_is_better: bool
    from_user: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Everything the contract offers, checked once.

    Attributes:
        name: Stem of the file's name.
        factory: Makes a model, or an instance whose initial weights are copied.
        train: Training data.
        val: Validation data.
        forward: ``(model, batch) -> (loss, outputs, targets)``; outputs may be None.
        metric: Or None.
        groups: ``param_groups`` of the file, or None.
        current: Settings in use.
        device: Where probes run.
        fingerprint: Hash of the user's code and data.
        inferred: Sentences about what was inferred or assumed.
    """

    name: str
    factory: Any
    train: Data
    val: Data
    forward: Forward
    metric: Metric | None
    groups: Callable[[nn.Module], list[dict[str, Any]]] | None
    current: Current
    device: torch.device
    fingerprint: str
    inferred: tuple[str, ...]

    def fresh_model(self, seed: int, keywords: dict[str, Any] | None = None) -> nn.Module:
        """A new model on the device, its initial weights drawn from ``seed``; ``keywords`` go to ``model``."""
        seed_everything(seed)
        model = make_model(self.factory, keywords).to(self.device)
        seed_everything(seed)
        return model

    def param_groups(self, model: nn.Module) -> list[Any]:
        """Parameters for the optimizer, in the user's groups if there are any."""
        if self.groups is not None:
            return list(self.groups(model))
        return [p for p in model.parameters() if p.requires_grad]

    def loss(self, model: nn.Module, batch: Any) -> torch.Tensor:
        """Scalar loss of one batch, with its graph."""
        return self.forward(model, batch)[0]

    def loss_and_metric(self, model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any]:
        """Loss and metric (None if there is none) of one batch."""
        loss, outputs, targets = self.forward(model, batch)
        if self.metric is None or outputs is None:
            return loss, None
        return loss, self.metric.function(outputs, targets)


def make_model(factory: Any, keywords: dict[str, Any] | None = None) -> nn.Module:
    """Calls the user's class or function, or copies their instance.

    Raises:
        ContractError: If that fails or gives no ``nn.Module``.
    """
    if isinstance(factory, nn.Module):
        if keywords:
            raise ContractError("model as a class or function, to vary its arguments", "an instance", "wrap it")
        return copy.deepcopy(factory)
    said = ", ".join(f"{name}={value!r}" for name, value in (keywords or {}).items())
    try:
        model = factory(**(keywords or {}))
    except Exception as error:
        raise ContractError(
            f"model({said}) to return an nn.Module" + ("" if said else " when called without arguments"),
            f"{type(error).__name__}: {error}",
            "give its arguments defaults, or wrap it: `def model(): return Net(...)`",
        ) from error
    if not isinstance(model, nn.Module):
        raise ContractError("model() to return an nn.Module", type(model).__name__, "return the module itself")
    return model


def accuracy(outputs: Any, targets: Any) -> torch.Tensor:
    """Share of integer targets hit by the largest output."""
    out = prediction(outputs)
    axis = class_axis(out, targets)
    hit: torch.Tensor = out.argmax(-1 if axis is None else axis) == targets
    return hit.float().mean()
