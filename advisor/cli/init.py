"""What ``advisor init`` does: run the script for a few steps, or read it; write the file; say what was found."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.errors import EXIT_USAGE, ContractError, UsageError
from advisor.init.analysis.reading import OutOfScope, read
from advisor.init.output.captured import write_captured
from advisor.init.output.writing import Written, write
from advisor.records.task import ScriptDescription
from advisor.schema.commands import InitReport
from advisor.utils.jsonio import write_atomic
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import DescribeRequest

NAME = "advisor_task.py"


def init(path: Path, arguments: tuple[str, ...], out: Path | None, force: bool, run: bool) -> InitReport:
    """Writes the file.

    Args:
        path: The script.
        arguments: Its own arguments.
        out: The file to write; None for one beside the script.
        force: Whether a file that is there is overwritten.
        run: Whether the script may be run; else its text is read only.

    Raises:
        AdvisorError: If the script cannot be read, is out of scope, or if the file is there already.
    """
    target = out or path.parent / NAME
    if target.exists() and not force:
        raise UsageError(
            "to write a new file", f"{target} is there already", "give --force, or another name with --out"
        )
    reason = ""
    if run:
        found = _described(path, arguments)
        if found.refused is None:
            written = write_captured(found, path, target, arguments)
            _write(target, written)
            return InitReport(
                script=str(path),
                file=str(target),
                ran=True,
                found=tuple(found.said),
                offers=written.offers,
                next=f"advisor diagnose {target}",
            )
        error = ContractError(**found.refused)
        if found.ran:
            raise error
        reason = error.found
    return _read(path, target, reason)


def lines(report: InitReport) -> list[str]:
    """What was written, for the terminal."""
    name = Path(report.script).name
    said = []
    if report.not_run_because:
        said.append(f"{name} could not be run, so it is read: {report.not_run_because}")
    if not report.ran:
        copied = f"so {name} is not imported: what is needed of it is copied"
        said += [*report.hazards, copied] if report.hazards else [f"{name} can be imported as it is"]
    said += [f"  {sentence}" for sentence in report.found]
    said.append(f"wrote {report.file}: {', '.join(report.offers)}")
    said += [f"  fill in: {fill}" for fill in report.fills]
    return [*said, f"next: {'fill these in, then ' if report.fills else ''}{report.next}"]


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


def _read(path: Path, target: Path, reason: str) -> InitReport:
    """Reads the script's text; ends with its exit code if that is out of scope."""
    try:
        draft = read(path)
    except OutOfScope as found:
        click.echo(f"out of scope: {found}", err=True)
        raise SystemExit(EXIT_USAGE) from found
    written = write(draft)
    _write(target, written)
    return InitReport(
        script=str(path),
        file=str(target),
        ran=False,
        not_run_because=reason,
        hazards=tuple(hazard.sentence(path.name) for hazard in draft.hazards),
        found=(*draft.found, *draft.numbers.notes),
        offers=written.offers,
        fills=written.fills,
        next=f"advisor diagnose {target}",
    )


def _write(target: Path, written: Written) -> None:
    try:
        write_atomic(target, written.text)
    except OSError as error:
        raise UsageError("a place to write to", f"{target}: {error.strerror}", "name another with --out") from error
