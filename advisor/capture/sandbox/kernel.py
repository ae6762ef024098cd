"""The kernel's guard: blocks writes that bypass Python's functions. Linux with Landlock only.

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
    """Restricts this thread and its children to write, create and remove files only below these folders.

    Returns:
        Whether the kernel supports it; if not, nothing has changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = _WRITE_FILE
    for bit in range(4, 13):  # Removing and creating files and folders of all kinds.
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
