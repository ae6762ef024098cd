"""Detects the format of a log from its content, not its name."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Literal

from advisor.logs.names import axis_kind, is_read
from advisor.logs.readers.base import Unreadable, checked, number
from advisor.logs.readers.text import encoding_of

Form = Literal["events", "json", "json lines", "table", "text"]
DELIMITERS = ",\t;|"
_NUMBERS = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?\s*[,\]]")
_HEAD = 65_536
_LFS = "version https://git-lfs.github.com/spec/"


def is_event_file(name: str) -> bool:
    """Whether TensorBoard would read a file of this name."""
    return "tfevents" in name and not name.endswith(".profile-empty")


def form_of(file: Path) -> Form:
    """The format of a file.

    Raises:
        Unreadable: If it is empty, not a regular file, a Git LFS pointer, or binary.
    """
    no_pointer(checked(file))
    if is_event_file(file.name):
        return "events"
    with file.open(encoding=encoding_of(file), errors="replace") as stream:
        head = stream.read(_HEAD)
    lines = [line for line in head.split("\n") if line.strip()]
    if not lines:
        return "text"
    first = lines[0].strip()
    if first.startswith(("{", "[")):
        if _is_object(first) and (len(lines) > 1 or '"log_history"' not in first):
            return "json lines" if len(lines) > 1 else "json"
        if not _is_json_start(first) and any(_is_object(line) for line in lines[1:4]):
            return "json lines"
        return "json" if _looks_like_json(head, first) else "text"
    return "table" if header_of(lines) is not None or file.suffix.lower() in (".csv", ".tsv") else "text"


def no_pointer(file: Path) -> Path:
    """Returns the file.

    Raises:
        Unreadable: If it is a Git LFS pointer.
    """
    with file.open("rb") as stream:
        if stream.read(len(_LFS)) == _LFS.encode():
            found = f"{file}: a Git LFS pointer, not the file itself"
            raise Unreadable("a log", found, "fetch it with: git lfs pull")
    return file


def header_of(lines: list[str]) -> tuple[int, str] | None:
    """Index of the header among the first lines, and the delimiter; None if these are not a table."""
    for index, line in enumerate(lines[:30]):
        if line.startswith("#") and not any(mark in line for mark in ",\t;"):
            continue
        mark = max(DELIMITERS, key=lambda char: (line.count(char), char == ","))
        if not line.count(mark):
            if index == 0 and is_read(line.strip()) and len(lines) > 1 and number(lines[1]) == number(lines[1]):
                return index, ","
            if index == 0 or line.startswith("#"):
                continue
            return None
        names = cells_of(line.lstrip("# "), mark)
        if any(number(name) == number(name) for name in names):
            if line.startswith("#"):
                continue
            return None
        below = [cells_of(other, mark) for other in lines[index + 1 : index + 6]]
        if not below:
            return (index, mark) if any(is_read(name) for name in names) else None
        known = sum(is_read(name) for name in names)
        wide = [row for row in below if len(row) >= max(2, len(names) // 2)]
        numeric = any(number(cell) == number(cell) for row in wide for cell in row)
        looks = mark != "|" and (mark != ";" or known) and not any(":" in name or "=" in name for name in names)
        if numeric and (looks or known > 1) and (known or axis_kind(names[0])):
            return index, mark
        return None
    return None


def cells_of(line: str, mark: str) -> list[str]:
    """The cells of one row."""
    return [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=mark), [])]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_json_start(line: str) -> bool:
    return line in ("{", "[") or line.endswith((",", "[", "{"))


def _looks_like_json(head: str, first: str) -> bool:
    """Whether a text that begins with a bracket is JSON, and not a logger's ``[INFO]``."""
    rest = head.lstrip()[1:].lstrip()
    return rest[:1] in ('"', "{", "[", "]", "}", "") or (_NUMBERS.match(rest) is not None and first[-1] in "],")
