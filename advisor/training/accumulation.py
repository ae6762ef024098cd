"""Handling of out-of-memory errors: a smaller device batch, if that does not change the result."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.runtime.oom import _T, out_of_memory, release

if TYPE_CHECKING:
    from advisor.task.task import Task

_LOOK = 4
_SAME = 1e-4


def fitting(task: "Task", batch_size: int, work: Callable[[int], _T]) -> _T:
    """Calls ``work(device_batch)`` with the first size that fits: whole (0), again after a cleanup, halves if allowed.

    Raises:
        MemoryError: If no size fits.
        Exception: Any other error of ``work``.
    """
    said = ""
    for device_batch in _device_batches(task, min(batch_size, task.train.size)):
        try:
            return work(device_batch)
        except Exception as error:
            if not out_of_memory(error):
                raise
            said = f"{type(error).__name__}: {error}".splitlines()[0]
        release()
    raise MemoryError(f"a batch of {batch_size} does not fit into memory ({said})")


def _device_batches(task: "Task", batch_size: int) -> Iterator[int]:
    yield from (0, 0)
    if accumulates(task):
        while batch_size > 1:
            batch_size = math.ceil(batch_size / 2)
            yield batch_size


def accumulates(task: "Task") -> bool:
    """Whether the mean of the losses of two half batches is the loss of the whole batch.

    Measured on a few examples. Batch normalisation depends on the batch, for example.
    """
    model = task.fresh_model(0)
    if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
        return False
    batch = task.train.take(range(min(_LOOK, task.train.size)))
    halves = split(batch, _LOOK // 2)
    if halves is None or len(halves) < 2:
        return False
    model.eval()
    try:
        with torch.no_grad():
            whole = float(task.loss(model, batch))
            parts = sum(share * float(task.loss(model, part)) for part, share in halves)
    except Exception as error:
        if out_of_memory(error):
            return False
        raise
    return math.isclose(whole, parts, rel_tol=_SAME, abs_tol=_SAME)


def split(batch: Any, size: int) -> list[tuple[Any, float]] | None:
    """Parts of at most ``size`` examples with their shares of the batch.

    None if the tensors do not agree on the number of examples, or if a batch of this type cannot be cut.
    """
    from advisor.task.data.batches import cut, rows_in, tensors_in

    if (count := rows_in(batch)) is None:
        return None
    parts = []
    for start in range(0, count, size):
        part, wanted = cut(batch, start, start + size), min(size, count - start)
        if any(len(tensor) != wanted for tensor in tensors_in(part)):
            return None
        parts.append((part, wanted / count))
    return parts
