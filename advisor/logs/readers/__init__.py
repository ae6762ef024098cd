"""Finding runs under paths and reading each; a file that cannot be read is one message, never the end."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.logs.readers import events, json_lines, tables, trainer_state
from advisor.logs.readers.base import Unreadable
from advisor.logs.run import Run

_TABLES = (".csv", ".tsv")
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and what could not be.

    Attributes:
        runs: Runs in the order of their names, each name once.
        failures: One error per file or folder.
    """

    runs: tuple[Run, ...]
    failures: tuple[AdvisorError, ...]


def read(paths: Sequence[Path]) -> Found:
    """Reads every run under the paths (files or folders)."""
    runs: list[Run] = []
    failures: list[AdvisorError] = []
    for path in paths:
        jobs = _jobs(path)
        if not jobs:
            failures.append(
                Unreadable(
                    "a folder with event files, *.csv, *.jsonl or trainer_state.json" if path.is_dir()
                    else "a file or folder of logs",
                    f"{path}: {'none of these in it' if path.is_dir() else 'no plain file or folder'}",
                    "name a log file or the folder that holds them",
                )
            )  # fmt: skip
        for reader, source in jobs:
            try:
                runs.append(reader(source, path if path.is_dir() else path.parent))
            except AdvisorError as error:
                failures.append(error)
            except (OSError, MemoryError, RecursionError, ValueError, ArithmeticError) as error:
                words = str(error) or type(error).__name__
                failures.append(Unreadable("a readable log", f"{source}: {words}", "check the file"))
    return Found(_unique(runs), tuple(failures))


def _jobs(path: Path) -> list[tuple[Callable[[Path, Path], Run], Path]]:
    if path.is_file():
        return [(_reader(path), path)]
    if not path.is_dir():
        return []
    found: list[tuple[Callable[[Path, Path], Run], Path]] = []
    states: list[Path] = []
    folders: set[Path] = set()
    for base, inner, files in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            file = Path(base) / name
            if events.is_event_file(name):
                folders.add(events.home(Path(base), path))
            elif name == "trainer_state.json":
                states.append(file)
            elif name.lower().endswith((*_TABLES, *_LINES)) and not name.startswith("."):
                found.append((_reader(file), file))
    found += [(events.read, folder) for folder in sorted(folders)]
    found += [(trainer_state.read, state) for state in trainer_state.latest(states)]
    return found


def _reader(file: Path) -> Callable[[Path, Path], Run]:
    suffix = file.suffix.lower()
    if events.is_event_file(file.name):
        return events.read
    if suffix in _LINES:
        return json_lines.read
    if suffix == ".json":
        return trainer_state.read
    return tables.read


def _unique(runs: Iterable[Run]) -> tuple[Run, ...]:
    seen: dict[str, int] = {}
    result = []
    for run in runs:
        name = run.name
        while name in seen:
            seen[run.name] += 1
            name = f"{run.name} ({seen[run.name]})"
        seen[name] = 1
        result.append(run.named(name))
    return tuple(result)
