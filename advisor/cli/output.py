"""Printing shared by the commands: results, errors, progress."""

import os
import sys
from typing import TYPE_CHECKING

import click

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.schema.base import Part
    from advisor.search.observer import Observer

FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form on stdout.")


def say(error: AdvisorError) -> None:
    """Prints an error to stderr: expected, found, do."""
    for head, text in (
        ("error: expected", error.expected),
        ("       found   ", error.found),
        ("       do      ", error.do),
    ):
        click.echo(f"{head} {' '.join(text.split())}", err=True)


def print_result(form: str, report: "Part", lines: list[str]) -> None:
    """Prints a result in the requested form."""
    from advisor.schema.base import plain
    from advisor.utils.jsonio import dumps

    click.echo(dumps(plain(report), indent=1) if form == "json" else "\n".join(lines))


def observer_for(quiet: bool, plain: bool) -> "Observer":
    """The progress display for this terminal; silent if ``quiet``."""
    from advisor.app.progress import Live, Plain
    from advisor.search.observer import Observer

    if quiet:
        return Observer()
    fancy = sys.stderr.isatty() and not plain and os.environ.get("TERM") != "dumb"
    return Live() if fancy else Plain()


def width() -> int:
    """Columns for the result: those of the terminal, between 60 and 200."""
    import shutil

    return min(200, max(60, shutil.get_terminal_size((100, 24)).columns))
