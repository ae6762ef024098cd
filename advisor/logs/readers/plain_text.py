"""Plain text logs: the output of a script or logger, line by line, including progress bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from advisor.logs.measures import plain
from advisor.logs.names import axis_kind, part, setting_name
from advisor.logs.readers import pairs, unnamed_rows
from advisor.logs.readers.base import Record, Unreadable, from_rows, read_hparams
from advisor.logs.readers.json_lines import Records
from advisor.logs.readers.printed_table import PrintedTable
from advisor.logs.readers.text import blocks
from advisor.logs.run import Run

_BREAKS = re.compile(r"[\r\n]|\x08+")
_UNFINISHED = re.compile(r"\bETA\b|\b(?:\d|[1-9]\d)%\||\d+/\d+ \[[=.>]*>[=.>]*\]|it/s|s/it|\d\.\.\.$")
_BAR = re.compile(r"\d+%\|.*?\|\s*\d+/\d+|\d+/\d+ \[[=>.]+\]|━")
_HEAD_OF_EPOCH = re.compile(r"^\W*epoch\W*\d+", re.IGNORECASE)
_BARE = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
"""A bare number: a column saved without its name in a file named after it (``train_loss.txt``)."""
_MOST_SETTINGS = 60


def read(file: Path, root: Path) -> Run:
    """Reads the named numbers of a text log.

    Raises:
        Unreadable: If no line contains a loss, a metric or a return with a number.
    """
    log = _Log()
    bare = file.stem if part(file.stem) is not None else ""
    for block in blocks(file):
        for line in block.split("\n"):
            if bare and _BARE.fullmatch(line):
                log.records.add({bare: float(line)})
            else:
                log.line(line)
    log.flush()
    if not log.records.rows:
        raise Unreadable("lines such as 'epoch 3: loss 0.42'", f"{file}: no loss or metric in it", "name a log file")
    known = {name: value for name, value in log.settings.items() if setting_name(name) != plain(name) or name in _KEPT}
    given = {**read_hparams(file.parent), **known}
    return from_rows(file, root, "text", log.records.columns(), given, names=log.records.names)


_KEPT = {"lr", "momentum", "weight_decay", "batch_size", "seed", "optimizer", "epochs"}


class _Log:
    """A text log being read: lines about the same position form one record."""

    def __init__(self) -> None:
        self.records = Records()
        self.settings: Record = {}
        self._open: Record = {}
        self._table: PrintedTable | None = None

    def line(self, line: str) -> None:
        """Reads one line, which may contain many states of a progress bar."""
        parts = [item for item in _BREAKS.split(line) if item.strip()]
        for index, text in enumerate(parts):
            if index + 1 < len(parts) and _UNFINISHED.search(text) and "{" not in text:
                continue
            self._text(text)

    def _text(self, text: str) -> None:
        if unnamed := unnamed_rows.row(text):
            self._add(unnamed)
            return
        if self._table is not None:
            row = self._table.row(text)
            if row:
                self._add(row)
                return
            if row is None:
                self._table = None
        if len(self.settings) < _MOST_SETTINGS and "Namespace(" in text:
            self.settings.update(pairs.settings(text))
            return
        made = PrintedTable.of(text)
        if made is not None:
            self._table = made
            return
        if _BAR.search(text) and _UNFINISHED.search(text) and not _done(text) and "{" not in text:
            return
        found = pairs.record(_without_bar(text))
        if found:
            self._add(_one_axis(found))

    def _add(self, found: Record) -> None:
        """Adds pairs to the open record, or begins a new one if one of them is already there."""
        if any(name in self._open and self._open[name] != value for name, value in found.items()) or (
            any(name in self._open and part(name) is not None for name in found)
        ):
            self.flush()
        self._open.update(found)

    def flush(self) -> None:
        """Closes the open record; one without a curve only moves the axis."""
        if any(part(name) is not None for name in self._open):
            self.records.add({name: _number(value) for name, value in self._open.items()})
            self._open = {}
            return
        self._open = {name: value for name, value in self._open.items() if axis_kind(name)}
        if self._open:
            self.records.add({name: _number(value) for name, value in self._open.items()})
            self._open = {}


def _one_axis(found: Record) -> Record:
    """Pairs with canonical names of their counters."""
    renamed: Record = {}
    for name, value in found.items():
        kind = axis_kind(name)
        target = kind if kind in ("step", "epoch") else name
        if target in renamed and kind == "step":
            continue
        renamed[target] = value
    return renamed


def _number(value: Any) -> Any:
    """Converts numbers written as text, as fairseq does."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _done(text: str) -> bool:
    return "100%|" in text or bool(re.search(r"\b(\d+)/\1\b", text))


def _without_bar(text: str) -> str:
    return re.sub(r"\d+%\|.*?\|\s*\d+/\d+\s*\[[^,\]]*,?\s*[^,\]]*?(?:it/s|s/it|\?it/s)?,?", " ", text)


def records_of(text: str) -> Iterator[Record]:
    """The records of a text, as used by tests and ``--follow``."""
    log = _Log()
    kept: list[Record] = []
    log.records.add = lambda record: kept.append(dict(record))  # type: ignore[method-assign]
    for line in text.split("\n"):
        log.line(line)
    log.flush()
    yield from kept
