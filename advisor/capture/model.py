"""Which modules are trained, as they were before their first step."""

import contextlib
import inspect
import types
from typing import Any

import torch
from torch import nn

from advisor.capture.events import Seen
from advisor.records.spec import Keywords


def trained(seen: Seen) -> list[nn.Module]:
    """The script's modules that hold every weight that its optimizer moves, with their first weights restored.

    One module if there is one that holds them all (the smallest that does, of those that were called if there is one),
    else several.

    Raises:
        LookupError: If some of these weights belong to no module, or to one that cannot be put into training mode.
    """
    owned = _owned(seen)
    known = [*seen.roots.values(), *_around(seen)]
    whole = [m for m in known if owned <= {id(p) for p in m.parameters()}]
    if whole:
        called = [m for m in whole if id(m) in seen.roots]
        parts = [min(called or whole, key=_count)]
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
    with torch.no_grad():
        for tensor, first in seen.initial.values():
            if tensor.shape != first.shape:
                continue
            tensor.data.copy_(first)
            tensor.grad = None
    return parts


def _several(known: list[nn.Module], owned: set[int]) -> list[nn.Module]:
    """The largest modules first, until all weights are held; none that is part of another one."""
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


def groups_of(seen: Seen, model: nn.Module) -> list[Keywords] | None:
    """The optimizer's groups, with parameters by name; None for one group of all that is trained.

    Rates are those before a schedule moved them.
    """
    if seen.optimizer is None:
        return None
    names = {id(p): name for name, p in model.named_parameters()}
    groups = seen.optimizer.param_groups
    moved = {id(p) for group in groups for p in group["params"]}
    every = {id(p) for p in model.parameters() if p.requires_grad}
    if len(groups) == 1 and every <= moved:
        return None
    kept = ("weight_decay", "momentum", "betas", "eps")
    return [
        {
            "params": [names[id(p)] for p in group["params"] if id(p) in names],
            "lr": float(group.get("initial_lr", group["lr"])),
            **{key: group[key] for key in kept if key in group and len({str(g.get(key)) for g in groups}) > 1},
        }
        for group in groups
        if any(id(p) in names for p in group["params"])
    ]
