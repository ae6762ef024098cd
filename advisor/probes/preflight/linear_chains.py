"""Consecutive linear layers without a nonlinearity between them, which are equivalent to one linear layer."""

from typing import Any

import torch
from torch import nn

_CONVOLUTIONS = (
    nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip
_STRAIGHT = (
    nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.Flatten, nn.Unflatten,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d,
)  # fmt: skip
"""Modules that are linear (or, once trained, linear per feature) and may stand between two layers."""


class LinearChains:
    """Tracks tensors through one forward pass: which weighted layer's output reaches another's input unchanged.

    A tensor is tracked while it is the same object and was not modified in place, so that any function called between
    two layers (``torch.relu``, an addition, a view) ends the chain.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[torch.Tensor, int, str, nn.Module]] = {}
        self.pairs: list[tuple[str, str]] = []

    def passed(self, name: str, module: nn.Module, inputs: Any, out: torch.Tensor) -> None:
        """Records that a module without children turned ``inputs`` into ``out``."""
        came = self._origin(inputs)
        if isinstance(module, (nn.Linear, *_CONVOLUTIONS)):
            if came is not None and _one_would_do(came[1], module) and (came[0], name) not in self.pairs:
                self.pairs.append((came[0], name))
            self._made[id(out)] = (out, out._version, name, module)
        elif isinstance(module, _STRAIGHT) and came is not None:
            self._made[id(out)] = (out, out._version, *came)

    def forget(self) -> None:
        """Releases the tensors."""
        self._made.clear()

    def _origin(self, inputs: Any) -> tuple[str, nn.Module] | None:
        if not (isinstance(inputs, tuple) and len(inputs) == 1 and isinstance(inputs[0], torch.Tensor)):
            return None
        known = self._made.get(id(inputs[0]))
        if known is None or known[0] is not inputs[0] or known[1] != inputs[0]._version:
            return None
        return known[2], known[3]


def _one_would_do(first: nn.Module, second: nn.Module) -> bool:
    """Whether the second layer adds no capacity: no bottleneck and no factorised convolution."""
    kinds = [isinstance(module, nn.Linear) for module in (first, second)]
    if all(kinds):
        return int(first.out_features) >= min(int(first.in_features), int(second.out_features))  # type: ignore[arg-type]
    if not kinds[0] and kinds[1]:
        return True
    if any(kinds) or any(_factorised(module) for module in (first, second)):
        return False
    return int(first.out_channels) >= min(int(first.in_channels), int(second.out_channels))  # type: ignore[arg-type]


def _factorised(module: nn.Module) -> bool:
    """Whether it is a depthwise, pointwise or one-sided convolution, which is factorised on purpose."""
    sizes = {int(size) for size in module.kernel_size}  # type: ignore[union-attr]
    return int(module.groups) > 1 or 1 in sizes or len(sizes) > 1  # type: ignore[arg-type]
