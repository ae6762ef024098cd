"""When memory runs out: telling that from other errors, and a smaller device batch where that changes nothing else."""

import ctypes
import gc
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import nn

from advisor.errors import WorkerDied

if TYPE_CHECKING:
    from advisor.task.task import Task

_FULL = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
_BROKEN = ("cuda error", "hip error", "device-side assert", "illegal memory access", "execution_failed")
_LOOK = 4
_SAME = 1e-4
_T = TypeVar("_T")


def out_of_memory(error: BaseException) -> bool:
    """Whether the device or the machine had no memory left."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _FULL)


def check_device(error: BaseException) -> None:
    """Passes over errors after which the process can go on.

    Raises:
        WorkerDied: If the device's context is lost, as after an illegal memory access: only a new process helps.
    """
    if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _BROKEN):
        said = str(error).splitlines()[0]
        raise WorkerDied("the device to go on working", said, "a new process was started") from error


def release() -> None:
    """Gives back what is no longer used. Call it outside the ``except`` block, whose traceback holds tensors."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        with suppress(AttributeError):  # Only the GNU library has it, and only it keeps what was freed.
            ctypes.CDLL(None).malloc_trim(0)


def halving(work: Callable[[int], _T], size: int) -> _T:
    """``work(size)``; while memory runs out, once more after it was freed, then with half the size.

    Raises:
        Exception: What ``work`` raised, if it was something else or if the size was 1.
    """
    again = True
    while True:
        try:
            return work(size)
        except Exception as error:
            if not out_of_memory(error) or (size <= 1 and not again):
                raise
        release()
        size, again = (size, False) if again else (math.ceil(size / 2), False)


def fitting(task: "Task", batch_size: int, work: Callable[[int], _T]) -> _T:
    """``work(device_batch)`` with the first that fits: whole (0), again after memory was freed, halves if allowed.

    Raises:
        MemoryError: If none fits.
        Exception: What else ``work`` raised.
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
    """Whether the mean of the losses of two half batches is the loss of the whole one.

    That is measured on a few examples. Batch normalisation sees other statistics in a smaller batch.
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
    """Parts of at most ``size`` examples with their shares.

    None if the tensors do not agree on the examples, or if a batch of this make cannot be cut.
    """
    from advisor.task.batches import cut, tensors_in

    counts = {len(tensor) if tensor.ndim else -1 for tensor in tensors_in(batch)}
    if len(counts) != 1 or (count := counts.pop()) < 1:
        return None
    parts = []
    for start in range(0, count, size):
        part, wanted = cut(batch, start, start + size), min(size, count - start)
        if any(len(tensor) != wanted for tensor in tensors_in(part)):
            return None
        parts.append((part, wanted / count))
    return parts
