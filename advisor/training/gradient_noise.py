"""The gradient noise scale tr(Sigma) / |G|^2 (McCandlish et al., arXiv 1812.06162), from ordinary steps.

Over the last steps of a schedule, where the rate is nearly zero, gradients are drawn at almost
the same weights. Products of different batches' gradients estimate ``|G|^2`` without bias, squared norms estimate
``|G|^2 + tr(Sigma) / B``; each is averaged before the ratio is taken. Batches of one epoch share no example, which
makes their products smaller by ``tr(Sigma) / N``; this is corrected for.
"""

import math
from collections import Counter
from dataclasses import dataclass

import torch
from torch import nn

SHARE = 6
MOST = 24
LEAST = 6
_Z80 = 1.2816
_SHARED = 3.0
"""Products share gradients: the variance of their mean is up to three times that of independent ones."""


@dataclass(frozen=True, slots=True)
class NoiseScale:
    """Critical batch size in examples, with an 80 % interval; ``high`` is infinite if the signal is below the noise."""

    value: float
    low: float
    high: float


class GradientNoise:
    """Collects the gradients of the last steps in one buffer of the model's size.

    Several models that are trained as one pass their gradients as rows, and each row has its own estimate.

    Args:
        params: Trainable parameters.
        batch_size: Examples of one gradient.
        steps: Steps of the whole run.
        train_size: Training examples, drawn without replacement within an epoch.
        first: Step of the first gradient that counts; by default in the last part, where the rate is nearly zero.
    """

    def __init__(
        self, params: list[nn.Parameter], batch_size: int, steps: int, train_size: int, first: int | None = None
    ) -> None:
        self.params, self.batch_size, self.train_size = params, batch_size, train_size
        self.first = steps - min(MOST, steps // SHARE) + 1 if first is None else first
        self._sum: list[torch.Tensor] = []
        self._squares: list[torch.Tensor] = []
        self._products: list[torch.Tensor] = []

    def add(self, step: int) -> None:
        """Adds the current gradients, before clipping."""
        if step >= self.first:
            self.take([_flat(p) for p in self.params])

    def take(self, pieces: list[torch.Tensor]) -> None:
        """Adds the gradients of one step, each piece of shape (D,), or (K, D) for K models."""
        if self._sum:
            self._products.append(_sum([_dot(total, grad) for total, grad in zip(self._sum, pieces, strict=True)]))
            torch._foreach_add_(self._sum, pieces)
        else:
            self._sum = [grad.clone() for grad in pieces]
        self._squares.append(_sum([_dot(grad, grad) for grad in pieces]))

    def keep(self, indices: list[int]) -> None:
        """Keeps only these rows."""
        for tensors in (self._sum, self._squares, self._products):
            tensors[:] = [tensor[torch.tensor(indices, device=tensor.device)] for tensor in tensors]

    def scale(self, row: int | None = None) -> NoiseScale | None:
        """The estimate (of a row, if there are rows); None with fewer than six gradients."""
        count = len(self._squares)
        if count < LEAST:
            return None
        squares, products = (
            torch.stack(items)[..., slice(None) if row is None else row].double().cpu()
            for items in (self._squares, self._products)
        )
        shared = shared_epochs(self.first, self.first + count - 1, max(1, self.train_size // self.batch_size))
        shrink, unseen = shared / self.train_size, 1.0 - shared * count * self.batch_size / self.train_size
        return noise_scale(squares.tolist(), products.tolist(), self.batch_size, shrink, max(0.0, unseen))


def _flat(parameter: nn.Parameter) -> torch.Tensor:
    """The gradient as one dimension of float32; zeros if it is None."""
    if parameter.grad is None:
        return torch.zeros(parameter.numel(), device=parameter.device)
    grad = parameter.grad.detach()
    return (grad.to_dense() if grad.is_sparse else grad).float().reshape(-1)


def _dot(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Product over the last dimension."""
    return torch.dot(one, other) if one.ndim == 1 else (one * other).sum(-1)


def _sum(values: list[torch.Tensor]) -> torch.Tensor:
    """Sum of all pieces, on the device of the first."""
    return torch.stack([value.to(values[0].device) for value in values]).sum(0) if values else torch.zeros(())


def shared_epochs(first: int, last: int, steps_per_epoch: int) -> float:
    """Share of the pairs of steps (1-based, both ends included) that are in the same epoch."""
    epochs = Counter((step - 1) // steps_per_epoch for step in range(first, last + 1))
    count = last - first + 1
    return sum(n * (n - 1) for n in epochs.values()) / (count * (count - 1))


def noise_scale(
    squares: list[float], products: list[float], batch_size: int, shrink: float = 0.0, unseen: float = 1.0
) -> NoiseScale | None:
    """Ratio of the two averages, with an interval from their scatter.

    Args:
        squares: Squared norm of each gradient.
        products: Product of each gradient but the first with the sum of those before it.
        batch_size: Examples of one gradient.
        shrink: Reduction of a product by drawing without replacement, in parts of ``tr(Sigma)``.
        unseen: Share of the data that was not drawn; only this part adds uncertainty.
    """
    count = len(squares)
    pairs = count * (count - 1) / 2
    mean = sum(squares) / count
    signal = sum(products) / pairs
    weights = range(1, count)
    scatter = sum((p - w * signal) ** 2 for p, w in zip(products, weights, strict=True))
    signal_sd = math.sqrt(_SHARED * unseen * scatter) / pairs
    mean_sd = math.sqrt(unseen * sum((s - mean) ** 2 for s in squares) / (count - 1) / count)
    if not math.isfinite(mean) or mean <= 0:
        return None

    def at(square: float, product: float) -> float:
        spread = max(0.0, batch_size * (square - product))
        drift = product + shrink * spread
        return spread / drift if drift > 0 else math.inf

    low = at(mean - _Z80 * mean_sd, signal + _Z80 * signal_sd)
    high = at(mean + _Z80 * mean_sd, signal - _Z80 * signal_sd)
    return NoiseScale(at(mean, signal), low, high)
