"""The run directory's memory: one fsynced line for every finished probe, read back on the next run."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from advisor.jsonio import dumps
from advisor.probes.spec import ProbeSpec
from advisor.probes.trace import Trace

_FILE = "probes.jsonl"


class Ledger:
    """Append-only record of probes.

    Args:
        folder: ``<run>/ledger``, made if it is missing.
        others: Ledger folders of earlier runs of the same task; what they hold is not run again.
    """

    def __init__(self, folder: Path, others: Iterable[Path] = ()) -> None:
        self._known: dict[str, Trace] = {}
        for other in others:
            self._known.update(dict(_read(other / _FILE)))
        folder.mkdir(parents=True, exist_ok=True)
        self._known.update(dict(_read(folder / _FILE)))
        self._path = folder / _FILE
        torn = _ends_torn(self._path)
        self._file: TextIO = self._path.open("a", encoding="utf-8")
        if torn:
            self._file.write("\n")

    def find(self, spec: ProbeSpec) -> Trace | None:
        """The trace of a finished probe, from this run or an earlier one."""
        return self._known.get(spec.key)

    def add(self, spec: ProbeSpec, trace: Trace) -> None:
        """Writes a finished probe to the disk before it is used. Failed ones are kept out, to be tried again."""
        if trace.status == "failed":
            return
        self._file.write(dumps({"key": spec.key, "spec": spec.as_dict(), "trace": trace.as_dict()}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._known[spec.key] = trace

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _ends_torn(path: Path) -> bool:
    """Whether the last line was cut off by a crash."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _read(path: Path) -> Iterable[tuple[str, Trace]]:
    """Every whole line; a torn or foreign one is passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry: dict[str, Any] = json.loads(line)
                yield str(entry["key"]), Trace.from_dict(entry["trace"])
            except (ValueError, KeyError, TypeError):
                continue
