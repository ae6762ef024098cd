"""Records calls of PyTorch's losses, whose arguments show which outputs and targets a step compares."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from advisor.capture.patching import Patches
from advisor.records.spec import Keywords

_LOSSES = (
    "cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "kl_div", "poisson_nll_loss", "gaussian_nll_loss", "soft_margin_loss",
    "multilabel_soft_margin_loss",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Criterion:
    """One call of a loss.

    Attributes:
        name: Name of the function in ``torch.nn.functional``.
        outputs: Its first argument.
        targets: Its second argument.
        others: Its further positional arguments.
        keywords: Its keyword arguments.
        value: Its return value.
    """

    name: str
    outputs: Any
    targets: Any
    others: tuple[Any, ...]
    keywords: Keywords
    value: torch.Tensor

    def options(self) -> Keywords:
        """Its further arguments by name, without those left at their default."""
        bound = inspect.signature(getattr(F, self.name)).bind(None, None, *self.others, **self.keywords)
        given = list(bound.arguments.items())[2:]
        return {key: value for key, value in given if value is not None}

    def function(self) -> Callable[[Any, Any], torch.Tensor]:
        """``loss(outputs, targets)`` with the recorded options."""
        return partial(getattr(F, self.name), **self.options())


class Criteria:
    """The calls since ``clear``."""

    def __init__(self) -> None:
        self.calls: list[Criterion] = []
        self.watching = True
        self._inside = False

    def install(self, patches: Patches) -> None:
        """Hooks the functions of ``torch.nn.functional``, which the loss modules call as well."""
        for name in _LOSSES:
            patches.wrap(F, name, partial(self._watched, name))

    def clear(self) -> None:
        """Clears the recorded calls."""
        self.calls.clear()

    def _watched(self, name: str, old: Callable[..., Any]) -> Callable[..., Any]:
        def called(input: Any, target: Any, *args: Any, **keywords: Any) -> Any:
            if self._inside:
                return old(input, target, *args, **keywords)
            self._inside = True
            try:
                value = old(input, target, *args, **keywords)
            finally:
                self._inside = False
            if self.watching and isinstance(value, torch.Tensor) and len(self.calls) < 64:
                self.calls.append(Criterion(name, input, target, args, keywords, value))
            return value

        return called
