"""``advisor read --follow``: reads a growing log repeatedly and reports changes of verdicts."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from advisor.app.read.opening import opening
from advisor.app.read.result import Reading, detected, read_and_judge
from advisor.report.formatting import one_line

SHORTEST = 1.0
"""Minimum seconds between two reads."""
_SHARE = 4.0  # waits this multiple of the last reading time, so that following uses at most a fifth of a core
_NUMBERS = re.compile(r"[-−+]?\d[\d.,]*(?:e[-+]?\d+)?%?")
Said = dict[tuple[str, str], str]


def verdicts(reading: Reading) -> Said:
    """Statements about each run: findings by code, the sentences before them by their text without numbers."""
    said: Said = {}
    for evidence, findings in reading.runs:
        name = evidence.run.name
        for text in opening(evidence, findings):
            said[name, _NUMBERS.sub("", text.partition(";")[0])] = text
        for item in detected(findings):
            said[name, item.code] = f"{item.code} {item.title} ({item.severity}): {item.judgement.text}"
    for why, names in reading.declined:
        said |= {(name, why): f"not judged: {why}" for name in names}
    return said


def changes(before: Said, now: Said) -> list[str]:
    """Lines for new findings and for those that no longer hold; a verdict whose numbers changed is not reported."""
    new = [f"{name}: {text}" for (name, key), text in now.items() if (name, key) not in before]
    gone = [key for key in before if key not in now and re.fullmatch(r"[A-Z]+\d+", key[1])]
    return new + [f"{name}: {code} no longer holds" for name, code in gone]


def follow(
    paths: Sequence[Path],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    looks: int = 0,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Prints changes until it is interrupted.

    Args:
        paths: Files or folders; they may appear later.
        select: Rules to keep.
        ignore: Rules to leave out.
        looks: Maximum number of reads; 0 for unlimited.
        wait: Called to wait between two reads.

    Returns:
        Exit code 0.
    """
    known: Said = {}
    seen: dict[Path, tuple[int, int]] = {}
    done, pause = 0, SHORTEST
    try:
        while True:
            now = {file: state for path in paths for file, state in _files(path)}
            if now != seen:
                started = time.monotonic()
                seen, said = now, verdicts(read_and_judge(paths, select, ignore))
                for line in changes(known, said):
                    click.echo(one_line(line, 600))
                known = said
                pause = max(SHORTEST, _SHARE * (time.monotonic() - started))
            elif not now and not done:
                click.echo(f"waiting for {', '.join(map(str, paths))}", err=True)
            done += 1
            if looks and done >= looks:
                return 0
            wait(pause)
    except KeyboardInterrupt:
        return 0


def _files(path: Path) -> list[tuple[Path, tuple[int, int]]]:
    """The files under a path with size and time of the last change; those that vanish meanwhile are left out."""
    found = []
    for file in [path] if path.is_file() else path.rglob("*"):
        try:
            state = file.stat()
        except OSError:
            continue
        if file.is_file():
            found.append((file, (state.st_size, state.st_mtime_ns)))
    return found
