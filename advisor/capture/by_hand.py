"""Manual weight updates: the multiple of the gradient by which a script moves its weights."""

from collections.abc import Iterable
from typing import Any

import torch

_SAME = 1e-3


class ByHand:
    """Compares weights with those at the first ``backward()``."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[Any, torch.Tensor]] = {}

    def backward(self, parameters: Iterable[torch.Tensor]) -> None:
        """Records the weights when gradients are computed."""
        if not self._before:
            self._before = {id(p): (p, p.detach().clone()) for p in parameters if p.grad is not None}

    def rate(self) -> float | None:
        """The multiple of the gradients by which all weights have moved; None if they have not, or not alike."""
        ratios = []
        for p, before in list(self._before.values()):
            grad, moved = p.grad, before - p.detach()
            if grad is None or not bool(grad.any()):
                continue
            if not bool(moved.any()):
                del self._before[id(p)]
                continue
            ratios.append(float((moved * grad).sum() / (grad * grad).sum()))
        alike = bool(ratios) and max(ratios) - min(ratios) <= _SAME * abs(max(ratios)) and min(ratios) > 0
        return ratios[0] if alike else None

    def initial(self) -> dict[int, tuple[Any, torch.Tensor]]:
        """The recorded weights, by identity."""
        return self._before
