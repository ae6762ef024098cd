"""Observations of model and optimizer: gradients at some steps, movement of the weights, waiting for data."""

import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from advisor.records.vitals import GradientLook

_SAMPLE = 2048  # number of weights per tensor whose movement is tracked
_MATRICES = 4


class Signs:
    """Observes a model and its optimizer without changing them.

    Args:
        model: The trained model; None to observe only the optimizer's parameters.
        optimizer: Its optimizer; wrappers that hold the real one as ``optimizer`` are unwrapped.
    """

    def __init__(self, model: nn.Module | None, optimizer: Any) -> None:
        while not isinstance(optimizer, torch.optim.Optimizer) and hasattr(optimizer, "optimizer"):
            optimizer = optimizer.optimizer
        self.optimizer: torch.optim.Optimizer = optimizer
        self.held = [p for group in optimizer.param_groups for p in group["params"]]
        known = {id(p) for p in self.held}
        named = list(model.named_parameters()) if model is not None else []
        trainable = [(name, p) for name, p in named if p.requires_grad]
        self._left_out = [(name, p) for name, p in trainable if id(p) not in known]
        self._trainable = sum(p.numel() for _, p in trainable)
        order = {id(p): place for place, (_, p) in enumerate(named)}
        self._matrices = sorted((p for p in self.held if p.ndim > 1), key=lambda p: order.get(id(p), len(order)))
        self._start = [_sample(p) for p in self.held]
        self._start_left = [_sample(p) for _, p in self._left_out]
        self._looks: list[tuple[int, torch.Tensor, float, list[int], float]] = []

    @property
    def rate(self) -> float:
        """Learning rate of the first group; NaN if reading it would synchronise with a device."""
        rate = self.optimizer.param_groups[0].get("lr", math.nan)
        return float(rate) if isinstance(rate, (int, float)) else math.nan

    @property
    def scheduled(self) -> bool:
        """Whether a torch scheduler was created for the optimizer."""
        return any("initial_lr" in group for group in self.optimizer.param_groups)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Trainable parameters that the optimizer does not hold."""
        return tuple(name for name, _ in self._left_out)

    def look(self, step: int) -> None:
        """Samples the gradients of the last step; nothing is read from the device yet."""
        held = [p for p in self.held if p.requires_grad]
        size = max(1, sum(p.numel() for p in held))
        there = [p for p in held if p.grad is not None]
        missing = 1.0 - sum(p.numel() for p in there) / size
        left = [p for _, p in self._left_out if p.grad is not None]
        kept = [start for (_, p), start in zip(self._left_out, self._start_left, strict=True) if p.grad is not None]
        first = self._matrices if all(p.grad is not None for p in self._matrices) else []
        with torch.no_grad():
            moved = [_sample(p) - start for p, start in zip(left, kept, strict=True)]
            parts = ([p.grad for p in there], [p.grad for p in left], moved, [p.grad for p in first], first)
            known = [_norms(part) for part in parts if part]
            device = known[0].device if known else torch.device("cpu")
            numbers = torch.cat([*(item.to(device) for item in known), self._distance().to(device)])
        sizes = [p.numel() for p in (*there, *left)]
        counts = [len(there), len(left), len(first)]
        self._looks.append((step, numbers, missing, [*counts, *sizes], float(size)))

    def _distance(self) -> torch.Tensor:
        """Distance of the sampled weights from their initial values, and their initial norm."""
        if not self.held:
            return torch.zeros(2)
        moved = [_sample(p) - start for p, start in zip(self.held, self._start, strict=True)]
        return torch.stack([torch.linalg.vector_norm(_norms(item)) for item in (moved, self._start)])

    def read(self) -> list[GradientLook]:
        """Samples since the last call; synchronises with the device if there is one."""
        noted, self._looks = self._looks, []
        return [self._read(*item) for item in noted]

    def _read(self, step: int, numbers: torch.Tensor, missing: float, counts: list[int], size: float) -> GradientLook:
        there, left, matrices, *sizes = counts
        values = iter(numbers.tolist())
        norms, out, moved = _take(values, there), _take(values, left), _take(values, left)
        gradients, weights = _take(values, matrices), _take(values, matrices)
        distance, start = _take(values, 2)
        zero = sum(count for norm, count in zip(norms, sizes[:there], strict=True) if norm == 0.0) / size
        still = zip(out, moved, sizes[there:], strict=True)
        lost = sum(count for norm, way, count in still if norm > 0.0 and way == 0.0)
        ratios = [g / w for g, w in zip(gradients, weights, strict=True) if w > 0.0]
        faded = len(ratios) >= _MATRICES and max(ratios) > 0.0
        return GradientLook(
            step=step,
            norm=math.sqrt(sum(norm * norm for norm in norms)) if norms else math.nan,
            missing=missing,
            zero=zero,
            left_out=lost / max(1, self._trainable),
            first_over_largest=ratios[0] / max(ratios) if faded else math.nan,
            moved=distance / start if start > 0.0 else math.nan,
        )


class Waiting:
    """Measures the time between the end of a step and the next call of the model in training mode."""

    def __init__(self, model: nn.Module) -> None:
        self.seconds, self.steps, self.whole = 0.0, 0, 0.0
        self._since: float | None = None
        self._event: torch.cuda.Event | None = None
        self._before: float | None = None
        self._handle = None
        self.seen = False
        if getattr(model, "_compiled_call_impl", None) is None:
            self._handle = model.register_forward_pre_hook(self._called)

    def close(self) -> None:
        """Removes the hook from the model."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    def step_ended(self, on_gpu: bool) -> None:
        """Starts measuring."""
        now = time.perf_counter()
        if self._before is not None:
            self.whole += now - self._before
            self.steps += 1
        self._before = self._since = now
        if on_gpu:
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()

    def interrupted(self) -> None:
        """Discards the current interval: a validation or something else is running."""
        self._since = self._before = None

    def _called(self, model: nn.Module, inputs: Any) -> None:
        if self._since is None:
            return
        if not model.training:
            self.interrupted()
            return
        self.arrived()

    def arrived(self) -> None:
        """Ends the interval: the batch has arrived."""
        if self._since is None:
            return
        self.seen = True
        idle = self._event is None or self._event.query()  # type: ignore[no-untyped-call]
        if idle:  # A busy device is not waiting for data.
            self.seconds += time.perf_counter() - self._since
        self._since = None


def _sample(p: torch.Tensor) -> torch.Tensor:
    flat = p.detach().reshape(-1)
    return flat[:: max(1, flat.numel() // _SAMPLE)].float().clone()


def _norms(tensors: list[Any]) -> torch.Tensor:
    """Norm of each tensor, in float32 on the device of the first."""
    dense = [item.detach().coalesce().values() if item.is_sparse else item.detach() for item in tensors]
    each = torch._foreach_norm(dense)
    return torch.stack([item.to(dense[0].device, torch.float32) for item in each])


def _take(values: Iterator[float], count: int) -> list[float]:
    return [next(values) for _ in range(count)]
