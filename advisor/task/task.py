"""The user's file as one trainable object."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.distributions import TransformedDistribution
from torch.nn.parameter import UninitializedParameter

from advisor.config.settings import Current
from advisor.errors import ContractError
from advisor.records.spec import Keywords
from advisor.runtime.randomness import seed_everything
from advisor.task.data.data import Data
from advisor.task.step.forward import Forward, Way
from advisor.task.step.hooks import Hook
from advisor.task.step.losses import IGNORED, Loss, class_axis, prediction

Judge = Callable[[nn.Module, Any], tuple[torch.Tensor, Any]]


@dataclass(frozen=True, slots=True)
class Metric:
    """The metric beside the loss.

    Attributes:
        function: ``metric(outputs, targets) -> float``, a mean over the batch.
        name: Display name.
        higher_is_better: Direction of improvement.
        from_user: Whether the file defines it; otherwise accuracy is recorded.
    """

    function: Callable[[Any, Any], Any]
    name: str
    higher_is_better: bool
    from_user: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Everything the contract provides, validated.

    Attributes:
        name: Stem of the file's name.
        factory: Creates a model, or is an instance whose initial weights are copied.
        train: Training data.
        val: Validation data.
        way: The path from a batch to its loss.
        metric: The metric, or None.
        groups: ``param_groups`` of the file, or None.
        current: Current settings.
        device: The device that probes run on.
        fingerprint: Hash of the user's code and data.
        inferred: Sentences about what was inferred or assumed.
        piece: Maximum examples of one forward pass; a larger step accumulates. None: the whole step.
        before_epoch: Called before each epoch, or None.
        after_step: Called after each optimizer step, or None.
        judge: ``(model, batch) -> (loss, metric)`` on validation data if it differs from the training loss; or None.
    """

    name: str
    factory: Any
    train: Data
    val: Data
    way: Way
    metric: Metric | None
    groups: Callable[[nn.Module], list[Keywords]] | None
    current: Current
    device: torch.device
    fingerprint: str
    inferred: tuple[str, ...]
    piece: int | None = None
    before_epoch: Hook | None = None
    after_step: Hook | None = None
    judge: Judge | None = None

    @property
    def forward(self) -> Forward:
        """``(model, batch) -> (loss, outputs, targets)``; outputs may be None."""
        return self.way.forward

    @property
    def criterion(self) -> Loss | None:
        """``loss(outputs, targets)``; None if the model or ``training_step`` computes the loss."""
        return self.way.loss

    def targets(self, batch: Any) -> Any:
        """Targets of a batch; None if they are not visible."""
        return None if self.way.call is None else self.way.call.targets(batch)

    def fresh_model(self, seed: int, keywords: Keywords | None = None) -> nn.Module:
        """A new model on the device, its initial weights drawn from ``seed``; ``keywords`` go to ``model``."""
        seed_everything(seed)
        model = make_model(self.factory, keywords).to(self.device)
        if is_lazy(model):
            with torch.no_grad():
                self.forward(model.eval(), self.train.take(range(min(2, self.train.size))))
            model.train()
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
        if self.judge is not None:
            return self.judge(model, batch)
        loss, outputs, targets = self.forward(model, batch)
        if self.metric is None or outputs is None:
            return loss, None
        return loss, self.metric.function(outputs, targets)


def make_model(factory: Any, keywords: Keywords | None = None) -> nn.Module:
    """Calls the user's class or function, or copies their instance.

    Raises:
        ContractError: If that fails or does not give an ``nn.Module``.
    """
    if isinstance(factory, nn.Module):
        if keywords:
            raise ContractError("model as a class or function, to vary its arguments", "an instance", "wrap it")
        return copied(factory)
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


def copied(model: nn.Module) -> nn.Module:
    """A deep copy, also of a model that keeps computed tensors (as ``weight_norm`` does) among its attributes.

    Inverses of transforms, as distributions hold them, lose what they invert in a copy: it is copied and inverted.
    """
    memo: dict[int, Any] = {}
    for module in model.modules():
        for value in vars(module).values():
            for tensor in value if isinstance(value, list) else [value]:  # Recurrent layers list their weights.
                if isinstance(tensor, torch.Tensor) and not tensor.is_leaf:
                    memo[id(tensor)] = tensor.detach().clone()
            if isinstance(value, TransformedDistribution):
                for transform in value.transforms:
                    if type(transform).__name__ == "_InverseTransform":
                        memo[id(transform)] = copy.deepcopy(transform.inv, memo).inv
    return copy.deepcopy(model, memo)


def is_lazy(model: nn.Module) -> bool:
    """Whether the model has uninitialised lazy parameters."""
    return any(isinstance(p, UninitializedParameter) for p in model.parameters())


def about_model(model: nn.Module) -> list[str]:
    """Remarks about its parameters: lazy, frozen or shared ones."""
    if is_lazy(model):
        return ["lazy modules get their shapes from the first batch"]
    said = []
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    total = sum(p.numel() for p in model.parameters())
    if 0 < frozen < total:
        said.append(f"{frozen:,} of {total:,} weights are frozen and stay frozen")
    names: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    said.extend(f"{' and '.join(shared)} are one tensor" for shared in names.values() if len(shared) > 1)
    return said


def accuracy(outputs: Any, targets: Any) -> torch.Tensor:
    """Share of integer targets predicted by the largest output; ignored targets do not count."""
    out = prediction(outputs)
    axis = class_axis(out, targets)
    predicted = out.argmax(-1 if axis is None else axis)
    hit: torch.Tensor = (predicted == targets.reshape(predicted.shape)).float()
    counts = (targets.reshape(predicted.shape) != IGNORED).float()
    share: torch.Tensor = (hit * counts).sum() / counts.sum().clamp_min(1)
    return share
