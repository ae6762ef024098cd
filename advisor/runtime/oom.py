"""Out-of-memory errors: recognising them, releasing memory, retrying with half the size."""

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
    """Returns normally after errors that the process can survive.

    Raises:
        WorkerDied: If the device's context is lost (illegal memory access and similar); only a new process helps.
    """
    if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _BROKEN):
        said = str(error).splitlines()[0]
        raise WorkerDied("the device to keep working", said, "a new process was started") from error


def release() -> None:
    """Releases unused memory. Call it outside the ``except`` block, whose traceback holds tensors."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        with suppress(AttributeError):  # Only glibc has it, and only glibc keeps freed memory.
            ctypes.CDLL(None).malloc_trim(0)


def halving(work: Callable[[int], _T], size: int) -> _T:
    """Calls ``work(size)``; after an out-of-memory error retries once, then with half the size.

    Raises:
        Exception: Any other error of ``work``, or an out-of-memory error at size 1.
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
