"""The weights of several models of one class in a matrix, one row per model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.func import vmap

Call = Callable[[nn.Module, Any], Any]


class CannotStack(Exception):
    """The reason why these models cannot be trained as one."""


@dataclass(frozen=True, slots=True)
class Column:
    """Position of a parameter in the rows."""

    name: str
    start: int
    end: int
    shape: torch.Size


class Stack:
    """Owns the weights; the models' own parameters and buffers become views into it.

    Args:
        models: K models with equal names and shapes.
        groups: Names of the trained parameters, by optimizer group.
        changing: Names of the buffers that training changes. Everything else is equal for all models, and shared.

    Attributes:
        rows: All trained weights, (K, D), group after group.
        bounds: First and last column of each group.

    Raises:
        CannotStack: If weights have different dtypes or devices.
    """

    def __init__(self, models: Sequence[nn.Module], groups: Sequence[Sequence[str]], changing: Sequence[str]) -> None:
        self.models = list(models)
        self._whole = models[0]
        parameters = dict(self._whole.named_parameters())
        trained = [name for names in groups for name in names]
        kinds = {(parameters[name].dtype, parameters[name].device) for name in trained}
        if len(kinds) != 1:
            raise CannotStack("weights of several types or devices")
        self._columns: list[Column] = []
        self.bounds: list[tuple[int, int]] = []
        width = 0
        for names in groups:
            start = width
            for name in names:
                shape = parameters[name].shape
                self._columns.append(Column(name, width, width + shape.numel(), shape))
                width += shape.numel()
            self.bounds.append((start, width))
        each = [dict(model.named_parameters()) for model in models]
        flat = [torch.cat([own[name].detach().reshape(-1) for name in trained]) for own in each]
        self.rows = torch.stack(flat)
        own_buffers = [dict(model.named_buffers()) for model in models]
        self._buffers = {name: torch.stack([own[name] for own in own_buffers]) for name in changing}
        self._holders = _holders(self._whole, [*trained, *changing])
        self._point()

    def keep(self, indices: Sequence[int]) -> None:
        """Keeps only these models in the stack and drops the others' weights."""
        index = torch.tensor(indices, device=self.rows.device)
        self.rows = self.rows[index]
        self._buffers = {name: buffer[index] for name, buffer in self._buffers.items()}
        self.models = [self.models[i] for i in indices]
        self._point()

    def call(self, function: Call, batch: Any) -> Any:
        """``function(model, batch)`` for all models at once: its tensors with a leading dimension K.

        Random numbers are drawn as for one model, so that all models use the same ones, as in separate runs.
        """

        def one(*tensors: torch.Tensor) -> Any:
            for holders, tensor in zip(self._holders, tensors, strict=True):
                for holder, name in holders:
                    holder[name] = tensor
            return function(self._whole, batch)

        own = [[holder[name] for holder, name in holders] for holders in self._holders]
        try:
            return vmap(one, randomness="same")(*self._leaves, *self._buffers.values())
        finally:
            for holders, tensors in zip(self._holders, own, strict=True):
                for (holder, name), tensor in zip(holders, tensors, strict=True):
                    holder[name] = tensor

    def gradient(self, losses: torch.Tensor) -> torch.Tensor:
        """Gradient of each model's loss (K,) with respect to its weights, (K, D).

        Raises:
            CannotStack: If a weight has no gradient, because the model does not use it or uses a copy of it.
        """
        grads = torch.autograd.grad(losses.sum(), self._leaves, allow_unused=True)
        if any(grad is None for grad in grads):
            raise CannotStack("weights that get no gradient")
        return torch.cat([grad.reshape(len(self.models), -1) for grad in grads], dim=1)

    def _point(self) -> None:
        """Creates autograd leaves and points every model to its row."""
        views = [self.rows[:, column.start : column.end] for column in self._columns]
        shapes = [(len(self.models), *column.shape) for column in self._columns]
        self._leaves = [view.view(shape).detach().requires_grad_() for view, shape in zip(views, shapes, strict=True)]
        for index, model in enumerate(self.models):
            own = dict(model.named_parameters())
            for column in self._columns:
                own[column.name].data = self.rows[index, column.start : column.end].view(column.shape)
            for name, buffer in self._buffers.items():
                path, _, last = name.rpartition(".")
                model.get_submodule(path)._buffers[last] = buffer[index]


def _holders(model: nn.Module, names: Sequence[str]) -> list[list[tuple[dict[str, Any], str]]]:
    """For each parameter or buffer the module dictionaries that hold it: several, if it is shared."""
    places: dict[int, list[tuple[dict[str, Any], str]]] = {}
    for module in model.modules():
        for holder in (module._parameters, module._buffers):
            for name, tensor in holder.items():
                if tensor is not None:
                    places.setdefault(id(tensor), []).append((holder, name))
    own = dict(model.named_parameters()) | dict(model.named_buffers())
    return [places[id(own[name])] for name in names]
