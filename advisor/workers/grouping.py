"""Groups specs that can be trained together: arms of one round with the same batches at the same steps."""

from collections.abc import Sequence
from typing import Any

from advisor.records.spec import ProbeSpec

_SAME = (
    "kind", "batch_size", "steps", "seed", "eval_steps", "eval_examples", "amp", "eval_train", "task", "model_kwargs",
    "grad_noise", "data_share", "data_seed",
)  # fmt: skip


def grouped(specs: Sequence[ProbeSpec], parts: int = 1) -> list[list[ProbeSpec]]:
    """Groups of arms that differ only in optimizer settings, schedule and clipping.

    Args:
        specs: Specs of one round.
        parts: Number of workers to split a group among, as evenly as possible, with at least two arms each.
    """
    groups: dict[Any, list[ProbeSpec]] = {}
    for spec in specs:
        groups.setdefault((spec.optimizer["name"], *(repr(getattr(spec, name)) for name in _SAME)), []).append(spec)
    return [part for group in groups.values() for part in _shared_out(group, parts)]


def _shared_out(group: list[ProbeSpec], parts: int) -> list[list[ProbeSpec]]:
    parts = max(1, min(parts, len(group) // 2))
    return [group[i::parts] for i in range(parts)]
