"""What ``advisor init`` does: run the script for a few steps, or read it; write the file; say what was found."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.errors import EXIT_USAGE, ContractError, UsageError
from advisor.init.analysis.reading import OutOfScope, read
from advisor.init.output.captured import write_captured
from advisor.init.output.writing import Written, write
from advisor.records.task import ScriptDescription
from advisor.utils.jsonio import write_atomic
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import DescribeRequest

NAME = "advisor_task.py"


def init(path: Path, arguments: tuple[str, ...], out: Path | None, force: bool, run: bool) -> int:
    """Writes the file.

    Args:
        path: The script.
        arguments: Its own arguments.
        out: The file to write; None for one beside the script.
        force: Whether a file that is there is overwritten.
        run: Whether the script may be run; else its text is read only.

    Returns:
        Exit code: 0, or 2 if the script is out of scope.

    Raises:
        AdvisorError: If the script cannot be read, is out of scope, or if the file is there already.
    """
    target = out or path.parent / NAME
    if target.exists() and not force:
        raise UsageError(
            "to write a new file", f"{target} is there already", "give --force, or another name with --out"
        )
    if run:
        found = _described(path, arguments)
        if found.refused is None:
            written = write_captured(found, path, target, arguments)
            _write(target, written)
            for sentence in found.said:
                click.echo(f"  {sentence}")
            click.echo(f"wrote {target}: {', '.join(written.offers)}")
            click.echo(f"next: advisor diagnose {target}")
            return 0
        error = ContractError(**found.refused)
        if found.ran:
            raise error
        click.echo(f"{path.name} could not be run, so it is read: {error.found}")
    return _read(path, target)


def _described(path: Path, arguments: tuple[str, ...]) -> ScriptDescription:
    """Runs the script in a worker process."""
    click.echo(f"running {path.name} in a sandbox until it has made a few steps", err=True)
    site = LocalWorkers()
    worker = site.start()
    try:
        return worker.call(DescribeRequest(str(path), arguments))
    finally:
        worker.close()
        site.close()


def _read(path: Path, target: Path) -> int:
    """Reads the script's text, and says what is left to fill in."""
    try:
        draft = read(path)
    except OutOfScope as reason:
        click.echo(f"out of scope: {reason}", err=True)
        return EXIT_USAGE
    written = write(draft)
    _write(target, written)
    for line in _report(draft.script.path.name, [h.sentence(path.name) for h in draft.hazards]):
        click.echo(line)
    for sentence in (*draft.found, *draft.numbers.notes):
        click.echo(f"  {sentence}")
    click.echo(f"wrote {target}: {', '.join(written.offers)}")
    for fill in written.fills:
        click.echo(f"  fill in: {fill}")
    click.echo(f"next: {'fill these in, then ' if written.fills else ''}advisor diagnose {target}")
    return 0


def _write(target: Path, written: Written) -> None:
    try:
        write_atomic(target, written.text)
    except OSError as error:
        raise UsageError("a place to write to", f"{target}: {error.strerror}", "name another with --out") from error


def _report(name: str, sentences: list[str]) -> list[str]:
    if not sentences:
        return [f"{name} can be imported as it is"]
    return [*sentences, f"so {name} is not imported: what is needed of it is copied"]
