"""The kernel's own guard: what writes past Python's functions is refused. Linux with Landlock only.

System call numbers and structures: Linux, ``include/uapi/linux/landlock.h``.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_WRITE_FILE, _REMOVE_DIR, _REFER, _TRUNCATE, _LAST_OF_FIRST = 1 << 1, 1 << 4, 1 << 13, 1 << 14, 1 << 12
_PATH_BENEATH = 1
_FREE = ("/dev", "/proc")


class _Rules(ctypes.Structure):
    _fields_ = [("handled", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def only_writes_below(folders: Sequence[Path]) -> bool:
    """From now on this thread, and what it starts, may write, make and remove files only below these folders.

    Returns:
        Whether the kernel does it; where it cannot, nothing has changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = _WRITE_FILE
    for bit in range(4, 13):  # Removing and making files and folders of every kind.
        handled |= 1 << bit
    handled |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Rules(handled)
    descriptor = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if descriptor < 0:
        return False
    try:
        for folder in (*map(Path, _FREE), *folders):
            with suppress(OSError):
                opened = os.open(folder, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
                beneath = _Beneath(handled, opened)
                libc.syscall(_ADD, descriptor, _PATH_BENEATH, ctypes.byref(beneath), 0)
                os.close(opened)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT, descriptor, 0) == 0)
    finally:
        os.close(descriptor)
