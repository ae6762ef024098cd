"""Persistent store of a run: one fsynced line per finished probe, read back by the next run."""

import json
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.errors import OutputLost, UsageError
from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.utils.codec import decode, to_text
from advisor.utils.jsonio import fsync_folder

_FILE = "probes.jsonl"
_LARGEST_LINE = 16 * 2**20
_KEY = re.compile(rb'\{"key": "([0-9a-f]{16})", ')
_Place = tuple[Path, int, int]


class ProbeStore:
    """Append-only file of probes. Only their positions are kept in memory.

    Args:
        folder: ``<run>/ledger``, created if missing.
        others: Ledger folders of earlier runs of the same task, whose probes are reused.

    Raises:
        UsageError: If another advisor is writing to it, or it is not writable.
    """

    def __init__(self, folder: Path, others: Iterable[Path] = ()) -> None:
        self._lock = threading.Lock()
        self._path = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise UsageError(
                "a writable run folder", f"{self._path}: {error.strerror}", "name another with --out"
            ) from error
        try:
            _claim(self._file, folder.parent)
            fsync_folder(folder)
            self._places: dict[str, _Place] = {}
            for other in others:
                if other != folder:
                    self._places.update(_index(other / _FILE))
            self._places.update(_index(self._path))
            self._torn = _ends_torn(self._path)
        except BaseException:
            os.close(self._file)
            raise

    def find(self, spec: ProbeSpec) -> Trace | None:
        """The trace of a finished probe, from this run or an earlier one; None as well if it cannot be read."""
        place = self._places.get(spec.key)
        return _read(*place) if place else None

    def add(self, spec: ProbeSpec, trace: Trace) -> None:
        """Writes a finished probe to disk before it is used. Failed ones are not stored, so that they are retried.

        Raises:
            OutputLost: If the disk is full or unavailable. Earlier records stay intact.
        """
        if trace.status == "failed":
            return
        line = (to_text({"key": spec.key, "spec": spec, "trace": trace}) + "\n").encode()
        with self._lock:
            self._places[spec.key] = (self._path, self._append(line), len(line))

    def close(self) -> None:
        """Closes the file and releases its lock."""
        with self._lock:
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> int:
        """Writes the whole line or, if possible, nothing; returns its position."""
        whole = b"\n" + line if self._torn else line
        before = -1
        try:
            before = os.fstat(self._file).st_size
            written = 0
            while written < len(whole):
                written += os.write(self._file, whole[written:])
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError, ValueError):
                os.ftruncate(self._file, before)
            self._torn = self._torn or _ends_torn(self._path)
            raise OutputLost(
                "disk space for a finished probe",
                f"{self._path}: {error.strerror}",
                "free some space and run the command again; earlier probes are kept",
            ) from error
        self._torn = False
        return before + len(whole) - len(line)


def _claim(file: int, run: Path) -> None:
    """Locks the file for the lifetime of this process, if the system supports it."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(
            "a run folder that no other advisor is writing to",
            f"{run} is in use",
            "wait for the other one to finish, or name another run with --run",
        ) from error
    except OSError:
        return  # A file system without locks.


def _ends_torn(path: Path) -> bool:
    """Whether the last line was truncated by a crash."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _index(path: Path) -> Iterator[tuple[str, _Place]]:
    """Key and position of every complete line; truncated, foreign or overlong ones are skipped."""
    try:
        file = path.open("rb")
    except OSError:
        return
    with file, suppress(OSError):
        start, fresh = 0, True
        while line := file.readline(_LARGEST_LINE):
            ended = line.endswith(b"\n")
            match = _KEY.match(line) if fresh and ended else None
            if match:
                yield match[1].decode(), (path, start, len(line))
            start, fresh = start + len(line), ended


def _read(path: Path, start: int, length: int) -> Trace | None:
    try:
        with path.open("rb") as file:
            file.seek(start)
            entry = json.loads(file.read(length))
        trace = _trace(entry["trace"])
        return trace if trace.key == entry["key"] and trace.status in ("finished", "diverged") else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _trace(data: dict[str, Any]) -> Trace:
    """Decodes a trace. Earlier versions wrote null for infinity in its noise scale."""
    scale = ["inf" if item is None else item for item in data.get("noise_scale", ())]
    return decode(Trace, {**data, "noise_scale": scale})
