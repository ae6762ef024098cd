"""Hugging Face ``trainer_state.json``, and plain JSON histories (a list of objects, or an object of lists)."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from advisor.logs.readers.base import Record, Unreadable, checked, flat, from_rows
from advisor.logs.readers.json_lines import Records
from advisor.logs.run import Run

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]')
_TRIES = 20
_KEPT = ("train_batch_size", "num_train_epochs")


def read(file: Path, root: Path) -> Run:
    """Reads the log history of a Hugging Face Trainer, or a plain JSON history.

    Raises:
        Unreadable: If the file is not JSON, or contains no history.
    """
    text = checked(file).read_text(encoding="utf-8", errors="replace")
    cut = False
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        data, cut = _before_the_cut(text), True
        if data is None:
            raise Unreadable("JSON", f"{file}: {error}", "check the file; it may be cut off") from error
    settings: Record = {}
    if isinstance(data, dict):
        settings = {name: data[name] for name in _KEPT if isinstance(data.get(name), (int, float))}
    history = _history(data)
    if not history:
        raise Unreadable("log_history, or a list of JSON objects", f"{file}: neither", "name a trainer_state.json")
    source = file.parent if _CHECKPOINT.fullmatch(file.parent.name) else file
    records = Records(history)
    run = from_rows(file, root, "trainer state", records.columns(), settings, names=records.names)
    if cut:
        run = replace(run, notes=(*run.notes, "the file is truncated; the part before was read"))
    if source is not file:
        run = run.named("/".join(Path(run.name).parts[:-1]) or source.resolve().parent.name)
    return run


def _before_the_cut(text: str) -> Any:
    """Contents of a truncated JSON text; None if it is damaged in another way."""
    closing: list[str] = []
    ends: list[tuple[int, str]] = []
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark in "[{":
            closing.append("]" if mark == "[" else "}")
        elif mark in "]}" and closing:
            closing.pop()
            ends.append((match.end(), "".join(reversed(closing))))
        elif mark == ",":
            ends.append((match.start(), "".join(reversed(closing))))
    for end, rest in ends[: -_TRIES - 1 : -1]:
        try:
            return json.loads(text[:end] + rest)
        except (ValueError, RecursionError):
            continue
    return None


def latest(states: Iterable[Path]) -> list[Path]:
    """The last checkpoint of each run, which contains the history of all."""
    best: dict[Path, tuple[int, Path]] = {}
    for state in states:
        found = _CHECKPOINT.fullmatch(state.parent.name)
        home = state.parent.parent if found else state.parent
        step = int(found[1]) if found else 10**18
        if home not in best or step > best[home][0]:
            best[home] = (step, state)
    return [state for _, state in sorted(best.values(), key=lambda item: item[1])]


def _history(data: Any) -> list[Record]:
    """Rows of a history: a list of objects, or an object of lists, itself or below a key (``history``, ``metrics``)."""
    if isinstance(data, list):
        return [item for item in data if isinstance(item, dict)]
    if not isinstance(data, dict):
        return []
    if isinstance(data.get("log_history"), list):
        return _history(data["log_history"])
    lists = {str(name): values for name, values in flat(data, depth=2).items() if _is_series(values)}
    own = {name: values for name, values in data.items() if isinstance(values, list) and _is_series(values)}
    lists = own or lists
    if not lists:
        below = [found for value in data.values() if isinstance(value, (list, dict)) and (found := _history(value))]
        numbered = [value for value in data.values() if isinstance(value, dict)]
        if len(numbered) > 2 and len(numbered) == len(data):
            return [{"epoch": index, **row} for index, row in enumerate(numbered)]
        return max(below, key=len, default=[])
    rows = max(map(len, lists.values()))
    return [{name: values[i] for name, values in lists.items() if i < len(values)} for i in range(rows)]


def _is_series(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(item, (int, float)) for item in values)
