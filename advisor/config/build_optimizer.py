"""PyTorch optimizers from their keywords, keeping the ratios between parameter groups."""

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from advisor.errors import UsageError
from advisor.records.spec import Keywords

_NEEDS_CLOSURE = ("LBFGS",)
_SETS_ITS_OWN_RATE = ("prodigy", "dadapt", "schedulefree", "dog", "ldog", "mechanic", "dowg", "cocob")


def optimizer_class(name: str) -> type[Optimizer]:
    """The ``torch.optim`` class of that name.

    Raises:
        UsageError: If there is none, or if it needs a closure.
    """
    found = getattr(torch.optim, name, None)
    if not (inspect.isclass(found) and issubclass(found, Optimizer)) or found is Optimizer:
        if name.lower().startswith(_SETS_ITS_OWN_RATE) or "schedulefree" in name.lower():
            raise UsageError(
                "an optimizer whose learning rate is set from outside",
                f"{name}, which sets its own rate or schedule: leave that as it is",
                "to see what a tuned AdamW or SGD would reach, add --optimizer AdamW --lr 1e-3",
            )
        raise UsageError("the name of a torch.optim class", repr(name), "for example SGD or AdamW")
    if name in _NEEDS_CLOSURE:
        raise UsageError("an optimizer that steps on one gradient", name, "use SGD or AdamW to be advised")
    return found


def build_optimizer(params: Iterable[nn.Parameter] | Iterable[Keywords], keywords: Keywords) -> Optimizer:
    """Makes the optimizer that ``keywords`` describe.

    Groups that bring their own ``lr`` or ``weight_decay`` keep their ratio to the first group that has one:
    the value in ``keywords`` is that group's.

    Args:
        params: Parameters or parameter groups, as torch optimizers take them.
        keywords: ``name`` of the class and its keywords.

    Raises:
        UsageError: If the class or one of its keywords does not exist, or a value is refused.
    """
    rest = dict(keywords)
    name = str(rest.pop("name"))
    cls = optimizer_class(name)
    groups: list[Any] = list(params)
    if groups and isinstance(groups[0], dict):
        groups = _scaled(groups, rest)
    if "betas" in rest:
        rest["betas"] = tuple(rest["betas"])
    try:
        return cls(groups, **rest)
    except (TypeError, ValueError) as error:
        raise UsageError(f"keywords that torch.optim.{name} takes", str(error), "correct the setting") from error


def _scaled(groups: list[Keywords], keywords: Keywords) -> list[Keywords]:
    scaled = [dict(group) for group in groups]
    for setting in ("lr", "weight_decay"):
        reference = next((float(group[setting]) for group in groups if group.get(setting)), None)
        if reference is None or setting not in keywords:
            continue
        for group in scaled:
            if setting in group:
                group[setting] = float(keywords[setting]) * float(group[setting]) / reference
    return scaled
