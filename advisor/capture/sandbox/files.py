"""An overlay file system: writes go to a scratch folder and are read back from there.

Python's own file functions are replaced (``open``, ``os``, ``shutil.rmtree``, ``torch.save``); other writes
are blocked by ``kernel``.
"""

import builtins
import io
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from advisor.capture.patching import Patches
from advisor.capture.sandbox.log import HeldBack

_FREE = ("/dev", "/proc", "/sys")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READING = ("stat", "lstat", "access", "readlink", "chdir", "statvfs", "getxattr", "listxattr")


class Overlay:
    """Redirects writes to ``scratch`` and reads them back from there.

    Args:
        scratch: Folder for redirected writes.
        free: Folder that may be written to directly; it contains ``scratch``.
        held: Receives blocked side effects.

    Attributes:
        active: Whether the script's code is running; writes of other code are not redirected.
    """

    def __init__(self, scratch: Path, free: Path, held: HeldBack) -> None:
        self._free = (*_FREE, str(free))
        self._root = str(scratch / "files")
        self._held = held
        self._gone: set[str] = set()
        self._used = False
        self.active = True
        self._mkdirs, self._exists, self._isdir, self._copy = os.makedirs, os.path.lexists, os.path.isdir, shutil.copy2
        self._stat, self._mkdir = os.stat, os.mkdir

    def install(self, patches: Patches) -> None:
        """Replaces Python's file functions."""
        self._real_mkdir, self._real_lstat = os.mkdir, os.lstat
        patches.wrap(builtins, "open", self._open)
        patches.set(io, "open", builtins.open)
        patches.set(tarfile, "bltn_open", builtins.open)
        patches.wrap(os, "open", self._os_open)
        for name in _READING:
            patches.wrap(os, name, self._reads)
        patches.wrap(os, "listdir", self._listdir)
        patches.wrap(os, "scandir", self._scandir)
        patches.wrap(os, "mkdir", self._mkdir_)
        for name in ("remove", "unlink", "rmdir"):
            patches.wrap(os, name, self._removes)
        for name in ("rename", "replace", "link"):
            patches.wrap(os, name, self._moves)
        patches.wrap(os, "symlink", self._symlink)
        for name in ("chmod", "chown", "utime", "truncate", "setxattr", "mkfifo"):
            patches.wrap(os, name, self._changes)
        patches.wrap(shutil, "rmtree", self._rmtree)
        patches.wrap(torch, "save", self._torch_save)
        if hasattr(torch.jit, "save"):
            patches.wrap(torch.jit, "save", self._torch_save)

    def _real(self, path: Any) -> str | None:
        """The absolute path; None for other values, or for paths that may be written to."""
        if not self.active or isinstance(path, int) or path is None:
            return None
        try:
            text = os.path.abspath(os.fsdecode(path))
        except (TypeError, ValueError):
            return None
        return None if text.startswith(self._free) else text

    def _laid(self, real: str) -> str:
        return self._root + real.replace(":", "")

    def reading(self, path: Any) -> Any:
        """Where a path is read from."""
        if not (self._used and self.active):
            return path
        real = self._real(path)
        if real is None:
            return path
        laid = self._laid(real)
        if real in self._gone:
            return laid
        return laid if self._there(laid) else path

    def writing(self, path: Any, keep: bool = False) -> Any:
        """Where a path is written to; ``keep`` copies existing content."""
        real = self._real(path)
        if real is None:
            return path
        self._held.add(f"writes {_short(real)}")
        self._used = True
        laid = self._laid(real)
        parent, real_parent = os.path.dirname(laid), os.path.dirname(real)
        if not self._there(parent) and self._there(real_parent) and real_parent not in self._gone:
            self._make(parent)
        if keep and not self._there(laid) and self._there(real) and real not in self._gone:
            self._copy_file(real, laid)
        self._gone.discard(real)
        return laid

    def _there(self, path: str) -> bool:
        try:
            self._real_lstat(path)
        except (OSError, ValueError):
            return False
        return True

    def _make(self, folder: str) -> None:
        if not self._there(folder):
            self._make(os.path.dirname(folder))
            self._real_mkdir(folder)

    def _copy_file(self, source: str, target: str) -> None:
        with self._plain_open(source, "rb") as old, self._plain_open(target, "wb") as new:
            shutil.copyfileobj(old, new)

    def _open(self, old: Callable[..., Any]) -> Callable[..., Any]:
        self._plain_open = old

        def opened(file: Any, mode: str = "r", *args: Any, **keywords: Any) -> Any:
            if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
                file = self.writing(file, keep="w" not in mode)
            else:
                file = self.reading(file)
            return old(file, mode, *args, **keywords)

        return opened

    def _os_open(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, flags: int, *args: Any, **keywords: Any) -> Any:
            if keywords.get("dir_fd") is None:
                writes = flags & _WRITES and not flags & getattr(os, "O_DIRECTORY", 0)
                path = self.writing(path, keep=not flags & os.O_TRUNC) if writes else self.reading(path)
            return old(path, flags, *args, **keywords)

        return opened

    def _reads(self, old: Callable[..., Any]) -> Callable[..., Any]:
        if old.__name__ == "chdir":
            return lambda path: old(self._entered(path))

        def reads(path: Any, *args: Any, **keywords: Any) -> Any:
            return old(path if keywords.get("dir_fd") is not None else self.reading(path), *args, **keywords)

        return reads

    def _entered(self, path: Any) -> Any:
        """Changes into the real folder if it exists, so that relative paths stay real."""
        real = self._real(path)
        return path if real is None or self._there(real) else self.reading(path)

    def _listdir(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def listed(path: Any = ".") -> Any:
            real, laid = self._both(path)
            if real is None or laid is None:
                return old(path)
            found = dict.fromkeys(old(real)) if self._there(real) and real not in self._gone else {}
            found |= dict.fromkeys(old(laid)) if self._there(laid) else {}
            return [name for name in found if os.path.join(real, os.fsdecode(name)) not in self._gone]

        return listed

    def _scandir(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def scanned(path: Any = ".") -> Any:
            real, laid = self._both(path)
            if real is None or laid is None:
                return old(path)
            new = list(old(laid)) if self._there(laid) else []
            names = {entry.name for entry in new}
            kept = list(old(real)) if self._there(real) and real not in self._gone else []
            return _Entries([*(e for e in kept if e.name not in names and e.path not in self._gone), *new])

        return scanned

    def _both(self, path: Any) -> tuple[str | None, str | None]:
        """The real folder and the redirected one, if there is one."""
        if not self._used:
            return None, None
        real = self._real(path)
        if real is None:
            return None, None
        laid = self._laid(real)
        inside = real + os.sep
        changed = self._there(laid) or real in self._gone or any(gone.startswith(inside) for gone in self._gone)
        return real, laid if changed else None

    def _mkdir_(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> Any:
            real = self._real(path) if dir_fd is None else None
            if real is None:
                return old(path, mode, dir_fd=dir_fd)
            if (self._there(real) and real not in self._gone) or self._there(self._laid(real)):
                raise FileExistsError(17, os.strerror(17), str(path))
            return old(self.writing(path), mode)

        return mkdir

    def _removes(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def removes(path: Any, *, dir_fd: int | None = None) -> Any:
            real = self._real(path) if dir_fd is None else None
            if real is None:
                return old(path, dir_fd=dir_fd)
            laid, there = self._laid(real), self._there(real) and real not in self._gone
            if self._there(laid):
                old(laid)
            elif not there:
                raise FileNotFoundError(2, os.strerror(2), str(path))
            if there:
                self._held.add(f"removes {_short(real)}")
                self._used = True
                self._gone.add(real)
            return None

        return removes

    def _moves(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def moves(source: Any, target: Any, **keywords: Any) -> Any:
            real = self._real(source)
            if real is None:
                return old(source, self.writing(target), **keywords)
            laid = self._laid(real)
            new = self.writing(target)
            if self._there(laid):
                old(laid, new)
            elif self._there(real) and not self._isdir(real):
                self._copy_file(real, new)
            else:
                raise FileNotFoundError(2, os.strerror(2), str(source))
            if old.__name__ != "link" and self._there(real):
                self._gone.add(real)
            return None

        return moves

    def _symlink(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def symlink(source: Any, target: Any, *args: Any, **keywords: Any) -> None:
            old(self.reading(source), self.writing(target), *args, **keywords)

        return symlink

    def _changes(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def changes(path: Any, *args: Any, **keywords: Any) -> Any:
            if keywords.get("dir_fd") is not None or self._real(path) is None:
                return old(path, *args, **keywords)
            new = self.writing(path, keep=True)
            return old(new, *args, **keywords) if self._there(new) else None

        return changes

    def _rmtree(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def rmtree(path: Any, *args: Any, **keywords: Any) -> Any:
            real = self._real(path)
            if real is None:
                return old(path, *args, **keywords)
            if self._there(self._laid(real)):
                old(self._laid(real), *args, **keywords)
            if self._there(real):
                self._held.add(f"removes the folder {_short(real)}")
                self._used = True
                self._gone.add(real)
            return None

        return rmtree

    def _torch_save(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def save(value: Any, f: Any, *args: Any, **keywords: Any) -> Any:
            if isinstance(f, (str, os.PathLike)):
                f = self.writing(f)
            return old(value, f, *args, **keywords)

        return save


class _Entries:
    """Imitates the result of ``os.scandir`` with a list."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Any]:
        return self._entries

    def __next__(self) -> Any:
        return next(self._entries)

    def __enter__(self) -> "_Entries":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """Does nothing, like closing an exhausted scandir."""


def _short(path: str) -> str:
    """Relative to the working folder if inside it, for display."""
    try:
        folder = os.getcwd()
    except OSError:
        return path
    inside = path.startswith(folder + os.sep)
    return os.path.relpath(path, folder) if inside else path.replace(os.path.expanduser("~"), "~", 1)


def no_bytecode() -> None:
    """Prevents imports from writing ``__pycache__``."""
    sys.dont_write_bytecode = True
