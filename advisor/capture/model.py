"""The trained modules, in their state before the first step."""

import contextlib
import inspect
import types
from typing import Any

import torch
from torch import nn

from advisor.capture.events import Seen
from advisor.records.spec import Keywords

_BY_GROUP = ("weight_decay", "momentum", "betas")
_WRAPPERS = ("lightning.", "lightning_fabric.", "accelerate.", "torch.nn.parallel")
_IN_SETTINGS = (
    *("params", "lr", "weight_decay", "momentum", "betas", "nesterov"),
    *("foreach", "fused", "capturable", "differentiable"),
)
"""Keywords that are settings, and keywords that only affect how a step is computed."""


def trained(seen: Seen) -> list[nn.Module]:
    """The script's modules that hold all weights of its optimizer, in their state before the first step.

    One module if one holds them all (the smallest such module, preferably one that was called),
    else several.

    Raises:
        LookupError: If some of these weights belong to no module, or to one without a standard training mode.
    """
    for parameter, flag in seen.trainable:
        if parameter.is_leaf:
            parameter.requires_grad_(flag)
    owned = _owned(seen)
    known = [*seen.roots.values(), *_around(seen)]
    whole = [m for m in known if owned <= {id(p) for p in m.parameters()}]
    if whole:
        called = [m for m in whole if id(m) in seen.roots]
        parts = [_unwrapped(min(called or whole, key=_count))]
    else:
        parts = _several(known, owned)
    left = owned - {id(p) for part in parts for p in part.parameters()}
    if left or not parts:
        raise LookupError("weights that belong to no nn.Module")
    own = [type(inner) for part in parts for inner in part.modules() if type(inner).train is not nn.Module.train]
    for kind in own:
        if len(inspect.signature(kind.train).parameters) > 2:
            raise LookupError(f"{kind.__name__}, whose train() is not that of nn.Module")
    for module in (inner for part in parts for inner in part.modules()):
        module.training = True
    for module, training in seen.modes:
        module.training = training
        if not training:
            vars(module)["train"] = types.MethodType(_stays, module)
    with torch.no_grad():
        for tensor, first in seen.initial.values():
            if tensor.shape != first.shape:
                continue
            tensor.data.copy_(first)
            tensor.grad = None
    return parts


def _stays(module: nn.Module, mode: bool = True) -> nn.Module:
    """A ``train()`` method for a module that the script keeps in evaluation mode while it trains."""
    for inner in module.modules():
        inner.training = False
    return module


def kept_in_evaluation(seen: Seen, parts: list[nn.Module]) -> list[str]:
    """A sentence about modules that the script keeps in evaluation mode while it trains."""
    still = {id(module) for module, training in seen.modes if not training}
    inside = {id(m): type(m).__name__ for part in parts for m in part.modules() if id(m) in still}
    if not inside:
        return []
    if all(id(part) in still for part in parts):
        return ["the model is in evaluation mode while the script trains it: probes keep that"]
    kinds = ", ".join(sorted(set(inside.values())))
    return [f"{len(inside)} modules ({kinds}) stay in evaluation mode while the script trains: probes keep that"]


def _unwrapped(module: nn.Module) -> nn.Module:
    """The user's own module inside wrappers of frameworks."""
    inside = list(module.children())
    wraps = type(module).__module__.startswith(_WRAPPERS) and bool(inside)
    return _unwrapped(inside[0]) if wraps and _count(inside[0]) == _count(module) else module


def _several(known: list[nn.Module], owned: set[int]) -> list[nn.Module]:
    """The largest modules first, until all weights are covered; without submodules of selected ones."""
    parts: list[nn.Module] = []
    left = set(owned)
    for module in sorted(known, key=_count, reverse=True):
        own = {id(p) for p in module.parameters()}
        if own & left and not any(module is inner for part in parts for inner in part.modules()):
            parts.append(module)
            left -= own
    order = {id(m): i for i, m in enumerate(known)}
    return sorted(parts, key=lambda m: order[id(m)])


def _owned(seen: Seen) -> set[int]:
    if seen.optimizer is None:
        return {key for key, (p, _) in seen.initial.items() if isinstance(p, nn.Parameter) and p.requires_grad}
    groups = seen.optimizer.param_groups
    return {id(p) for group in groups for p in group["params"] if p.requires_grad}


def _around(seen: Seen) -> list[nn.Module]:
    """Modules among the names of the user's frames, and among the attributes of objects there."""
    found: dict[int, nn.Module] = {}
    for place in (*seen.places, *seen.others):
        for value in (*place.space.values(), *place.frame.f_globals.values()):
            for item in _held_by(value):
                found.setdefault(id(item), item)
    return list(found.values())


def _held_by(value: Any) -> list[nn.Module]:
    if isinstance(value, nn.Module):
        return [value]
    if isinstance(value, (list, tuple)) and len(value) < 100:
        return [item for item in value if isinstance(item, nn.Module)]
    if isinstance(value, dict) and len(value) < 100:
        return [item for item in value.values() if isinstance(item, nn.Module)]
    if isinstance(value, (type, types.ModuleType, types.FunctionType)):
        return []
    with contextlib.suppress(Exception):
        return [item for item in vars(value).values() if isinstance(item, nn.Module)]
    return []


def _count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def groups_of(seen: Seen, model: nn.Module) -> tuple[list[Keywords] | None, list[str]]:
    """The optimizer's groups at its first step, with parameters by name.

    Rates are those before scheduling. Keywords without a setting, such as Adam's ``eps``, are kept in
    the groups.

    Returns:
        The groups, or None for a single group of all trained weights; and a sentence about such keywords, if any.
    """
    if seen.optimizer is None:
        return None, []
    names = {id(p): name for name, p in model.named_parameters()}
    own = [list(group["params"]) for group in seen.optimizer.param_groups][: len(seen.groups)]
    every = {id(p) for p in model.parameters() if p.requires_grad}
    others = {key for key in seen.groups[0] if _is_set(seen.optimizer, key, seen.groups)}
    if len(own) == 1 and every <= {id(p) for p in own[0]} and not others:
        return None, []
    differ = [key for key in _BY_GROUP if len({str(group.get(key)) for group in seen.groups}) > 1]
    groups = [
        {
            "params": [names[id(p)] for p in params if id(p) in names],
            "lr": float(group["initial_lr"] if "initial_lr" in group else group["lr"]),
            **{key: group[key] for key in (*differ, *sorted(others)) if key in group},
        }
        for params, group in zip(own, seen.groups, strict=True)
        if any(id(p) in names for p in params)
    ]
    shown = ", ".join(f"{key} {seen.groups[0][key]}" for key in sorted(others))
    said = f"the optimizer's {shown} stands in no setting: probes keep it, and so should you"
    return groups, [said] if others else []


def _is_set(optimizer: Any, key: str, groups: list[Keywords]) -> bool:
    """Whether a keyword of a torch optimizer is not a setting and differs from its default."""
    default = inspect.signature(type(optimizer).__init__).parameters.get(key)
    if default is None or key in _IN_SETTINGS or type(optimizer).__module__.partition(".")[0] != "torch":
        return False
    return any(key in group and group[key] != default.default for group in groups)
