"""Reads all runs under some paths in any supported format; an unreadable file gives a message, not an exception.

One reader per format. The format is detected from the content (``sniff.form_of``).
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.logs.measures import plain
from advisor.logs.readers import charts, events, json_history, json_lines, mlflow, plain_text, table_of_runs, tables
from advisor.logs.readers.base import Unreadable
from advisor.logs.readers.one_run import unite
from advisor.logs.readers.sniff import Form, form_of, header_of, is_event_file
from advisor.logs.readers.text import blocks
from advisor.logs.run import Run
from advisor.logs.run_names import apart
from advisor.logs.run_table import RunTable

Read = Run | RunTable
_ALWAYS = (".csv", ".tsv", ".jsonl", ".ndjson")
_PERHAPS = (".json", ".txt", ".log", ".out", ".err", "")
_NO_LOGS = {
    "requirements.txt", "package.json", "package-lock.json", "config.json", "tokenizer.json", "vocab.txt", "vocab.json",
    "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "readme.txt", "license", "makefile",
    "dockerfile", "merges.txt", "added_tokens.json", "model.safetensors.index.json", "authors", "changelog", "notice",
}  # fmt: skip
_SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv", "checkpoints_data"}
_LARGEST_TEXT = 200_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """Runs that were read, and failures.

    Attributes:
        runs: Runs with unique names.
        tables: Tables with one run per row.
        failures: One error per file or folder.
    """

    runs: tuple[Run, ...]
    tables: tuple[RunTable, ...]
    failures: tuple[AdvisorError, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """A file or folder to read, and whether its failure is worth a message."""

    reader: Callable[[Path, Path], Sequence[Read]]
    source: Path
    certain: bool = True


def read(paths: Sequence[Path]) -> Found:
    """Reads every run under the paths (files or folders)."""
    made: list[Run] = []
    tables_: list[RunTable] = []
    failures: list[AdvisorError] = []
    for path in paths:
        before = len(made) + len(tables_) + len(failures)
        for job in _jobs(path):
            try:
                found = job.reader(job.source, path if path.is_dir() else path.parent)
            except AdvisorError as error:
                failures += [error] if job.certain or "Git LFS" in error.found else []
                continue
            except (OSError, MemoryError, RecursionError, ValueError, ArithmeticError) as error:
                words = str(error) or type(error).__name__
                failures += [Unreadable("a readable log", f"{job.source}: {words}", "check the file")]
                continue
            made += [item for item in found if isinstance(item, Run)]
            tables_ += [item for item in found if isinstance(item, RunTable)]
        if len(made) + len(tables_) + len(failures) == before:
            failures.append(_nothing(path))
    return Found(apart(unite(made), paths), tuple(tables_), tuple(failures))


def _nothing(path: Path) -> Unreadable:
    if path.is_dir():
        found = f"{path}: no file with numbers for a loss or a metric"
        return Unreadable("a folder with logs: event files, tables, JSON or text", found, "name the folder of the logs")
    return Unreadable(
        "a file or folder of logs", f"{path}: not a regular file or folder", "name a log file or a folder"
    )


def _jobs(path: Path) -> Iterator[_Job]:
    if path.is_file():
        yield _Job(_read_file, path)
    elif path.is_dir():
        yield from _in_folder(path)


def _in_folder(root: Path) -> Iterator[_Job]:
    states: list[Path] = []
    folders: set[Path] = set()
    for base, inner, files in os.walk(root):
        here = Path(base)
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in _SKIPPED)
        if mlflow.is_run(here):
            yield _Job(_one(mlflow.read), here, certain=False)
            inner[:] = []
            continue
        for name in sorted(files):
            file, suffix = here / name, Path(name).suffix.lower()
            if is_event_file(name):
                folders.add(events.home(here, root))
            elif name == "trainer_state.json":
                states.append(file)
            elif name.startswith(".") or name.lower() in _NO_LOGS:
                continue
            elif suffix in _ALWAYS:
                yield _Job(_read_file, file)
            elif (
                (suffix in _PERHAPS or _is_pasted(name)) and file.is_file() and 0 < file.stat().st_size <= _LARGEST_TEXT
            ):
                yield _Job(_read_file, file, certain=False)
    for folder in sorted(folders):
        yield _Job(_one(events.read), folder)
    for state in json_history.latest(states):
        yield _Job(_read_file, state)


def _is_pasted(name: str) -> bool:
    """Whether the name is that of a page of notes: ``log.md``."""
    return name.lower().endswith(".md") and "log" in plain(name[:-3]).split("_")


def _read_file(file: Path, root: Path) -> Sequence[Read]:
    """The runs of one file, by its format."""
    return _READERS[form_of(file)](file, root)


def _one(reader: Callable[[Path, Path], Run]) -> Callable[[Path, Path], Sequence[Read]]:
    return lambda source, root: (reader(source, root),)


def _table(file: Path, root: Path) -> Sequence[Read]:
    """A log in a table, an exported chart, or a table of runs."""
    lines = [line for line in next(iter(blocks(file)), "")[:262_144].split("\n") if line.strip()]
    header = header_of(lines)
    if header is not None:
        names = [name.strip().strip('"') for name in lines[header[0]].split(header[1])]
        if charts.is_chart(names):
            return charts.read(file, root, header)
        rows = table_of_runs.read(file, root, header)
        if rows is not None:
            return (rows,)
    return (tables.read(file, root),)


_READERS: dict[Form, Callable[[Path, Path], Sequence[Read]]] = {
    "events": _one(events.read),
    "json": _one(json_history.read),
    "json lines": _one(json_lines.read),
    "table": _table,
    "text": _one(plain_text.read),
}
