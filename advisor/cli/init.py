"""What ``advisor init`` does: read, write the file beside the script, say what was found and what is left."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.errors import EXIT_USAGE, UsageError
from advisor.init.analysis.reading import OutOfScope, read
from advisor.init.output.writing import write
from advisor.utils.jsonio import write_atomic

NAME = "advisor_task.py"


def init(path: Path, out: Path | None, force: bool) -> int:
    """Writes the file.

    Returns:
        Exit code: 0, or 2 if the script is out of scope.

    Raises:
        AdvisorError: If the script cannot be read, or the file is there already.
    """
    target = out or path.parent / NAME
    if target.exists() and not force:
        raise UsageError(
            "to write a new file", f"{target} is there already", "give --force, or another name with --out"
        )
    try:
        draft = read(path)
    except OutOfScope as reason:
        click.echo(f"out of scope: {reason}", err=True)
        return EXIT_USAGE
    written = write(draft)
    try:
        write_atomic(target, written.text)
    except OSError as error:
        raise UsageError("a place to write to", f"{target}: {error.strerror}", "name another with --out") from error
    for line in _report(draft.script.path.name, [h.sentence(path.name) for h in draft.hazards]):
        click.echo(line)
    for sentence in (*draft.found, *draft.numbers.notes):
        click.echo(f"  {sentence}")
    click.echo(f"wrote {target}: {', '.join(written.offers)}")
    for fill in written.fills:
        click.echo(f"  fill in: {fill}")
    click.echo(f"next: {'fill these in, then ' if written.fills else ''}advisor diagnose {target}")
    return 0


def _report(name: str, sentences: list[str]) -> list[str]:
    if not sentences:
        return [f"{name} can be imported as it is"]
    return [*sentences, f"so {name} is not imported: what is needed of it is copied"]
