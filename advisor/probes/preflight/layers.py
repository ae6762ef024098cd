"""Checks of single layers of an untrained model: dead units, saturated outputs, vanishing gradients."""

import math
from typing import Any, NamedTuple

import torch
from torch import nn

from advisor.probes.preflight.linear_chains import LinearChains
from advisor.records.preflight import LayerLook

WEIGHTED = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_ZERO_BELOW = (nn.ReLU, nn.ReLU6, nn.Threshold)
_SQUASHING: dict[type[nn.Module], tuple[float, float]] = {
    nn.Sigmoid: (0.0, 1.0),
    nn.Tanh: (-1.0, 1.0),
    nn.Hardsigmoid: (0.0, 1.0),
    nn.Hardtanh: (-1.0, 1.0),
}
_BOUNDED: dict[type[nn.Module], tuple[float, float]] = {
    **_SQUASHING,
    nn.Softmax: (0.0, 1.0),
    nn.ReLU: (0.0, math.inf),
    nn.Softplus: (0.0, math.inf),
    nn.LogSoftmax: (-math.inf, 0.0),
    nn.LogSigmoid: (-math.inf, 0.0),
}
_LOOKED_AT = (*WEIGHTED, *_ZERO_BELOW, *_SQUASHING)
_NEAR = 0.005


class _Seen(NamedTuple):
    module: nn.Module
    dead: float
    saturated: float
    varies: float
    carries: bool


class LayerWatch:
    """Hooks one forward pass of a model, once per module; ``looks`` reads the gradients after backward.

    Args:
        model: The model; hooked until ``close``.

    Attributes:
        chains: Consecutive linear layers.
        idle: Modules without children that were not called.
    """

    def __init__(self, model: nn.Module) -> None:
        self._seen: dict[str, _Seen] = {}
        self._last: tuple[nn.Module, torch.Tensor] | None = None
        self._last_name = ""
        self.chains = LinearChains()
        self.idle = {name for name, module in model.named_modules() if not any(module.children())}
        leaves = [(name, module) for name, module in model.named_modules() if not any(module.children())]
        self._hooks = [module.register_forward_hook(self._hook(name)) for name, module in leaves]

    def _hook(self, name: str) -> Any:
        def after(module: nn.Module, inputs: Any, out: Any) -> None:
            self.idle.discard(name)
            if not isinstance(out, torch.Tensor) or not out.numel():
                return
            self.chains.passed(name, module, inputs, out)
            self._last, self._last_name = (module, out), name
            if isinstance(module, _LOOKED_AT) and name not in self._seen:
                made = out.detach()
                self._seen[name] = _Seen(module, *_silent(module, made), _varies(module, made), out.requires_grad)

        return after

    def close(self) -> None:
        """Removes the hooks."""
        for item in self._hooks:
            item.remove()
        self.chains.forget()

    def looks(self) -> tuple[LayerLook, ...]:
        """Activations and weighted layers in forward order; weights that are all zero count as alike."""
        weighted = [seen.module for seen in self._seen.values() if isinstance(seen.module, WEIGHTED)]
        zero = len(weighted) > 1 and not any(bool(module.weight.detach().any()) for module in weighted)
        return tuple(
            LayerLook(
                name,
                type(seen.module).__name__,
                seen.dead,
                seen.saturated,
                _relative_gradient(seen.module),
                _alike(seen.module) or (zero and isinstance(seen.module, WEIGHTED)),
                seen.varies,
                seen.carries,
            )
            for name, seen in self._seen.items()
        )

    def dropped(self, out: Any) -> str:
        """Name of the dropout module that made ``out``; empty if none did."""
        module, made = self._last or (None, None)
        if not isinstance(module, nn.Dropout) or not isinstance(out, torch.Tensor) or made is None:
            return ""
        same = made.numel() == out.numel() and made.data_ptr() == out.data_ptr()
        return self._last_name if same and 0.0 < module.p < 1.0 else ""

    def bounds(self, out: Any) -> tuple[float, float]:
        """Range of the module that made ``out``; infinite if it is of no known kind."""
        free = (-math.inf, math.inf)
        if self._last is None or not isinstance(out, torch.Tensor):
            return free
        module, made = self._last
        same = made.numel() == out.numel() and torch.equal(made.detach().flatten(), out.detach().flatten())
        return _BOUNDED.get(type(module), free) if same else free


def _silent(module: nn.Module, out: torch.Tensor) -> tuple[float, float]:
    """Share of units that are zero for every example, and share of outputs at a bound; NaN if not applicable."""
    if isinstance(module, _ZERO_BELOW) and out.ndim >= 2:
        units = out.movedim(1, 0).flatten(1) if out.ndim > 3 else out.flatten(0, -2).T
        return float((units <= 0).all(1).float().mean()), math.nan
    bounds = _SQUASHING.get(type(module))
    if bounds is None:
        return math.nan, math.nan
    edge = _NEAR * (bounds[1] - bounds[0])
    return math.nan, float(((out < bounds[0] + edge) | (out > bounds[1] - edge)).float().mean())


def _varies(module: nn.Module, out: torch.Tensor) -> float:
    """Standard deviation of a weighted layer's outputs between examples; NaN for others and for weights of zero."""
    if not isinstance(module, WEIGHTED) or len(out) < 2 or not bool(module.weight.detach().any()):
        return math.nan
    return float(out.float().std(0).square().mean().sqrt())


def _alike(module: nn.Module) -> bool:
    """Whether all units of a weighted layer have the same non-zero weights (zero is a common initialisation)."""
    weight = getattr(module, "weight", None)
    if not isinstance(module, WEIGHTED) or not isinstance(weight, torch.Tensor):
        return False
    units = weight.detach().movedim(1, 0) if isinstance(module, _TRANSPOSED) else weight.detach()
    return len(units) > 1 and bool(units.any()) and bool((units == units[0]).all())


def _relative_gradient(module: nn.Module) -> float:
    """Gradient over weight, both as root mean squares; NaN if either is missing."""
    weight = getattr(module, "weight", None)
    if not isinstance(weight, torch.Tensor) or weight.grad is None:
        return math.nan
    size = float(weight.detach().float().square().mean().sqrt())
    return float(weight.grad.float().square().mean().sqrt()) / size if size > 0 else math.nan
