"""Running out of memory: telling it from other errors, freeing it, trying half the size."""

import ctypes
import gc
import math
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import torch

from advisor.errors import WorkerDied

_FULL = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
_BROKEN = ("cuda error", "hip error", "device-side assert", "illegal memory access", "execution_failed")
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
