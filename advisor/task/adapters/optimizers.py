"""A torch optimizer object as the settings and parameter groups of the contract."""

from collections.abc import Iterable

import torch

from advisor.records.spec import Keywords

_COPIED = ("momentum", "betas", "nesterov")


def settings_of(optimizer: torch.optim.Optimizer, said: list[str]) -> Keywords:
    """``optimizer``, ``lr`` and the other keywords of its first group, before any schedule."""
    name = next((kind.__name__ for kind in type(optimizer).__mro__ if _is_torchs(kind)), None)
    if name is None:
        said.append(f"{type(optimizer).__name__} is not a torch.optim class: probes use AdamW")
        name = "AdamW"
    groups: list[Keywords] = optimizer.param_groups
    settings: Keywords = {"optimizer": name, "lr": rate(groups[0])}
    settings |= {key: groups[0][key] for key in _COPIED if groups[0].get(key)}
    decays = [float(group.get("weight_decay") or 0.0) for group in groups]
    if "weight_decay" in groups[0]:
        settings["weight_decay"] = next((decay for decay in decays if decay > 0), 0.0)
    return settings


def groups_of(optimizer: torch.optim.Optimizer) -> list[Keywords]:
    """Its parameter groups with their rates and decays, whose ratios probes keep."""
    return [
        {"params": list(group["params"]), "lr": rate(group), "weight_decay": float(group.get("weight_decay") or 0.0)}
        for group in optimizer.param_groups
    ]


def rate(group: Keywords) -> float:
    """Learning rate of a group before scheduling; the peak of a cycle."""
    peak = next(group[key] for key in ("max_lr", "initial_lr", "lr") if key in group)
    return float(peak)


def decayed_and_not(named: Iterable[tuple[str, torch.nn.Parameter]], decayed: set[str]) -> list[Keywords]:
    """Two groups: those named, and the rest without weight decay. Empty groups are left out."""
    groups: list[Keywords] = [{"params": [], "weight_decay": 1.0}, {"params": [], "weight_decay": 0.0}]
    for name, parameter in named:
        if parameter.requires_grad:
            groups[0 if name in decayed else 1]["params"].append(parameter)
    return [group for group in groups if group["params"]]


def _is_torchs(kind: type) -> bool:
    return kind is not torch.optim.Optimizer and getattr(torch.optim, kind.__name__, None) is kind
