"""Checks of modules: batch norms and their uses, frozen heads, strong dropout, half precision, unregistered weights."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from advisor.probes.preflight.layers import WEIGHTED
from advisor.records.looks import NormLook

_DEEP = 3
_LEAF = "AccumulateGrad"


class NormWatch:
    """Hooks one forward pass in training mode: the inputs of each batch norm."""

    def __init__(self, model: nn.Module) -> None:
        self._seen: dict[str, tuple[_BatchNorm, bool, list[tuple[torch.Tensor, torch.Tensor]]]] = {}
        norms = [(name, module) for name, module in model.named_modules() if isinstance(module, _BatchNorm)]
        self._hooks = [module.register_forward_pre_hook(self._hook(name)) for name, module in norms]

    def _hook(self, name: str) -> Any:
        def before(module: _BatchNorm, inputs: Any) -> None:
            values = inputs[0].detach().float()
            if not (module.training and module.track_running_stats and values.ndim > 1):
                return
            batches = module.num_batches_tracked
            entry = self._seen.setdefault(name, (module, batches is not None and int(batches) == 0, []))
            axes = [axis for axis in range(values.ndim) if axis != 1]
            entry[2].append((values.mean(axes), values.var(axes)))

        return before

    def close(self) -> None:
        """Removes the hooks."""
        for hook in self._hooks:
            hook.remove()

    def looks(self) -> tuple[NormLook, ...]:
        """One for each batch norm that was called."""
        return tuple(
            NormLook(
                name, len(uses), *_apart(uses), math.nan if module.momentum is None else float(module.momentum), fresh
            )
            for name, (module, fresh, uses) in self._seen.items()
        )


def _apart(uses: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, float]:
    """The largest distance between the first use and another."""
    mean, spread = 0.0, 0.0
    for other_mean, other_var in uses[1:]:
        first_mean, first_var = uses[0]
        shared = ((first_var + other_var) / 2).sqrt().clamp_min(1e-12)
        mean = max(mean, float(((first_mean - other_mean).abs() / shared).median()))
        ratio = (first_var.clamp_min(1e-12) / other_var.clamp_min(1e-12)).log().abs()
        spread = max(spread, float(ratio.median()))
    return mean, spread


def frozen_head(model: nn.Module, order: list[str]) -> str:
    """Name of the weighted layer that was called last, if its weights are frozen while others are trained.

    Args:
        model: The model.
        order: Names of layers as a batch reaches them; those without a gradient, as of a slow copy, left out.
    """
    modules = dict(model.named_modules())
    weighted = [name for name in order if isinstance(modules.get(name), WEIGHTED)]
    if not weighted or not any(p.requires_grad for p in model.parameters()):
        return ""
    last = list(modules[weighted[-1]].parameters())
    return weighted[-1] if last and not any(p.requires_grad for p in last) else ""


def strongest_dropout(model: nn.Module) -> tuple[str, float]:
    """Name and probability of the module with the largest dropout."""
    found = [(float(module.p), name) for name, module in model.named_modules() if isinstance(module, _DropoutNd)]
    return (max(found)[1], max(found)[0]) if found else ("", 0.0)


def half_weights(model: nn.Module) -> float:
    """Share of trainable weights in float16."""
    counts = [(p.numel(), p.dtype == torch.float16) for p in model.parameters() if p.requires_grad]
    total = sum(count for count, _ in counts)
    return sum(count for count, half in counts if half) / total if total else 0.0


def outside(model: nn.Module, loss: torch.Tensor, criterion: Any) -> tuple[str, ...]:
    """Weights that the loss depends on and that are attributes of model or loss, but not in ``parameters()``.

    Args:
        model: The model.
        loss: A loss with its graph.
        criterion: The loss function, whose own weights count.
    """
    ours = {id(p) for p in model.parameters()}
    used = {id(leaf) for leaf in _leaves(loss)} - ours
    if not used:
        return ()
    held: dict[int, str] = {}
    for prefix, module in model.named_modules():
        for name, value in vars(module).items():
            if not name.startswith("_"):
                for path, tensor in _tensors(value, f"{prefix}.{name}" if prefix else name, _DEEP):
                    held.setdefault(id(tensor), path)
    if isinstance(criterion, nn.Module):
        held |= {id(p): f"loss.{name}" for name, p in criterion.named_parameters()}
    return tuple(path for key, path in held.items() if key in used)


def _leaves(loss: torch.Tensor) -> Iterator[torch.Tensor]:
    seen: set[Any] = set()
    stack: list[Any] = [loss.grad_fn]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if _LEAF in node.name():
            yield node.variable
        stack.extend(parent for parent, _ in node.next_functions)


def _tensors(value: Any, path: str, deep: int) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield path, value
    elif isinstance(value, nn.Module):
        for name, parameter in value.named_parameters():
            yield f"{path}.{name}", parameter
    elif deep and isinstance(value, dict):
        for key, item in value.items():
            yield from _tensors(item, f"{path}[{key!r}]", deep - 1)
    elif deep and isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _tensors(item, f"{path}[{index}]", deep - 1)
