"""What the targets look like on a sample, beside what the model's output can reach."""

import math
from typing import TYPE_CHECKING

import torch

from advisor.probes.preflight_result import TargetLook

if TYPE_CHECKING:
    from advisor.task.data import Data

_SAMPLE = 2000


def target_look(data: "Data", kind: str, bounds: tuple[float, float]) -> TargetLook | None:
    """Range and spread of the targets; None where they are not numbers or a batch is no (inputs, targets).

    Args:
        data: Training data.
        kind: ``classes``, ``real`` or ``other``, as preflight found it.
        bounds: Range of the output, infinite where it has none.
    """
    count = min(data.size, _SAMPLE)
    batch = data.take([i * data.size // count for i in range(count)])
    targets = batch[-1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None
    if kind == "other" or not isinstance(targets, torch.Tensor) or not targets.numel():
        return None
    values = targets.detach().flatten().double()
    values = values[torch.isfinite(values)]
    if not values.numel():
        return None
    low, high = bounds
    edge = 1e-6 * max(1.0, float(values.abs().max()))
    outside = (values < low - edge) | (values > high + edge) if kind == "real" else torch.zeros(1)
    distinct, counts = torch.unique(values, return_counts=True)
    return TargetLook(
        examples=count,
        distinct=int(distinct.numel()),
        low=float(values.min()),
        high=float(values.max()),
        largest_share=float(counts.max()) / values.numel(),
        output_low=low if math.isfinite(low) else math.nan,
        output_high=high if math.isfinite(high) else math.nan,
        outside=float(outside.double().mean()),
    )
