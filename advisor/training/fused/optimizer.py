"""SGD, Adam and AdamW on rows of weights, each row with its own settings; same arithmetic as torch.optim."""

from collections.abc import Sequence

import torch
from torch.optim import Optimizer

from advisor.records.spec import Keywords
from advisor.training.fused.stack import CannotStack

_SUPPORTED = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)
_UNUSUAL = ("maximize", "amsgrad", "differentiable", "capturable")


class RowOptimizer:
    """Steps K rows of weights at once.

    The settings are read from the arms' own optimizers at every step, because their schedulers write them there.

    Args:
        optimizers: One per arm, of one class, with equal groups.
        bounds: First and last column of each group.

    Raises:
        CannotStack: If the class or one of its options is not supported.
    """

    def __init__(self, optimizers: Sequence[Optimizer], bounds: Sequence[tuple[int, int]]) -> None:
        self._optimizers, self._bounds = list(optimizers), list(bounds)
        kind = type(optimizers[0])
        if kind not in _SUPPORTED:
            raise CannotStack(f"no {kind.__name__} for rows")
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        if any(group.get(name) for group in groups for name in _UNUSUAL):
            raise CannotStack("an unusual switch of the optimizer")
        self._sgd = kind is torch.optim.SGD
        if self._sgd and len({(group["nesterov"], group["dampening"]) for group in groups}) > 1:
            raise CannotStack("arms with and without nesterov or dampening")
        if self._sgd and any(group["dampening"] for group in groups):
            raise CannotStack("dampening")
        self._decoupled = bool(groups[0].get("decoupled_weight_decay", kind is torch.optim.AdamW))
        self._state: dict[int, list[torch.Tensor]] = {}
        self._steps = 0

    def keep(self, indices: Sequence[int]) -> None:
        """Keeps only these rows."""
        self._optimizers = [self._optimizers[i] for i in indices]
        for tensors in self._state.values():
            tensors[:] = [tensor[torch.tensor(indices, device=tensor.device)] for tensor in tensors]

    def step(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        """One step of every row, in place; ``gradient`` (K, D) is overwritten."""
        self._steps += 1
        update = self._sgd_step if self._sgd else self._adam_step
        for index, (start, end) in enumerate(self._bounds):
            groups = [optimizer.param_groups[index] for optimizer in self._optimizers]
            update(index, groups, rows[:, start:end], gradient[:, start:end])

    def _columns(self, values: Sequence[Sequence[float]], like: torch.Tensor) -> list[torch.Tensor]:
        """One (K, 1) tensor for each list of K numbers, moved to the device together."""
        return list(torch.tensor(values, dtype=like.dtype).to(like.device, non_blocking=True).unsqueeze(-1))

    def _sgd_step(self, index: int, groups: list[Keywords], rows: torch.Tensor, grad: torch.Tensor) -> None:
        rates = [-float(group["lr"]) for group in groups]
        momenta = [float(group["momentum"]) for group in groups]
        decays = [float(group["weight_decay"]) for group in groups]
        rate, momentum, decay = self._columns((rates, momenta, decays), rows)
        if any(decays):
            grad.addcmul_(rows, decay)
        if index in self._state or any(momenta):
            if index not in self._state:
                self._state[index] = [grad.clone()]
                (buffer,) = self._state[index]
            else:
                (buffer,) = self._state[index]
                buffer.mul_(momentum).add_(grad)
            grad = grad.addcmul_(buffer, momentum) if groups[0]["nesterov"] else buffer
        rows.addcmul_(grad, rate)

    def _adam_step(self, index: int, groups: list[Keywords], rows: torch.Tensor, grad: torch.Tensor) -> None:
        first = [float(group["betas"][0]) for group in groups]
        second = [float(group["betas"][1]) for group in groups]
        decays = [float(group["weight_decay"]) for group in groups]
        rates = [float(group["lr"]) for group in groups]
        rate, small, keep, add, keep2, add2, root, shrink, decay = self._columns(
            (
                [-lr / (1 - beta**self._steps) for lr, beta in zip(rates, first, strict=True)],
                [float(group["eps"]) for group in groups],
                first,
                [1 - beta for beta in first],
                second,
                [1 - beta for beta in second],
                [(1 - beta**self._steps) ** -0.5 for beta in second],
                [1 - lr * wd for lr, wd in zip(rates, decays, strict=True)],
                decays,
            ),
            rows,
        )
        if any(decays):
            if self._decoupled:
                rows.mul_(shrink)
            else:
                grad.addcmul_(rows, decay)
        if index not in self._state:
            self._state[index] = [torch.zeros_like(grad), torch.zeros_like(grad)]
        mean, square = self._state[index]
        mean.mul_(keep).addcmul_(grad, add)
        square.mul_(keep2).add_(grad.square_().mul_(add2))
        torch.sqrt(square, out=grad).mul_(root).add_(small)
        rows.addcdiv_(mean.mul(rate), grad)
