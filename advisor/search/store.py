"""The run directory's memory: one fsynced line for every finished probe, read back on the next run."""

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
    """Append-only record of probes. Only where each one lies is kept in memory.

    Args:
        folder: ``<run>/ledger``, made if it is missing.
        others: Ledger folders of earlier runs of the same task; what they hold is not run again.

    Raises:
        UsageError: If another advisor is writing to it, or it cannot be written.
    """

    def __init__(self, folder: Path, others: Iterable[Path] = ()) -> None:
        self._lock = threading.Lock()
        self._path = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise UsageError(
                "a run folder that can be written to", f"{self._path}: {error.strerror}", "name another with --out"
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
        """Writes a finished probe to the disk before it is used. Failed ones are kept out, to be tried again.

        Raises:
            OutputLost: If the disk is full or gone. What was written before is whole.
        """
        if trace.status == "failed":
            return
        line = (to_text({"key": spec.key, "spec": spec, "trace": trace}) + "\n").encode()
        with self._lock:
            self._places[spec.key] = (self._path, self._append(line), len(line))

    def close(self) -> None:
        """Closes the file, which lets another advisor write to it."""
        with self._lock:
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> int:
        """Writes all of the line or, as far as the disk allows it, nothing; returns where it begins."""
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
                "room for a finished probe",
                f"{self._path}: {error.strerror}",
                "make room and run the command again; what was written before is kept",
            ) from error
        self._torn = False
        return before + len(whole) - len(line)


def _claim(file: int, run: Path) -> None:
    """Locks the file for as long as this process lives, where the system has such locks."""
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
            "wait for the other one to end, or name another run with --run",
        ) from error
    except OSError:
        return  # A file system without locks.


def _ends_torn(path: Path) -> bool:
    """Whether the last line was cut off by a crash."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _index(path: Path) -> Iterator[tuple[str, _Place]]:
    """Key and place of every whole line; a torn, foreign or overlong one is passed over."""
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
    """A trace from the disk. In its noise scale earlier versions wrote null for infinity."""
    scale = ["inf" if item is None else item for item in data.get("noise_scale", ())]
    return decode(Trace, {**data, "noise_scale": scale})
