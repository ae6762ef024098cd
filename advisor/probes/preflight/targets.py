"""Targets of a sample, compared with the range of the model's output."""

import math
from typing import TYPE_CHECKING, Any

import torch

from advisor.records.preflight import TargetLook
from advisor.task.data.batches import tensors_in
from advisor.task.data.indexed import spread
from advisor.task.data.streams import BatchData

if TYPE_CHECKING:
    from advisor.task.task import Task

SAMPLE = 2000
_BYTES = 2**28


def sample_size(size: int, batch: Any, examples: int) -> int:
    """Number of examples to read: 2000, or as many as take 256 MiB, so that large images do not take minutes.

    Args:
        size: Number of examples.
        batch: A batch.
        examples: Number of examples in it.
    """
    held = sum(tensor.element_size() * tensor.nelement() for tensor in tensors_in(batch))
    return min(size, SAMPLE, max(examples, _BYTES * examples // max(1, held)))


def sampled_targets(task: "Task", count: int, chunk: int) -> torch.Tensor | None:
    """Targets of evenly spaced training examples; ``chunk`` examples are read at a time.

    If examples are padded to different lengths, the targets are flattened. None if they are not tensors.
    """
    indices = [0] if isinstance(task.train, BatchData) else spread(task.train.size, count)
    starts = range(0, len(indices), chunk)
    found: list[torch.Tensor] = []
    for start in reversed(starts):  # A stream is then read only once, up to the last one.
        batch = task.train.take(indices[start : start + chunk])
        targets = batch[-1] if task.way.call is None else task.targets(batch)
        if not isinstance(targets, torch.Tensor):
            return None
        found.insert(0, targets.detach())
    alike = len({tensor.shape[1:] for tensor in found}) == 1 and all(tensor.ndim for tensor in found)
    return torch.cat(found if alike else [tensor.flatten() for tensor in found])


def are_predicted(criterion: Any, out: torch.Tensor, targets: torch.Tensor, initial: float) -> bool:
    """Whether outputs equal to real targets have no higher loss than the untrained model's.

    False for targets on another scale than the outputs, such as prices whose logarithm the loss takes, and for codes
    such as the -1 and 1 of a hinge loss. True for targets of 0 and 1, and if the loss cannot be evaluated.

    Args:
        criterion: ``loss(outputs, targets)``.
        out: Outputs of a model, for their shape.
        targets: Real targets, as many as outputs.
        initial: Loss of the untrained model.
    """
    if criterion is None or out.numel() != targets.numel() or bool(((targets == 0) | (targets == 1)).all()):
        return True
    try:
        with torch.no_grad():
            reached = float(criterion(targets.to(out.dtype).reshape(out.shape), targets))
    except (RuntimeError, ValueError, TypeError, IndexError):
        return True
    return not reached > initial


def target_look(targets: torch.Tensor, examples: int, kind: str, bounds: tuple[float, float]) -> TargetLook | None:
    """Range and spread of the targets; None if none is finite.

    Args:
        targets: Targets of a sample.
        examples: Size of the sample.
        kind: ``classes`` or ``real``, as preflight found it.
        bounds: Range of the output, infinite if unbounded.
    """
    values = targets.flatten().double()
    values = values[torch.isfinite(values)]
    if not values.numel():
        return None
    low, high = bounds
    edge = 1e-6 * max(1.0, float(values.abs().max()))
    outside = (values < low - edge) | (values > high + edge) if kind == "real" else torch.zeros(1)
    distinct = torch.unique(values)
    return TargetLook(
        examples=examples,
        distinct=int(distinct.numel()),
        low=float(values.min()),
        high=float(values.max()),
        output_low=low if math.isfinite(low) else math.nan,
        output_high=high if math.isfinite(high) else math.nan,
        outside=float(outside.double().mean()),
    )
