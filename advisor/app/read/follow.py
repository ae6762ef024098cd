"""``advisor read --follow``: reads a log again as it grows, and speaks when a verdict changes."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from advisor.app.read.opening import opening
from advisor.app.read.result import Reading, read_and_judge
from advisor.report.formatting import one_line
from advisor.rules.finding import Verdict

INTERVAL = 10.0
"""Seconds between two looks."""
Said = dict[tuple[str, str], str]


def verdicts(reading: Reading) -> Said:
    """What is said of each run: its findings by code; what comes before them under an empty code if there are none."""
    said: Said = {}
    for evidence, findings in reading.runs:
        name = evidence.run.name
        spoken = [item for item in findings if item.judgement.verdict == Verdict.DETECTED]
        for item in spoken:
            said[name, item.code] = f"{item.title} ({item.severity}): {item.judgement.text}"
        if not spoken:
            said[name, ""] = "; ".join(opening(evidence, findings))
    return said


def changes(before: Said, now: Said) -> list[str]:
    """Lines for what is new and for what no longer holds; a verdict whose numbers moved is none."""
    new = [f"{name}: {f'{code} ' if code else ''}{text}" for (name, code), text in now.items()
           if (name, code) not in before]  # fmt: skip
    return new + [f"{name}: {code} no longer holds" for name, code in before if (name, code) not in now and code]


def follow(
    paths: Sequence[Path],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    looks: int = 0,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Prints what changes until it is interrupted.

    Args:
        paths: Files or folders.
        select: Rules to keep.
        ignore: Rules to leave out.
        looks: How often to look; 0 for ever.
        wait: Waits between two looks.

    Returns:
        Exit code 0.
    """
    known: Said = {}
    sizes: dict[Path, int] = {}
    done = 0
    while True:
        now = {file: file.stat().st_size for path in paths for file in _files(path)}
        if now != sizes:
            sizes, said = now, verdicts(read_and_judge(paths, select, ignore))
            for line in changes(known, said):
                click.echo(one_line(line, 600))
            known = said
        done += 1
        if looks and done >= looks:
            return 0
        wait(INTERVAL)


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [item for item in path.rglob("*") if item.is_file()]
