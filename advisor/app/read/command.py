"""``advisor read``: reads, judges, prints, writes the page."""

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.app.read.result import lines, read_and_judge, report_of
from advisor.errors import EXIT_USAGE, AdvisorError, UsageError
from advisor.report.formatting import one_line
from advisor.schema.base import plain
from advisor.utils.jsonio import dumps, write_atomic


def grouped(failures: Sequence[AdvisorError]) -> list[tuple[str, str, str]]:
    """Expected, found and do of each failure; failures that differ only in the file are merged."""
    sets: dict[tuple[str, str, str], list[str]] = {}
    for item in failures:
        file, mark, rest = item.found.partition(": ")
        key = (item.expected, rest, item.do) if mark else (item.expected, item.found, item.do)
        sets.setdefault(key, []).append(file)
    made = []
    for (expected, rest, do), files in sets.items():
        first = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
        made.append((expected, rest if rest == files[0] else f"{first}: {rest}", do))
    return made


def read(paths: Sequence[Path], select: Sequence[str], ignore: Sequence[str], page: Path | None, form: str) -> int:
    """Prints the result to stdout and one message per unreadable file to stderr.

    Returns:
        Exit code: 0, or 2 if nothing could be read.

    Raises:
        UsageError: If a rule is unknown or the page cannot be written.
    """
    reading = read_and_judge(paths, select, ignore)
    for expected, found, do in grouped(reading.failures):
        click.echo(f"error: expected {one_line(expected, 300)}", err=True)
        click.echo(f"       found    {one_line(found, 500)}", err=True)
        click.echo(f"       do       {one_line(do, 300)}", err=True)
    if form == "json":
        click.echo(dumps(plain(report_of(reading)), indent=1))
    elif reading.something:
        click.echo("\n".join(lines(reading)))
    if page is not None and reading.something:
        from advisor.app.read.page import page as render

        try:
            write_atomic(page, render(reading))
        except OSError as error:
            raise UsageError("a writable file for the page", f"{page}: {error}", "name another file") from error
        click.echo(f"report {one_line(str(page), 500)}", err=True)
    return 0 if reading.something else EXIT_USAGE
